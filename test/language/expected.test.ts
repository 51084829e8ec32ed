/** What could stand at the cursor (`$0`): fixed words, and `<role>` for names. */
import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../server/src/language/parser.ts';
import { expectedAt } from '../../server/src/language/tokens.ts';
import type { Expected } from '../../server/src/language/syntax.ts';

function expectedIn(source: string): readonly Expected[] {
  const offset = source.indexOf('$0');
  const before = source.slice(0, offset).split('\n');
  const document = parseDocument(source.replace('$0', ''));
  return expectedAt(document, before.length - 1, before[before.length - 1]!.length);
}

function shown(source: string): string[] {
  return expectedIn(source).map((each) => (each.kind === 'word' ? each.text : each.owner === undefined ? `<${each.role}>` : `<${each.role} of ${each.owner}>`));
}

const scenario = (line: string): string => `scenario "s" {\n  protocol primary-backup\n  nodes A B\n  clients c1\n  ${line}\n}\n`;
const trace = (line: string): string => `trace "s" {\n  protocol primary-backup\n  nodes A B\n  ${line}\n}\n`;
const history = (line: string): string => `history "s" {\n  ${line}\n}\n`;

const HEADERS = ['protocol', 'nodes', 'clients', 'resource', 'network', 'shards', 'timeouts', 'seed', 'run', 'stable', 'expect', 'explore'];
const FAULTS = ['crash', 'restart', 'pause', 'suspend', 'resume', 'timeout', 'transfer', 'partition', 'isolate', 'cut', 'heal', 'slow', 'drop', 'swap', 'hold', 'release', 'duplicate', 'replay', 'corrupt', 'clock', 'disk'];
const CHANGES = ['add', 'remove', 'replace', 'change'];
const VERBS = ['writes', 'reads', 'adds', 'cas', 'deletes', 'appends', 'moves', 'does',
  'creates', 'sets', 'removes', 'gets', 'lists', 'checks', 'syncs', 'closes', 'locks', 'unlocks', 'uses'];

describe('between blocks', () => {
  it.each(['$0', 'sce$0', 'scenario "s" {\n}\n$0', 'foo\n$0'])('%j', (source) => {
    expect(shown(source)).toEqual(['scenario', 'trace', 'history']);
  });
  it.each([['scenario $0', ['<string>']], ['scenario "x" $0', ['{']], ['scenario "x$0', []], ['// $0', []], ['foo $0', []]])('%j', (source, expected) => {
    expect(shown(source as string)).toEqual(expected);
  });
});

describe('in a scenario', () => {
  it.each(['$0', 'no$0'])('a statement begins: %j', (line) => {
    expect(shown(scenario(line))).toEqual([...HEADERS, 'at', 'when', 'every', '<duration>', ...FAULTS, ...CHANGES, '<client>', '<label-definition>', '<node>']);
  });
  it.each<readonly [string, readonly string[]]>([
    ['protocol $0', ['<protocol>']],
    ['protocol raft $0', ['like', '{']],
    ['protocol raft like $0', ['<preset of raft>']],
    ['protocol raft { $0', ['<knob of raft>']],
    ['protocol raft { commit-old-terms $0 }', ['<knob-value of commit-old-terms>']],
    ['protocol raft {\n    $0\n  }', ['<knob of primary-backup>']],
    ['protocol raft {\n    votes $0\n  }', ['<knob-value of votes>']],
    ['nodes $0', ['<number>', '<node-definition>']],
    ['nodes A B $0', [',']],
    ['nodes A B, $0', ['spare']],
    ['nodes A B, sp$0', ['spare']],
    ['nodes A B, spare $0', ['<node-definition>']],
    ['network $0', ['<node>', '<client>', 'delay', 'loss', 'duplicates', 'unordered', 'fifo']],
    ['network delay 5ms$0', ['..']],
    ['network delay 5ms $0', ['..']],
    ['run $0', ['to']],
    ['stable $0', ['from']],
    ['stable from $0', ['<time>']],
    ['at $0', ['<time>']],
    ['at 5ms $0', [...FAULTS, ...CHANGES, '<client>', '<label-definition>', '<node>']],
    ['at 5ms cr$0', [...FAULTS, ...CHANGES, '<client>', '<label-definition>', '<node>']],
    ['at 5ms crash $0', ['<node>', '*']],
    ['at 5ms crash A $0', ['losing', 'before', 'after']],
    ['at 5ms crash A losing $0', ['disk', 'unsynced']],
    ['at 5ms crash A losing unsynced $0', ['but', 'before', 'after']],
    ['at 5ms crash A losing unsynced but the $0', ['first']],
    ['at 5ms suspend A $0', ['for']],
    ['at 5ms suspend A for 5ms $0', [',']],
    ['at 5ms resume A $0', [',']],
    ['at 5ms resume A, $0', ['messages']],
    ['at 5ms crash A after $0', ['<number>', 'fsync']],
    ['at 5ms c1 $0', ['lies', 'forges', ...VERBS]],
    ['at 5ms w1: $0', ['<client>', ...CHANGES]],
    ['at 5ms add $0', ['<node>']],
    ['at 5ms m1: add B $0', ['<node>', 'via', 'within']],
    ['at 5ms replace A $0', ['by']],
    ['at 5ms change $0', ['members']],
    ['at 5ms restart A $0', ['blank']],
    ['at 5ms restart A blank $0', ['as']],
    ['at 5ms w1: c1 $0', VERBS],
    ['at 5ms c1 writes $0', ['<key>']],
    ['at 5ms c1 writes k $0', ['=']],
    ['at 5ms c1 writes k = $0', ['<value>']],
    ['at 5ms c1 writes k = 1 $0', ['to', 'from', 'within']],
    ['at 5ms c1 writes k = 1 to $0', ['<node>']],
    ['at 5ms c1 writes k = 1 within 5ms $0', ['retrying', 'to', 'from']],
    ['at 5ms c1 does { $0', ['writes', 'reads', 'adds', 'cas', 'deletes', 'appends', 'creates', 'sets', 'removes', 'checks']],
    ['at 5ms c1 does { reads x; $0', ['writes', 'reads', 'adds', 'cas', 'deletes', 'appends']],
    ['at 5ms c1 does { removes /a; $0', ['creates', 'sets', 'removes', 'checks']],
    ['at 5ms c1 does { checks /a $0', ['if', ';', '}']],
    ['when $0', ['<label>', '<node>', '<client>', '*']],
    ['when A $0', ['->', 'sends', 'leads', 'times', 'acked', 'answered']],
    ['when A -> $0', ['<node>', '<client>', '*']],
    ['when A -> B $0', ['<message>', '*']],
    ['when A -> B commit $0', ['#', '<epoch>', ...FAULTS, ...CHANGES, '<client>', '<label-definition>', '<node>']],
    ['50ms $0', ['after']],
    ['partition {A $0', ['<node>', '<client>', '*', '}']],
    ['partition {A} | {B} $0', ['|', 'losing', 'delivering', 'holding']],
    ['cut A -> B $0', ['losing', 'delivering', 'holding']],
    ['cut A -> B holding what is on $0', ['its']],
    ['hold A -> B commit $0', ['#', '<epoch>', 'until']],
    ['swap A -> B commit #1 $0', ['and']],
    ['swap A -> B commit #1 and $0', ['<message>', '<node>', '*']],
    ['swap A -> B commit #1 and C -> $0', ['<node>', '<client>', '*']],
    ['hold A -> B commit until $0', ['<time>', 'released', '<label>', '<node>', '<client>', '*']],
    ['at 0ms clock A $0', ['runs', 'jumps']],
    ['expect $0', ['<violation>', '<node>', '<label>', '<key>', 'no', 'members', 'progress']],
    ['expect no $0', ['violations', 'leader', '<violation>']],
    ['expect A $0', ['leads', 'acked', 'failed', 'unanswered', '=', '<label>', 'on', '<node>', 'by']],
    ['expect A leads $0', ['epoch', 'by']],
    ['expect k = 1 on $0', ['<node>']],
    ['explore {\n    $0\n  }', ['operations', 'faults', 'steps', 'schedules', 'exhaustively']],
    ['crsh $0', []],
    ['at 5ms crash A B $0', []],
  ])('%j', (line, expected) => {
    const found = shown(scenario(line));
    expect([...found].sort()).toEqual([...expected].sort());
  });

  it('explains each word in a line', () => {
    const words = expectedIn(scenario('at 5ms $0')).filter((each) => each.kind === 'word');
    expect(words.length).toBe(FAULTS.length + CHANGES.length);
    for (const word of words) expect(word.about).toMatch(/^.{10,}$/);
  });
});

describe('in a trace', () => {
  it.each<readonly [string, readonly string[]]>([
    ['$0', ['protocol', 'nodes', 'clients', 'resource', 'shards', '@', '<client>', '<node>']],
    ['@$0', ['<time>']],
    ['@1ms..$0', ['lost', '<time>']],
    ['@1ms..2ms $0', ['<client>', '<node>']],
    ['@1ms..2ms A -> $0', ['<client>', '<node>']],
    ['@1ms..2ms A -> B $0', ['<message>']],
    ['@1ms..2ms A -> B accept $0', ['<epoch>']],
    ['A votes $0', ['<epoch>', '<node>']],
  ])('%j', (line, expected) => {
    expect([...shown(trace(line))].sort()).toEqual([...expected].sort());
  });

  it('offers what a node does', () => {
    expect(shown(trace('@1ms A $0'))).toContain('applies');
    expect(shown(trace('@1ms A app$0'))).toContain('applies');
  });
});

describe('in a history', () => {
  it.each<readonly [string, readonly string[]]>([
    ['$0', ['model', 'consistency', '<client>']],
    ['consistency $0', ['linearizable', 'sequential', 'serializable']],
    ['model $0', ['register', 'list', 'set', 'queue', 'mutex', 'counter']],
    ['B 4..$0', ['<number>']],
    ['B 4..11 reads k $0', ['ok', 'failed', 'unknown', '<value>']],
  ])('%j', (line, expected) => {
    expect(shown(history(line))).toEqual(expect.arrayContaining([...expected]));
  });
});
