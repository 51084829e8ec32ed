/** What clients ask through sessions: documents whose comments say what is wrong, and nothing else may be. */
import { describe, expect, it } from 'vitest';
import { differences } from './expected.ts';

const SESSIONS: Readonly<Record<string, string>> = {
  'what sessions ask': `scenario "s" {
  protocol zab
  nodes A B C
  clients c1
  resource R
  resource c1
  //       ^^ name: the name of a client already
  at 0ms c1 creates /a/
  //                ^^^ name: write \`/a\`
  at 0ms c1 creates /a/ sequential
  at 0ms c1 sets /a = 5 if version 1.5
  //                               ^^^ quantity: whole number
  at 0ms t: c1 does { creates /b; removes /a/; checks /c if version 0.5; creates /q/ sequential }
  //                                      ^^^ name: write \`/a\`
  //                                                                ^^^ quantity: whole number
  at 0ms t2: c1 does { creates /b; checks /c }
  expect t2 = 1
  expect t2 b = 1
  //        ^ statement: has one answer; say \`t2 = …\`
  at 0ms c1 uses X
  //             ^ name: the resources are R
  at 0ms c1 uses A
  //             ^ name: \`A\` is no resource
  at 0ms R creates /x
  //     ^ name: a resource; only clients ask
  at 0ms crash R
  //           ^ name: a resource; name a node here
  at 0ms pause c1
  at 0ms w: c1 sets /a = 1
  expect w = 1
  //     ^ statement: say \`w acked\`
  expect /a = 1
}`,
  'sessions where there are none': `scenario "s" {
  protocol raft
  nodes A B C
  clients c1
  at 0ms c1 creates /a
  //                ^^ statement: \`raft\` has no znodes and no sessions
  at 0ms c1 does { creates /a; removes /b }
  //                       ^^ statement: \`raft\` has no znodes and no sessions
}`,
};

describe('sessions', () => {
  it.each(Object.keys(SESSIONS))('says what is wrong: %s', (name) => {
    expect(differences(SESSIONS[name]!)).toEqual([]);
  });
});
