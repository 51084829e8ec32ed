import { describe, expect, it } from 'vitest';
import { definition, highlights, prepareRename, references, rename } from '../../server/src/features/references.ts';
import { SIX, cursorOn, edited, fixture, marks } from './cursor.ts';
import type { Fixture } from './cursor.ts';

const TWO = `scenario "one" {
  protocol primary-backup
  nodes A B
  clients c1
  at 1ms w1: c1 writes A = 1 to A
  at 9ms isolate A
  expect w1 acked
}
scenario "two" {
  protocol primary-backup
  nodes A B
  at 1ms crash A
}
`;

const places = (at: Fixture): string[] => marks(at.text, references(at.document, at.position, true));
const renamed = (at: Fixture, to: string): string => {
  const result = rename(at.document, at.position, to);
  if (result.kind === 'refused') throw new Error(result.reason);
  return edited(at.text, result.value);
};
const refusal = (at: Fixture, to: string): string => {
  const result = rename(at.document, at.position, to);
  return result.kind === 'refused' ? result.reason : '';
};

describe('definition', () => {
  it('of a node is where `nodes` names it', () => {
    const at = cursorOn(SIX, 'E', 'to E');
    expect(definition(at.document, cursorOn(SIX, 'E leads').position)).toEqual({ line: 2, start: 19, end: 20 });
  });

  it('of a client in a partition is where `clients` names it', () => {
    const at = cursorOn(SIX, 'c1', 'partition');
    expect(marks(at.text, [definition(at.document, at.position)!])).toEqual(['3:c1']);
  });

  it('of a label is the operation', () => {
    const at = cursorOn(SIX, 'w2', 'expect w1');
    expect(marks(at.text, [definition(at.document, at.position)!])).toEqual(['9:w2']);
  });
});

describe('references', () => {
  it('stay within the block and leave keys of the same name alone', () => {
    expect(places(cursorOn(TWO, 'A', 'nodes'))).toEqual(['2:A', '4:A', '5:A']);
  });

  it('know the nodes of messages that change places', () => {
    const swap = 'scenario "s" {\n  nodes A B C\n  swap A -> B commit {1} #1 and C -> B commit\n  at 1ms suspend B for 2s, messages first\n}\n';
    expect(places(cursorOn(swap, 'B', 'A '))).toEqual(['1:B', '2:B', '2:B', '3:B']);
  });

  it('of a label include what is expected of it', () => {
    expect(places(cursorOn(TWO, 'w1'))).toEqual(['4:w1', '6:w1']);
  });

  it('may leave the declaration out', () => {
    const at = cursorOn(TWO, 'w1');
    expect(marks(at.text, references(at.document, at.position, false))).toEqual(['6:w1']);
  });
});

describe('highlights', () => {
  it('are the mentions near the cursor', () => {
    const at = cursorOn(TWO, 'A', 'isolate');
    expect(marks(at.text, highlights(at.document, at.position))).toEqual(['2:A', '4:A', '5:A']);
  });
});

describe('rename', () => {
  it('changes every mention in the block and no other', () => {
    const after = renamed(cursorOn(TWO, 'A', 'isolate'), 'leader');
    expect(after.split('\n').slice(0, 7)).toEqual(['scenario "one" {', '  protocol primary-backup', '  nodes leader B', '  clients c1',
      '  at 1ms w1: c1 writes A = 1 to leader', '  at 9ms isolate leader', '  expect w1 acked']);
    expect(after).toContain('crash A');
  });

  it('of a node in a partition, written twice on a line', () => {
    expect(renamed(cursorOn(SIX, 'D', 'nodes'), 'dora')).toContain('{dora E F c2}');
  });

  it('refuses what cannot be a name, saying why', () => {
    expect(refusal(cursorOn(TWO, 'A', 'nodes'), '9 lives')).toContain('begin with a letter');
    expect(refusal(cursorOn(TWO, 'A', 'nodes'), '')).toContain('cannot be a name');
  });

  it('refuses a name that is taken', () => {
    expect(refusal(cursorOn(TWO, 'A', 'nodes'), 'B')).toContain('already a node');
    expect(refusal(cursorOn(TWO, 'A', 'nodes'), 'c1')).toContain('already a client');
  });

  it('refuses words that name nothing', () => {
    const at = cursorOn(TWO, 'protocol');
    expect(prepareRename(at.document, at.position).kind).toBe('refused');
  });

  it('refuses nodes that only a count names', () => {
    const at = fixture('scenario "x" {\n  protocol primary-backup\n  nodes 3\n  at 1ms crash n$02\n}\n');
    expect(refusal(at, 'other')).toContain('write the names out');
  });
});

describe('members', () => {
  const MEMBERS = `scenario "members" {
  protocol raft
  nodes A B spare D
  clients c1
  at 1ms m1: add D via A
  at 2ms replace B by D
  at 3ms change members to A D
  at 4ms crash B
  at 5ms restart B blank as D
  cut admin -> A
  expect members A D
}
`;

  it('are renamed wherever a change or an expectation names them', () => {
    const text = renamed(cursorOn(MEMBERS, 'D', 'spare'), 'E');
    expect(text.match(/\bE\b/g)).toHaveLength(6);
    expect(text).not.toMatch(/\bD\b/);
    expect(renamed(cursorOn(MEMBERS, 'A', 'via'), 'F')).toContain('add D via F');
  });

  it('who asks for the changes keeps its name', () => {
    expect(refusal(cursorOn(MEMBERS, 'admin', 'cut'), 'root')).toContain('keeps its name');
  });
});
