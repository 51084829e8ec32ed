import { describe, expect, it } from 'vitest';
import { differences, lowered } from './expected.ts';

/** A scenario of three nodes and a client around some statements. */
function around(statements: string): string {
  return ['scenario "a test" {', '  protocol primary-backup', '  nodes   A B C', '  clients c1 c2', statements.replace(/^\n|\n\s*$/g, ''), '}'].join('\n');
}

const CASES: Readonly<Record<string, string>> = {
  'a change of membership where there is none': `
  at 10ms add B
  //      ^^^ statement: \`primary-backup\` has no membership changes`,
  'a transfer where leaders cannot': `
  at 10ms transfer A to B
  //      ^^^^^^^^ statement: do not hand over to a chosen node; \`timeout B\` makes it`,
  'a transfer to itself': `
  at 10ms transfer A to A
  //                    ^ name: cannot take over from itself`,
  'a transfer to anybody': `
  at 10ms transfer A to *
  //                    ^ name: Only one node can take over`,
  'a transfer to nobody': `
  at 10ms transfer A to D
  //                    ^ name: no node \`D\``,
  'a transfer at no time': `
          transfer A to B
  //      ^^^^^^^^ statement: Say when this happens`,
  'unknown node in a fault': `
  at 10ms crash D
  //            ^ name: no node \`D\`; the nodes are A, B and C`,
  'unknown node in a pattern': `
  when A -> Bb commit crash A
  //        ^^ name: no node or client \`Bb\``,
  'a client where a node must be': `
  at 10ms crash c1
  //            ^^ name: is a client`,
  'a node where a client must be': `
  at 10ms A writes k = 1
  //      ^ name: is a node; only clients ask`,
  'unknown client': `
  at 10ms c3 writes k = 1
  //      ^^ name: no client \`c3\`; the clients are c1 and c2`,
  'message word with a slip': `
  drop A -> B comit
  //          ^^^^^ name: did you mean \`commit\`?`,
  'message word of nobody': `
  drop A -> B shout
  //          ^^^^^ name: \`primary-backup\` has no message \`shout\``,
  'client words are always fine': `
  drop c1 -> A write
  drop A -> c1 ok`,
  'anything may be a star': `
  drop * -> B *
  when * leads crash A
  at 10ms crash *
  cut A -> *`,
  'label that nothing defines': `
  at 10ms w1: c1 writes k = 1
  when w2 acked crash A
  //   ^^ name: No operation is labelled \`w2\`; the labels are w1`,
  'label used before it is defined': `
  when w1 acked crash A
  at 10ms w1: c1 writes k = 1`,
  'label given twice': `
  at 10ms w1: c1 writes k = 1
  at 20ms w1: c1 writes k = 2
  //      ^^ name: There is a label \`w1\` already`,
  'label that is a node': `
  at 10ms A: c1 writes k = 1
  //      ^ name: is the name of a node already`,
  'a fault where everything is stable': `
  stable from 1s
  at 2s crash B
  // ^^ quantity: Nothing goes wrong after \`stable from 1000ms\`; say an earlier time
  every 50ms timeout C
  //    ^^^^ quantity: say \`to 1000ms\`
  every 50ms to 2s timeout C
  //            ^^ quantity: Nothing goes wrong
  at 100ms hold A -> C commit until 2s
  //                                ^^ quantity: let go at 1000ms
  at 100ms pause B for 5s
  //                   ^^ quantity: goes on at 1000ms
  at 2s heal
  at 2s restart B
  at 2s restart B blank
  // ^^ quantity: Nothing goes wrong
  expect progress by 500ms
  //                 ^^^^^ quantity: Progress is owed from 1000ms on
  expect progress by 3s
  every 50ms c1 reads k`,
  'stable twice, and never': `
  stable from 20s
  //          ^^^ quantity: A run ends at 10s unless it says otherwise, so this never happens
  stable from 1s
//^^^^^^ statement: was said on line 5 already`,
  'stable before the start': `
  stable from -1s
  //          ^^^ quantity: cannot be negative`,
  'a period of zero': `
  every 0ms c1 reads k
  //    ^^^ quantity: A period must be more than zero`,
  'a period that ends before it begins': `
  every 10ms from 50ms to 20ms c1 reads k
  //                      ^^^^ quantity: ends before it begins`,
  'a delay of a century': `
  network delay 52560000min
  //            ^^^^^^^^^^^ quantity: A delay can be at most 60min`,
  'delays the wrong way round': `
  network delay 5ms..2ms
  //                 ^^^ quantity: write \`2ms..5ms\``,
  'more loss than there is': `
  network loss 120%
  //           ^^^ quantity: from 0% to 100%`,
  'a timeout of zero': `
  timeouts B=0ms
  //         ^^^ quantity: A timeout must be more than zero`,
  'a timeout twice': `
  timeouts B=100ms B=200ms
  //               ^ statement: is set already`,
  'a timer of nobody': `
  timeouts D=100ms
  //       ^ name: no node \`D\``,
  'a seed that is none': `
  seed 99999999999
  //   ^^^^^^^^^^^ quantity: A seed can be at most 4294967295`,
  'a run for ever': `
  run to 90min
  //     ^^^^^ quantity: A run can be at most 60min`,
  'things said twice': `
  seed 1
  seed 2
//  ~ statement: \`seed\` was said on line 5 already
  run to 1s
  run to 2s
//  ~ statement: \`run to\` was said on line 8 already
  network loss 1%
  network loss 2%
//  ~ statement: \`network loss\` was said
  network delay 1ms
  network A -> B delay 2ms
  network delay 3ms
//  ~ statement: \`network delay\` was said`,
  'a step after the end': `
  at 12s crash A
  // ^^^ quantity: A run ends at 10s unless it says otherwise`,
  'a pause of nothing': `
  at 10ms pause A for 0ms
  //                  ^^^ quantity: A pause must be more than zero`,
  'a match that cannot be counted': `
  drop A -> B commit #0
  //                  ^ quantity: must be at least 1`,
  'a swap of nothing, or on the way to two': `
  swap A -> B commit #1 and commit #1
  //                        ^^^^^^ statement: say which two, as in \`commit #1 and commit #2\`
  swap A -> B commit #1 and A -> C commit #1
  //                             ^ name: on their way to one receiver; name \`B\` here too
  swap A -> B commit #1 and comit #1
  //                        ^^^^^ name: commit`,
  'a crash that keeps no writes': `
  at 10ms crash A losing unsynced but the first 0
  //                                            ^ quantity: must be at least 1`,
  'a suspension of nothing, or of a client': `
  at 10ms suspend A for 0ms
  //                    ^^^ quantity: A pause must be more than zero
  at 10ms suspend c1
  //              ^^ name: client`,
  'a clock that stands': `
  at 10ms clock A runs 0x
  //                   ^^ quantity: from 0.001x to 1000x`,
  'a hold that ends before it begins': `
  at 100ms hold A -> B commit until 50ms
  //                                ^^^^ quantity: ends before it begins`,
  'a node twice in a partition': `
  at 10ms partition {A B} | {B C}
  //                         ^ name: in this partition already`,
  'a link to itself': `
  at 10ms cut A -> A
  //               ^ name: no link to itself`,
  'unknown violation': `
  expect split-brian
  //     ^^^^^^^^^^^ name: did you mean \`split-brain\`?`,
  'violation and none of it': `
  expect split-brain
  expect no split-brain
//  ~ statement: cannot hold together with \`split-brain\` on line 5`,
  'violation and none at all': `
  expect no violations
  expect lost-write
//  ~ statement: cannot hold together with \`no violations\``,
  'violation here and none there': `
  expect blocked B
  expect no blocked on C`,
  'acked and unanswered': `
  at 10ms w1: c1 writes k = 1
  expect w1 acked
  expect w1 unanswered
//  ~ statement: cannot hold together`,
  'unanswered first and acked then': `
  at 10ms w1: c1 writes k = 1
  expect w1 unanswered by 20ms
  expect w1 acked by 200ms`,
  'violation on a client': `
  expect blocked c1
  //             ^^ name: is a client`,
  'violation on nobody': `
  expect blocked B X
  //               ^ name: no node and no label \`X\``,
  'value of neither label nor key': `
  expect r1 = 5
  //     ^^ name: neither a label nor a key`,
  'value of a key without nodes': `
  at 10ms c1 writes k = 1
  expect k = 1`,
  'value of a write': `
  at 10ms w1: c1 writes k = 1
  expect w1 = 1
  //     ^^ statement: gets no value back`,
  'epoch that is none': `
  expect B leads epoch 1.5
  //                   ^^^ quantity: must be a whole number`,
  'keys apart': `
  shards {x a} on A, {y x} on D
  //                    ^ statement: name each key once
  //                          ^ name: no node \`D\``,
  'operations over several keys': `
  at 10ms c1 moves 5 from x to x
  //                           ^ statement: name two keys
  at 10ms t1: c1 does { reads x; reads y; writes z = 1 }
  at 10ms t2: c1 does { writes x = 1; writes y = 1 }
  at 10ms t3: c1 moves 5 from x to y
  at 10ms t4: c1 does { reads x; writes y = 2 }
  expect t1 x = 5
  expect t4 = 5
  expect y = 2 on A
  expect z = 1
  expect t1 = 5
  //     ^^ statement: reads x and y; say which is meant, as in \`t1 x = …\`
  expect t1 z = 1
  //        ^ name: does not read \`z\`
  expect t1 x = 5 on A
  //                 ^ statement: leave \`on\` away
  expect t2 = 1
  //     ^^ statement: reads nothing; say \`t2 acked\`
  expect t3 = 1
  //     ^^ statement: moves and gets no value back`,
  'a lie without words, to nobody, or in none': `
  at 10ms A lies to B: propose
  //                   ^^^^^^^ statement: A lies to B: propose k = 9
  at 10ms A lies to D: propose k = 9
  //                ^ name: D
  at 10ms A lies to B: propse k = 9
  //                   ^^^^^^ name: propose`,
};

describe('a scenario\'s mistakes are said once, at their word', () => {
  for (const [what, statements] of Object.entries(CASES)) {
    it(what, () => { expect(differences(around(statements))).toEqual([]); });
  }
});

const WHOLE: Readonly<Record<string, string>> = {
  'no protocol, no nodes': `scenario "empty" {
// ~ statement: says no protocol
// ~ statement: has no nodes
}`,
  'unknown protocol': `scenario "a" {
  protocol primary-backpu
  //       ^^^^^^^^^^^^^^ name: did you mean \`primary-backup\`?
  nodes A B
}`,
  'unknown preset': `scenario "a" {
  protocol primary-backup like timer
  //                           ^^^^^ name: did you mean \`timers\`?
  nodes A B
}`,
  'unknown knob and value': `scenario "a" {
  protocol primary-backup {
    commit-quorm majority
    // ~ name: did you mean \`commit-quorum\`?
    votes        mayority
    //           ^^^^^^^^ name: did you mean \`majority\`?
    epochs       maybe
    //           ^^^^^ name: \`epochs\` cannot be \`maybe\`
    stagger      soon
    //           ^^^^ quantity: is a duration
  }
  nodes A B
}`,
  'a knob set twice, in two spellings': `scenario "a" {
  protocol primary-backup {
    ratchet none
    epochs  on
//  ~ statement: \`ratchet\` is set on line 3 already
  }
  nodes A B
}`,
  'a protocol of a later version': `scenario "a" {
  protocol tomorrow { faulty 1 }
  //       ^^^^^^^^ not-in-this-version: The protocol \`tomorrow\`
  nodes A B C
  drop A -> B pre-prepare
}`,
  'a preset of a later version': `scenario "a" {
  protocol primary-backup like evening
  //                           ^^^^^^^ not-in-this-version: The preset \`evening\`
  nodes A B C
}`,
  'knobs of another protocol': `scenario "a" {
  protocol primary-backup {
    mode epaxos
//  ~ statement: write \`protocol epaxos\`
    conflict-detect off
//  ~ statement: is a knob of \`protocol epaxos\`
  }
  nodes A B C
}`,
  'more nodes than there are': `scenario "a" {
  protocol primary-backup {
    echo 4
//       ^ quantity: counts nodes, and there are 3; write \`3\` or \`off\`
    votes 4
//        ^ quantity: counts nodes
    commit-quorum most
//                ^^^^ name: it is one of majority, all, reachable, f-plus-1, all-majority and reachable-majority, or a number of nodes
  }
  nodes A B C
}`,
 'too many nodes': `scenario "a" {
  protocol primary-backup
  nodes 10000
  //    ^^^^^ quantity: at most 64
}`,
  'the same node twice': `scenario "a" {
  protocol primary-backup
  nodes A B A
  //        ^ name: There is a node \`A\` already
  clients B
  //      ^ name: \`B\` is the name of a node already
}`,
  'nodes said twice': `scenario "a" {
  protocol primary-backup
  nodes A B
  nodes C
//  ~ statement: \`nodes\` was said on line 3 already
}`,
  'a client that is not declared, said once': `scenario "a" {
  protocol primary-backup
  nodes A B
  at 1ms c1 writes k = 1
  //     ^^ name: declare it with \`clients c1\`
  at 2ms c1 writes k = 2
}`,
  'numbers that make no sense': `scenario "a" {
  protocol multi-paxos {
    q1 4
//     ^ quantity: counts nodes, and there are 3; write \`3\` or \`majority\`
    q2 0
//     ^ quantity: must be at least 1
    window 1.5
//         ^^^ quantity: must be a whole number
    base -5ms
//       ^^^^ quantity: cannot be negative
  }
  nodes A B C
}`,
  'a number that is none': `scenario "a" {
  protocol paxos { q1 some }
//                    ^^^^ quantity: is a number, as in \`2\`
  nodes A B C
}`,
  'exploration': `scenario "a" {
  protocol primary-backup
  nodes A B C
  clients c1

  explore {
//  ~ not-in-this-version: Exploring every schedule
    operations c1 writes 2..3
    faults crash 3, restart 3
    steps 60
  }
  expect no violations
}`,
};

describe('a scenario\'s header', () => {
  for (const [what, text] of Object.entries(WHOLE)) {
    it(`says what is wrong: ${what}`, () => { expect(differences(text)).toEqual([]); });
  }

  it('says nothing more where a line cannot be parsed', () => {
    const broken = 'scenario "a" {\n  protocol primary-backup\n  nodes A B\n  clients c1\n  at 1ms w1: c1 wrotes k = 1\n  expect w1 acked\n}';
    expect(lowered(broken, true).diagnostics).toEqual([]);
    const noNodes = 'scenario "a" {\n  protocol primary-backup\n  nodes A = B\n  at 1ms crash A\n}';
    expect(lowered(noNodes, true).diagnostics).toEqual([]);
  });

  it('is not run where running would mean nothing', () => {
    expect(lowered(WHOLE['a protocol of a later version']!).scenario).toBeUndefined();
    expect(lowered(around('  at 10ms crash D')).scenario).toBeUndefined();
    expect(lowered(WHOLE['exploration']!).scenario).toBeDefined();
  });

  it('offers to set things right', () => {
    const [slip] = lowered(around('  drop A -> B comit')).diagnostics;
    expect(slip?.fixes).toEqual([{ title: 'Change to `commit`', preferred: true, edits: [{ kind: 'replace', place: slip?.place, text: 'commit' }] }]);
    const [missing] = lowered(WHOLE['a client that is not declared, said once']!).diagnostics;
    expect(missing?.fixes[0]?.edits).toEqual([{ kind: 'insert-line', line: 3, text: '  clients c1' }]);
  });
});

/** The same around a protocol whose members change. */
function amongSpares(statements: string): string {
  return ['scenario "a test" {', '  protocol raft', '  nodes   A B C spare D E', '  clients c1', statements.replace(/^\n|\n\s*$/g, ''), '}'].join('\n');
}

const MEMBERS: Readonly<Record<string, string>> = {
  'everything that can be said': `
  at 10ms m1: add D E via A within 10ms retrying
  at 10ms remove C
  at 10ms replace C by D
  at 10ms change members to A B D
  when m1 acked crash A
  cut admin -> A
  at 20ms restart A blank
  at 30ms restart B blank as E
  expect members A B D by 2s
  expect m1 acked`,
  'a node that is none': `
  at 10ms add F
  //          ^ name: no node \`F\`; the nodes are A, B, C, D and E`,
  'a node twice': `
  at 10ms replace C by C
  //                   ^ name: \`C\` is named already
  expect members A A
  //               ^ name: \`A\` is named already`,
  'at no time': `
          add D
  //      ^^^^^ statement: Say when this is asked, as in \`at 100ms add D\``,
  'a new name that is taken': `
  at 30ms restart B blank as C
  //                         ^ name: \`C\` is a member from the start; the new name is one of a spare node`,
  'a new name for everybody': `
  at 30ms restart * blank as D
  //              ^ name: A new name is one node’s`,
  'no value comes back': `
  at 10ms m1: add D
  expect m1 = 1
  //     ^^ statement: \`m1\` changes the members and gets no value back; say \`m1 acked\``,
};

describe('members', () => {
  it.each(Object.keys(MEMBERS))('%s', (name) => {
    const text = amongSpares(MEMBERS[name]!);
    expect(differences(text)).toEqual([]);
  });
  it('spare nodes where members are the same for ever', () => {
    const text = 'scenario "a" {\n  protocol zab\n  nodes A B C spare D\n  //                ^ statement: \\`zab\\` has no membership changes\n}'.replaceAll('\\`', '`');
    expect(differences(text)).toEqual([]);
  });
});
