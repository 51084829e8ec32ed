/** The roles of words. Where a name alone does not tell, the block's declarations do. */
import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../server/src/language/parser.ts';
import { tokensOfLine } from '../../server/src/language/tokens.ts';

function roles(block: string, line: string): string {
  const source = `${block} {\n  nodes A B write\n  clients c1\n  at 1ms w1: c1 writes k = 1\n  ${line}\n}\n`.replace(/^(trace.*\n.*\n.*\n).*\n/, '$1\n');
  return tokensOfLine(parseDocument(source), 4).map((token) => `${token.text}:${token.role}${token.owner === undefined ? '' : `(${token.owner})`}`).join(' ');
}

describe('words of a scenario', () => {
  it.each([
    ['protocol raft like x { votes majority }', 'protocol:keyword raft:protocol like:keyword x:preset(raft) {:brace votes:knob majority:knob-value(votes) }:brace'],
    ['drop A -> c1 ok #2', 'drop:keyword A:node ->:operator c1:client ok:message #:operator 2:number'],
    ['when write -> * * crash write', 'when:keyword write:node ->:operator *:wildcard *:wildcard crash:keyword write:node'],
    ['at 5ms w2: c1 cas k 1 -> x // why', 'at:keyword 5ms:time w2:label-definition ::operator c1:client cas:keyword k:key 1:number ->:operator x:value // why:comment'],
    ['expect w1 acked by 1s', 'expect:keyword w1:label acked:outcome by:keyword 1s:time'],
    ['expect w1 = "a b"', 'expect:keyword w1:label =:operator "a b":string'],
    ['expect k = 1 on A', 'expect:keyword k:key =:operator 1:number on:keyword A:node'],
    ['expect lost-write w1', 'expect:keyword lost-write:violation w1:label'],
    ['when w1 acked heal', 'when:keyword w1:label acked:keyword heal:keyword'],
    ['A lies to B: propose k = 9', 'A:node lies:keyword to:keyword B:node ::operator propose:message k:key =:operator 9:number'],
    ['explore { operations c1 writes 2..3 }', 'explore:keyword {:brace operations:keyword c1:client writes:keyword 2:number ..:operator 3:number }:brace'],
    ['at 5ms crsh A', 'at:keyword 5ms:time crsh:error A:error'],
    ['at 5ms c1 writes k = "abc', 'at:keyword 5ms:time c1:client writes:keyword k:key =:operator "abc:error'],
  ])('%s', (line, expected) => {
    expect(roles('scenario "s"', line)).toBe(expected);
  });
});

describe('words of a trace', () => {
  it.each([
    ['@1ms..2ms c1 -> A read k {1,2}', '@:operator 1ms:time ..:operator 2ms:time c1:client ->:operator A:node read:message k:key {1,2}:epoch'],
    ['@1ms.. A -> B propose', '@:operator 1ms:time ..:operator A:node ->:operator B:node propose:message'],
    ['@1ms..lost A -> B propose k = v { 1 , 2 }', '@:operator 1ms:time ..:operator lost:keyword A:node ->:operator B:node propose:message k:key =:operator v:value { 1 , 2 }:epoch'],
    ['B times out', 'B:node times:keyword out:keyword'],
    ['B votes for A {2}', 'B:node votes:keyword for:keyword A:node {2}:epoch'],
  ])('%s', (line, expected) => {
    expect(roles('trace "s"', line)).toBe(expected);
  });
});

it('is nothing on a blank line, and a comment is one word', () => {
  const document = parseDocument('\n  // a "comment" {\n');
  expect(tokensOfLine(document, 0)).toEqual([]);
  expect(tokensOfLine(document, 1)).toEqual([{ start: 2, end: 18, text: '// a "comment" {', role: 'comment' }]);
  expect(tokensOfLine(document, 99)).toEqual([]);
});
