import { describe, expect, it } from 'vitest';
import { differences, lowered } from './expected.ts';

function around(lines: string): string {
  return ['trace "a test" {', '  protocol primary-backup', '  nodes   A B C', '  clients c1', lines.replace(/^\n|\n\s*$/g, ''), '}'].join('\n');
}

const CASES: Readonly<Record<string, string>> = {
  'the words of the language': `
  @0ms          A leads                    {1,0}
  @1ms..2ms     c1 -> A  write k = 1
  @2ms..4ms     A -> B   propose k = 1     {1,1}
  @14ms..lost   A -> B   commit k = 1      {1,1}
  @15ms         A -> c1  ok
  B votes A {2}
  @20ms  c1 gives-up write k = 1
  @20ms  A hears B c1
  @20ms  B hears nobody
  @20ms  A leases 0ms..250ms {1}
  @20ms  A leases 10ms..250ms lasting 100ms while others wait 150ms {1}`,
  'unknown node in a message': `
  @1ms..2ms  A -> D  commit {1,1}
  //              ^ name: no node or client \`D\``,
  'unknown node in an event': `
  @1ms  D leads {1}
  //    ^ name: no node`,
  'unknown peer': `
  @1ms  A votes D {1}
  //            ^ name: no node`,
  'unknown process that is heard': `
  @1ms  A hears B D
  //              ^ name: no node`,
  'a lease without its times, or one that ends before it begins': `
  @20ms  A leases soon {1}
  //       ^^^^^^ statement: from when to when it holds
  @20ms  A leases 9ms..2ms {1}
  //       ^^^^^^ statement: from when to when it holds`,
  'message word with a slip': `
  @1ms..2ms  A -> B  comit {1,1}
  //                 ^^^^^ name: did you mean \`commit\`?`,
  'a value without its sign': `
  @1ms..2ms  A -> B  propose k 1 {1,1}
  //                           ^ statement: Between a key and its value stands \`=\``,
  'a value without its key': `
  @1ms  B applies = 1 {1,1}
  //              ^ statement: Before \`=\` stands a key`,
  'a key alone': `
  @1ms..2ms  A -> B  propose k = 1 {1,1}
  @2ms       B applies k {1,1}
  //                   ^ statement: \`k\` is a key; say what is done to it`,
  'contents that need no sign': `
  @1ms..2ms  A -> B  propose read k {1,1}
  @1ms..2ms  A -> B  propose add 5 to k {1,2}
  @2ms       B applies no-op {1,3}`,
  'what clients do not say': `
  @1ms..2ms  c1 -> A  commit
  //                  ^^^^^^ name: A client does not say \`commit\``,
  'what clients do not hear': `
  @1ms..2ms  A -> c1  write k = 1
  //                  ^^^^^ name: A client does not hear \`write\``,
  'a client that acts': `
  @1ms  c1 crashes
  //    ^^ name: is a client; only nodes do this`,
  'delivered before it is sent': `
  @5ms..2ms  A -> B  commit {1,1}
//~ quantity: delivered before it is sent`,
  'to itself': `
  @5ms  A -> A  commit {1,1}
  //         ^ name: sends itself no messages`,
  'an epoch beyond counting': `
  @5ms  A leads {99999999999}
  //            ^^^^^^^^^^^^^ quantity: at most 2147483647`,
};

describe('a trace\'s mistakes are said once, at their word', () => {
  for (const [what, lines] of Object.entries(CASES)) {
    it(what, () => { expect(differences(around(lines))).toEqual([]); });
  }

  it('a trace without nodes', () => {
    expect(differences('trace "a" {\n// ~ statement: names no nodes\n}')).toEqual([]);
  });

  it('a protocol of a later version is named, and the trace still read', () => {
    const text = 'trace "a" {\n  protocol tomorrow\n  //       ^^^^^^^^ not-in-this-version: checked by its events alone\n  nodes S1 S2\n  @1ms S1 -> S2 pre-prepare {1,1}\n}';
    expect(differences(text)).toEqual([]);
    expect(lowered(text).trace?.items).toHaveLength(1);
  });

  it('a long list of mistakes is cut short, and says so', () => {
    const wrong = Array.from({ length: 300 }, () => '  A -> D commit {1,1}');
    const { diagnostics } = lowered(['trace "a" {', '  nodes A B', ...wrong, '}'].join('\n'));
    expect(diagnostics).toHaveLength(201);
    expect(diagnostics.at(-1)).toMatchObject({ severity: 'information', message: expect.stringContaining('100 more') });
  });

  it('without a protocol any word of any protocol may be said', () => {
    expect(differences('trace "a" {\n  nodes A B\n  A -> B append-entries {1}\n  A -> B shout {1}\n  //     ^^^^^ name: No protocol has a message `shout`\n}')).toEqual([]);
  });
});

describe('a history\'s mistakes are said once, at their word', () => {
  const HISTORY: Readonly<Record<string, string>> = {
    'none': 'history "a" {\n  B 4..11 writes k = 1 ok\n  C 10..19 reads k 1\n  D 50.. writes k = 9\n}',
    'an end before the beginning': 'history "a" {\n  B 11..4 writes k = 1 ok\n  //^^^^^ quantity: ends before it begins\n}',
    'a read of nothing': 'history "a" {\n  B 4..11 reads k ok\n  //              ^^ statement: Say what came back\n}',
    'what a model does not do': 'history "a" {\n  model mutex m\n  B 4..11 writes m = 1 ok\n  //      ^^^^^^ name: A mutex has no operation `writes`\n}',
    'two orders': 'history "a" {\n  consistency sequential\n  consistency serializable\n  // ~ statement: asked for one\n}',
    'transactions over what cannot take part': 'history "a" {\n  model set s\n  model list l\n  B 4..11 does { reads x 1; adds 1 to s } ok\n  //                                  ^ statement: `s` is a set\n  B 14..15 does { reads l [1]; adds 2 to l } ok\n  //                           ^^^^ name: a list has no operation `adds`\n  B 16..17 moves 5 from x to l ok\n  //       ^^^^^ name: a list has no operation `adds`\n}',
    'a model twice': 'history "a" {\n  model list k\n  model set k\n  // ~ statement: a key has one model\n}',
  };
  for (const [what, text] of Object.entries(HISTORY)) {
    it(what, () => { expect(differences(text)).toEqual([]); });
  }
});
