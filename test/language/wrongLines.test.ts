/** One wrong line gives exactly one problem, at the wrong word, and everything else still stands. */
import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../server/src/language/parser.ts';
import { problemsOf, statementsOf } from './support.ts';

const scenario = (line: string): string => `scenario "s" {\n  protocol primary-backup\n  nodes A B C\n${line}\n  expect no violations\n}\n\nscenario "t" {\n  nodes D E\n}\n`;
const trace = (line: string): string => `trace "s" {\n  protocol primary-backup\n  nodes A B C\n${line}\n  @9ms A leads {1,0}\n}\n\nscenario "t" {\n  nodes D E\n}\n`;
const history = (line: string): string => `history "s" {\n  B 1..2 writes k = 1 ok\n  B 3..4 reads k 1\n${line}\n  B 5..6 reads k 1\n}\n\nscenario "t" {\n  nodes D E\n}\n`;

type Case = readonly [line: string, word: string, message: string | RegExp, suggestion?: string];

const SCENARIO: readonly Case[] = [
  ['at 100 crash A', '100', /a time with its unit/, '100ms'],
  ['at 100sec crash A', '100sec', /in us, ms, s or min/],
  ['at 5ms crsh A', 'crsh', /^expected an operation or a fault \(.*found 'crsh'\. Did you mean 'crash'\?$/, 'crash'],
  ['at 5ms crash', 'crash', "expected a node or '*', found the end of the line"],
  ['at 5ms transfer A B', 'B', "expected 'to', found 'B'"],
  ['at 5ms transfer A to', 'to', "expected a node or '*', found the end of the line"],
  ['at 5ms crash A B', 'B', "expected 'losing', 'before', 'after' or the end of the line, found 'B'"],
  ['at 5ms crash A loosing disk', 'loosing', /Did you mean 'losing'\?$/, 'losing'],
  ['at 5ms c1 creates cfg = 5', 'cfg', /^expected a path, found 'cfg'\. Did you mean '\/cfg'\?$/, '/cfg'],
  ['at 5ms c1 writes /cfg = 5', '/cfg', /^expected a key, found the path '\/cfg'; for znodes say creates/],
  ['at 5ms c1 write k = 1', 'write', /^expected what c1 does \(writes, reads, adds, cas, deletes, appends, moves, …\), found 'write'\. Did you mean 'writes'\?$/, 'writes'],
  ['at 5ms c1 writes k 1', '1', "expected '=', found '1'"],
  ['at 5ms c1 writes k = é', 'é', /means nothing here/],
  ['at 5ms c1 writes k = "abc', '"abc', /never closed/],
  ['at 5ms c1 writes 1 = k', '1', "expected a key, found '1'"],
  ['at 5ms c1 reads k within', 'within', /^expected a duration/],
  ['at 5ms c1 reads k form A', 'form', /Did you mean 'from'\?$/, 'from'],
  ['at 5ms c1 does { reads x; wites y = 2 }', 'wites', /Did you mean 'writes'\?$/, 'writes'],
  ['at 5ms c1 does { creates /a; gets /b }', 'gets', /^'gets' cannot stand in a transaction, which creates, sets, removes and checks znodes; ask for it by itself, before or after$/],
  ['at 5ms c1 does { lists /a }', 'lists', /^'lists' cannot stand in a transaction/],
  ['at 5ms c1 does { creates /a; writes k = 1 }', 'writes', /^'writes' does not go with the step before it: a transaction is of keys or of znodes; ask for two$/],
  ['at 5ms c1 does { reads k; removes /a }', 'removes', /^'removes' does not go with the step before it/],
  ['at 5ms c1 does { checks /a watching }', 'watching', /^a check in a transaction looks at nothing, so it cannot watch; say checks \/a watching by itself$/],
  ['at 5ms c1 checks /a if version 2', 'if', /^a version is checked in a transaction, before what depends on it: does \{ checks \/a if version 2/],
  ['at 5ms c1 does { creates /a; crates /b }', 'crates', /Did you mean 'creates'\?$/, 'creates'],
  ['at 5ms c1 does { reads x', 'x', "expected ';' or '}', found the end of the line"],
  ['at 5ms partition {A B C', 'C', /^expected a node, a client, '}' or '\*', found the end of the line$/],
  ['at 5ms partition {A B} {C}', '{', "expected '|', found '{'"],
  ['at 5ms partition {A B | {C}', '|', /^expected a node/],
  ['at 5ms partition {', '{', /^expected a node/],
  ['whn A leads crash B', 'whn', /Did you mean 'when'\?$/, 'when'],
  ['when A lead crash B', 'lead', /Did you mean 'leads'\?$/, 'leads'],
  ['when A -> 5 crash B', '5', "expected a node, a client or '*', found '5'"],
  ['when A -> B 7 crash B', '7', "expected a message, found '7'"],
  ['every crash A', 'crash', /^expected a duration/],
  ['50ms afer B leads crash A', 'afer', "expected 'after', found 'afer'. Did you mean 'after'?", 'after'],
  ['nods A B C', 'nods', /^expected a statement \(protocol, nodes, .*Did you mean 'nodes'\?$/, 'nodes'],
  ['nodes', 'nodes', "expected a number or a node's name, found the end of the line"],
  ['nodes A, B C', 'B', /^names of nodes stand side by side, without commas: nodes A B C; a comma goes before the spare ones/],
  ['nodes A B,', ',', "expected 'spare', found the end of the line"],
  ['nodes A B, spare', 'spare', "expected a node's name, found the end of the line"],
  ['network dely 5ms', 'dely', /Did you mean 'delay'\?$/, 'delay'],
  ['network loss 5', '5', "expected '%', found the end of the line"],
  ['timeouts E 200ms', '200ms', "expected '=', found '200ms'"],
  ['seed x', 'x', "expected a number, found 'x'"],
  ['run 2s', '2s', "expected 'to', found '2s'"],
  ['expect', 'expect', /^expected an expectation/],
  ['expect B lead by 5ms', 'lead', /Did you mean 'leads'\?$/, 'leads'],
  ['expect w1 aked', 'aked', /Did you mean 'acked'\?$/, 'acked'],
  ['hold A -> B commit', 'commit', "expected an epoch (such as {1,0}), '#' or 'until', found the end of the line"],
  ['hold A -> B commit {2,x} until 5ms', 'x', "expected a number, found 'x'"],
  ['swap A -> B commit #1', '1', "expected 'and', found the end of the line"],
  ['cut A -> B delivering all', 'all', "expected 'what', found 'all'"],
  ['at 5ms resume A, timers first', 'timers', "expected 'messages', found 'timers'"],
  ['at 5ms crash A losing unsynced but 2', '2', "expected 'the', found '2'"],
  ['slow A -> B 5ms', '5ms', "expected 'by', found '5ms'"],
  ['at 0ms clock A runs 5', '5', 'expected a rate (such as 0.5x), found \'5\''],
  ['drop A -> B commit #x', 'x', "expected a number, found 'x'"],
  ['cut A - B', '-', /means nothing here/],
  ['explore', 'explore', "expected '{', found the end of the line"],
  ['explor {\n    steps 60\n  }', 'explor', /Did you mean 'explore'\?$/, 'explore'],
  ['explore {\n    steps 60', 'expect', /the braces of 'explore' are still open/],
  ['explore {\n    operashuns c1 writes 2..3\n  }', 'operashuns', /Did you mean 'operations'\?$/, 'operations'],
  ['explore {\n    operations c1 writs 2..3\n  }', 'writs', /Did you mean 'writes'\?$/, 'writes'],
  ['explore {\n    faults crsh 3\n    steps 60\n  }', 'crsh', /Did you mean 'crash'\?$/, 'crash'],
  ['explore {\n    stepz 60\n    schedules 5\n  }', 'stepz', /Did you mean 'steps'\?$/, 'steps'],
  ['explore {\n    schedules x\n  }', 'x', "expected a number, found 'x'"],
  ['explore { schedules x }', 'x', "expected a number, found 'x'"],
  ['at 5ms partition A c1} | {B C c2}', 'A', "expected '{', found 'A'"],
  ['at 5ms partition A} B | {C}', 'A', "expected '{', found 'A'"],
  ['nodess A B C', 'nodess', /Did you mean 'nodes'\?$/, 'nodes'],
  ['at 5ms w1 c1 writes k = 1', 'c1', "expected ':', found 'c1'"],
  ['at 5ms w1; c1 writes k = 1', ';', "expected ':', found ';'"],
  ['network A => B delay 5ms', '=', "expected '->', found '='"],
  ['hold A -> B commit until releasd', 'releasd', /Did you mean 'released'\?$/, 'released'],
  ['protocol raft lik x {\n    votes majority\n  }', 'lik', /Did you mean 'like'\?$/, 'like'],
  ['protocl raft {\n    votes majority\n    foo bar\n  }', 'protocl', /Did you mean 'protocol'\?$/, 'protocol'],
  ['protocol raft {\n    votes majority', 'expect', /the braces of 'protocol' are still open/],
  ['protocol raft {\n    votes\n  }', 'votes', "expected a knob's value, found the end of the line"],
  ['\u0000\u0001\u0002', '\u0000\u0001\u0002', /^'\\u0000\\u0001\\u0002' means nothing here/],
];

const TRACE: readonly Case[] = [
  ['A -> B', 'B', 'expected a message, found the end of the line'],
  ['A -> B 5', '5', "expected a message, found '5'"],
  ['@5 A leads', '5', /a time with its unit/, '5ms'],
  ['@5ms A applys k = 1', 'applys', /^expected '->' or what A does \(leads, .*Did you mean 'applies'\?$/, 'applies'],
  ['@5ms A -> B accept {1,1', '1', "expected '}', found the end of the line"],
  ['@5ms A -> B accept {1;1}', ';', "expected ',' or '}', found ';'"],
  ['@5ms A -> B accept {1.5}', '1.5', /whole number/],
  ['@5ms A -> B accept {1} x', 'x', "expected the end of the line, found 'x'"],
  ['A > B accept', '>', /means nothing here/],
  ['A leads {', '{', /^expected a number/],
  ['expect no violations', 'expect', /stands in scenarios only/],
  ['noodes A B', 'noodes', /Did you mean 'nodes'\?$/, 'nodes'],
  ['clint c1', 'clint', /Did you mean 'clients'\?$/, 'clients'],
  ['0ms A leads {1}', '0ms', /Did you mean '@0ms'\?$/, '@0ms'],
  ['@5ms..9ms A leads {1}', '..', /'leads' happens at one moment/],
  ['@5ms..1ms B leads {1}', '..', /'leads' happens at one moment/],
  ['@5ms.. B times out', 'B', /^expected .*lost.* found 'B'/],
  ['@5ms..lost B times out', '..', /'times' happens at one moment/],
  ['protocol raft {', '@', /the braces of 'protocol' are still open/],
];

const HISTORY: readonly Case[] = [
  ['B 4..11 wrote k = 1 ok', 'wrote', /^expected what B did/, 'writes'],
  ['B 4ms..11ms writes k = 1 ok', '4ms', /bare numbers/],
  ['B 4..11 writes k = 1', '1', /^expected an outcome \(ok, failed or unknown\)/],
  ['B 4..11 reads k', 'k', /^expected an outcome \(ok, failed, unknown or a value\)/],
  ['b 6..7 writes k = 2 faild', 'faild', /'writes' returns no value\. Did you mean 'failed'\?$/, 'failed'],
  ['b 6..7 writes k = 1 okay', 'okay', /Did you mean 'ok'\?$/, 'ok'],
  ['b 6..7 cas k 1 -> 2 flse', 'flse', /Did you mean 'failed'\?$/, 'failed'],
  ['b 6..7 enqueues 1 to q 5', '5', /'enqueues' returns no value$/],
  ['b 6.. writes k = 2 unkown', 'unkown', /Did you mean 'unknown'\?$/, 'unknown'],
  ['b 6..x writes k = 2 ok', 'x', "expected a number, found 'x'"],
  ['modle register', 'modle', /Did you mean 'model'\?$/, 'model'],
  ['B 4 11 writes k = 1 ok', '11', "expected '..', found '11'"],
  ['B writes k = 1', 'writes', "expected a number, found 'writes'"],
  ['B 4..11 reads k ok ok', 'ok', "expected the end of the line, found 'ok'"],
  ['consistncy serializable', 'consistncy', /Did you mean 'consistency'\?$/, 'consistency'],
  ['consistency serialisable', 'serialisable', /Did you mean 'serializable'\?$/, 'serializable'],
  ['A 1..2 does { appends 1 to x; reads x [1 } ok', '}', /^expected/],
  ['model lst', 'lst', /Did you mean 'list'\?$/, 'list'],
  ['at 5ms crash A', 'at', /stands in scenarios only/],
];

function check(around: (line: string) => string, [line, word, message, suggestion]: Case): void {
  const document = parseDocument(around(`  ${line}`));
  const problems = problemsOf(document);
  expect(problems).toHaveLength(1);
  expect(problems[0]!.word).toBe(word);
  if (typeof message === 'string') expect(problems[0]!.message).toBe(message);
  else expect(problems[0]!.message).toMatch(message);
  expect(problems[0]!.suggestion).toBe(suggestion);
  expect(document.blocks.map((block) => block.name)).toEqual(['s', 't']);
  const others = statementsOf(parseDocument(around('')));
  const found = statementsOf(document);
  for (const statement of others) expect(found).toContain(statement);
}

const named = (cases: readonly Case[]): readonly (readonly [string, Case])[] => cases.map((each) => [each[0], each]);

describe('a wrong line in a scenario', () => {
  it.each(named(SCENARIO))('%j', (_line, each) => check(scenario, each));
});
describe('a wrong line in a trace', () => {
  it.each(named(TRACE))('%j', (_line, each) => check(trace, each));
});
describe('a wrong line in a history', () => {
  it.each(named(HISTORY))('%j', (_line, each) => check(history, each));
});

describe('a wrong shape', () => {
  const shape = (text: string): readonly string[] => problemsOf(parseDocument(text)).map(({ line, word }) => `${line}:${word}`);
  it.each<readonly [text: string, problems: readonly string[], blocks: readonly string[]]>([
    ['nodes A B\nfoo\n\nbar\n', ['0:nodes'], []],
    ['}\n', ['0:}'], []],
    ['scenaro "x" {\n  nodes A\n}\n', ['0:scenaro'], ['scenario x 0-2']],
    ['scenario x {\n  nodes A\n}\n', ['0:x'], ['scenario x 0-2']],
    ['scenario "x"\n  nodes A\n}\n', ['0:"x"'], ['scenario x 0-2']],
    ['scenario "x"\n{\n  nodes A\n}\n', ['0:"x"'], ['scenario x 0-3']],
    ['scenario "x {\n  nodes A\n}\n', ['0:"x {'], ['scenario x 0-2']],
    ['scenario {\n  nodes A\n}\n', ['0:{'], ['scenario  0-2']],
    ['scenario "x" foo {\n  nodes A\n}\n', ['0:foo'], ['scenario x 0-2']],
    ['scenario "x" {\n  nodes A\n\nscenario "y" {\n}\n', ['0:scenario'], ['scenario x 0-2', 'scenario y 3-4']],
    ['scenario "x" {\n  nodes A\n', ['0:scenario'], ['scenario x 0-2']],
    ['scenario "x" {\n  nodes A\n}\n}\n\ntrace "y" {\n}\n', ['3:}'], ['scenario x 0-2', 'trace y 5-6']],
    ['scenario "x" {\n  nodes A\n}\n  expect no violations\n  run to 2s\n}\n', ['3:expect'], ['scenario x 0-2']],
    ['experiment "x" {\n  nodes A\n}\ntrace "y" {\n}\n', ['0:experiment'], ['trace y 3-4']],
    ['scenario "x" { nodes A }\n', [], ['scenario x 0-0']],
    ['scenario "x" { nodes A', ['0:scenario'], ['scenario x 0-0']],
    ['scenario "x" {} scenario "y" {}', [], ['scenario x 0-0', 'scenario y 0-0']],
    ['scenario "x" { nodes A nodes B }', [], ['scenario x 0-0']],
    ['scenario "x" { seed 1 seed 2 }', ['0:seed'], ['scenario x 0-0']],
    ['scenario "x" { protocol raft { a b } }', [], ['scenario x 0-0']],
    ['scenario "x" { protocol raft { a b\n} nodes A\n}', [], ['scenario x 0-2']],
    ['', [], []],
  ])('%j', (text, problems, blocks) => {
    expect(shape(text)).toEqual(problems);
    expect(parseDocument(text).blocks.map(({ kind, name, start, end }) => `${kind} ${name} ${start}-${end}`)).toEqual(blocks);
  });
});

describe('garbage', () => {
  it('is reported line by line only up to a point, and a right line ends that', () => {
    const wrong = Array.from({ length: 500 }, () => '  ???').join('\n');
    const document = parseDocument(`scenario "x" {\n${wrong}\n  nodes A B\n  ???\n}\n`);
    expect(problemsOf(document)).toHaveLength(51);
    expect(statementsOf(document)).toHaveLength(1);
  });

  it('outside of blocks is one problem', () => {
    expect(problemsOf(parseDocument('???\n'.repeat(1000)))).toHaveLength(1);
  });

  it('of any size is read without recursion', () => {
    const deep = `scenario "x" {\n${'foo {\n'.repeat(20_000)}${'}\n'.repeat(20_000)}  nodes A B\n}\n`;
    expect(problemsOf(parseDocument(deep))).toHaveLength(1);
    expect(statementsOf(parseDocument(deep))).toHaveLength(1);
    expect(problemsOf(parseDocument(`scenario "x" {\n  nodes ${'A '.repeat(150_000)}\n}\n`))[0]!.message).toMatch(/longer than/);
  });
});
