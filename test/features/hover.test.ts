import { describe, expect, it } from 'vitest';
import { hover } from '../../server/src/features/hover.ts';
import { LATE_COMMIT, PAST, SIX, cursorOn, fixture } from './cursor.ts';
import type { Fixture } from './cursor.ts';

function text(at: Fixture): string {
  return hover(at.analysis(), at.position)?.markdown ?? '';
}

describe('hover on a message of a trace', () => {
  it('tells its epoch and what the receiver had seen, from whom and when', () => {
    const told = text(cursorOn(LATE_COMMIT, 'commit', '@12ms'));
    expect(told).toContain('`A → C`');
    expect(told).toContain('Its epoch is `{1,1}`. `C` had seen');
    expect(told).toContain('`C` had seen `{2,0}`, from `B` at 11 ms: **newer**');
  });

  it('tells when a message was lost', () => {
    expect(text(cursorOn(LATE_COMMIT, 'commit', '@14ms..lost'))).toContain('**lost**');
  });

  it('tells when it had not arrived', () => {
    const open = LATE_COMMIT.replace('@14ms..lost', '@14ms..');
    expect(text(cursorOn(open, 'commit', '@14ms..'))).toContain('not delivered when the record ends');
  });

  it('explains the word', () => {
    expect(text(cursorOn(LATE_COMMIT, 'heartbeat'))).toMatch(/`heartbeat`: \w+/);
  });

  it('on an event of a node names what it had seen', () => {
    expect(text(cursorOn(LATE_COMMIT, 'applies'))).toContain('`C` had seen `{2,0}`');
  });
});

describe('hover on a transaction of znodes', () => {
  const ZNODES = `scenario "s" {
  protocol zab
  nodes A B C
  clients c1
  at 0ms c1 creates /a = 1
  at 200ms c1 does { sets /a = 2; checks /a if version 0; removes /b }
}
`;
  it('tells what became of each step, and what the words mean', () => {
    const told = text(cursorOn(ZNODES, 'checks'));
    expect(told).toContain('it certainly did not happen (taken back; its version is 1; not tried)');
    expect(told).toContain('`checks` – all fails unless the znode is there, in this version: `checks /cfg if version 2`');
  });

  it('shows both forms of a transaction as code', () => {
    expect(text(cursorOn(ZNODES, 'does'))).toContain('`does { reads x; writes y = 2 }`, or `does { creates /a = 1; removes /b }`');
  });

  it('shows where spare nodes stand', () => {
    expect(text(cursorOn(ZNODES, 'nodes'))).toContain('`nodes A B C, spare D E`');
  });
});

describe('hover on an epoch', () => {
  it('names its leader', () => {
    expect(text(cursorOn(LATE_COMMIT, '{2,0}'))).toContain('`B` **leads** `{2}`');
  });
});

describe('hover in a scenario', () => {
  it('on `stable` tells what it ended, and what the word means', () => {
    const told = text(fixture('scenario "t" {\n  protocol raft\n  nodes A B C\n  sta$0ble from 100ms\n  at 50ms pause B\n  run to 200ms\n}\n'));
    expect(told).toMatch(/the network is now `stable`[\s\S]*`B`[\s\S]*from when on nothing more goes wrong/);
  });

  it('on an operation lists the messages it caused and how it ended', () => {
    const told = text(cursorOn(SIX, 'writes', 'w1:'));
    expect(told).toMatch(/✓ \*\*`c1`\*\* acknowledged after [\d.]+ ms by `A`, asked at 600 ms/);
    expect(told).toMatch(/It caused \d+ messages/);
    expect(told).toContain('propose');
  });

  it('tells messages that say the same and fare the same in one row', () => {
    const told = text(cursorOn(SIX, 'writes', 'w1:')).replaceAll('\u00A0', ' ');
    expect(told).toMatch(/\| 600 ms \| `c1 → A` \| `write k = 1` \| arrived at [\d.]+ ms \|/);
    expect(told).toMatch(/\| `A → D E F` × 9 \| `propose k = 1 \{1,1\}` \| \*\*lost\*\* \(the partition\) \|/);
    expect(told).toMatch(/\| `B C D F → A` \| `accept k = 1 \{1,1\}` \| arrived by/);
    expect(told.split('\n').length).toBeLessThan(20);
  });

  it('tells of leases: when they held in true time, and what a clock did to them', () => {
    const lease = (clock: string): string => `scenario "l" {\n  protocol primary-backup like leases\n  nodes A B C\n  network delay 5ms\n  at 45ms isolate A\n  at 60ms ${clock}\n  run to 300ms\n}\n`;
    expect(text(fixture(lease('clock A runs 0.5x').replace('nodes A', 'nodes $0A')))).toContain('Trusts a lease of `{1}` from 0 ms to 140 ms');
    const told = text(fixture(lease('cl$0ock A runs 0.5x')));
    expect(told).toContain('run at 0.5× true time');
    expect(told).toContain('`A` trusts a lease `{1}` from 0 ms to 140 ms');
    expect(text(fixture(lease('cl$0ock A jumps -1s')))).toContain('wall clock `jumps -1s`; its timers do not notice');
  });

  it('on a transfer lists the messages it caused', () => {
    const told = text(fixture('scenario "t" {\n  protocol raft\n  nodes A B C\n  at 100ms trans$0fer A to B\n  run to 200ms\n}\n'));
    expect(told).toMatch(/It caused \d+ messages/);
    expect(told).toContain('`timeout-now');
  });

  it('on a label says how the operation ended', () => {
    expect(text(cursorOn(SIX, 'w2', 'expect w1'))).toContain('acknowledged');
  });

  it('on a node tells its reigns and its end', () => {
    const told = text(cursorOn(SIX, 'E', 'nodes'));
    expect(told).toContain('**node** `E`');
    expect(told).toMatch(/Leads `\{\d+\}` from/);
    expect(told).toContain('k = ');
  });

  it('on a client lists its operations', () => {
    expect(text(cursorOn(SIX, 'c2', 'clients'))).toContain('`c2 writes k = 2`');
  });

  it('on a client in a partition is about the client', () => {
    expect(text(cursorOn(SIX, 'c1', 'partition'))).toContain('**client** `c1`');
  });

  it('on a fault tells what it stopped', () => {
    expect(text(cursorOn(SIX, 'partition'))).toMatch(/Lost because of it: \d+ messages/);
  });

  it('on an expectation says whether it is met', () => {
    expect(text(cursorOn(SIX, 'expect', 'E leads'))).toContain('As expected');
  });

  it('on a violation word explains it and shows where it was found', () => {
    const at = cursorOn(SIX, 'split-brain');
    const found = hover(at.analysis(), at.position);
    expect(found?.markdown).toContain('Found in this block');
    expect(found?.page).toBe('violations/split-brain');
  });

  it('on a protocol and a preset explains them', () => {
    expect(text(cursorOn(SIX, 'primary-backup'))).toContain('Presets:');
    expect(text(cursorOn(SIX, 'timers'))).toContain('**preset** `timers`');
  });

  it('on a knob and its value', () => {
    const document = 'scenario "x" {\n  protocol primary-backup {\n    votes majority\n  }\n  nodes A B C\n}\n';
    expect(text(cursorOn(document, 'votes'))).toContain('Here it is `majority`, set on line 3');
    expect(text(cursorOn(document, 'majority'))).toContain('`votes majority`');
  });

  it('on a message pattern lists what fits, the chosen one marked', () => {
    const document = `scenario "x" {
  protocol 2pc
  nodes A B C
  clients c1
  at 0ms c1 writes k = 3 to A
  when C -> A accept #1 crash A
}
`;
    expect(text(cursorOn(document, 'accept'))).toMatch(/1 message of the run fits:[\s\S]*\*\*#1\*\*/);
  });
});

describe('hover in a history', () => {
  it('on an open operation says it may have happened', () => {
    expect(text(cursorOn(PAST, 'writes', 'D  50'))).toContain('may have happened');
  });

  it('on an operation without a place gives the order of what came before', () => {
    const told = text(cursorOn(PAST, 'reads', 'B  45'));
    expect(told).toMatch(/What ended before 48 has an order:[\s\S]*B writes k = 1[\s\S]*B writes k = 5[\s\S]*C writes k = 8/);
    expect(told).toMatch(/B reads k: 5 .*has no place among them/);
  });

  it('on the name of a history that is fine gives an order', () => {
    const told = text(cursorOn(PAST.replace('45..48', '40..48'), 'history'));
    expect(told).toMatch(/An order that explains k:\n\n- B writes k = 1[^\n]*\n- B writes k = 5[^\n]*\n- B reads k: 5[^\n]*\n- C writes k = 8/);
  });
});

describe('hover', () => {
  it('says nothing between words, in comments and outside blocks', () => {
    expect(text(fixture('$0\n'))).toBe('');
    expect(text(fixture('// a comm$0ent\n'))).toBe('');
  });

  it('never reads names of the document as Markdown or HTML', () => {
    const at = fixture('scen$0ario "<img src=x> [a](b) `c` **d**" {\n  protocol primary-backup\n  nodes A\n}\n');
    const told = text(at);
    expect(told).not.toContain('<img');
    expect(told).not.toMatch(/(^|[^\\])\[a\]/);
  });
});
