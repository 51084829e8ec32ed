import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../server/src/language/parser.ts';
import { formatDocument } from '../../server/src/language/format.ts';

const format = (text: string): string => formatDocument(parseDocument(text));

describe('formatting', () => {
  it.each<readonly [what: string, before: string, after: string]>([
    ['sets indentation', 'scenario "s" {\nprotocol raft {\n\tvotes majority\n      }\n    nodes A\n  }\n',
      'scenario "s" {\n  protocol raft {\n    votes majority\n  }\n  nodes A\n}\n'],
    ['puts one space before a brace that opens a block', 'scenario "s"{\n  protocol raft    {\n  }\n  explore{\n  }\n}\n',
      'scenario "s" {\n  protocol raft {\n  }\n  explore {\n  }\n}\n'],
    ['puts a space before the brace of a group, and keeps its column', 'scenario "s" {\n  partition{A}|{B}\n  partition   {A} |   {B}\n}\n',
      'scenario "s" {\n  partition {A}| {B}\n  partition   {A} |   {B}\n}\n'],
    ['keeps the columns of epochs and comments', 'trace "s" {\n@0ms   A leads      {1,0}   // why\n@0ms   A leads{1,0}\n}\n',
      'trace "s" {\n  @0ms   A leads      {1,0}   // why\n  @0ms   A leads {1,0}\n}\n'],
    ['parts blocks by one blank line', 'scenario "s" {\n}\ntrace "t" {\n}\n\n\n\nhistory "u" {\n}\n', 'scenario "s" {\n}\n\ntrace "t" {\n}\n\nhistory "u" {\n}\n'],
    ['keeps a comment with the block it stands before', 'scenario "s" {\n}\n// about t\ntrace "t" {\n}\n', 'scenario "s" {\n}\n\n// about t\ntrace "t" {\n}\n'],
    ['keeps one blank line inside', 'scenario "s" {\n  nodes A\n\n\n\n  seed 1\n}\n', 'scenario "s" {\n  nodes A\n\n  seed 1\n}\n'],
    ['takes blanks from the ends', '\n\nscenario "s" {   \n  nodes A  \t\n   \n}\n\n\n', 'scenario "s" {\n  nodes A\n\n}\n'],
    ['ends with a line break', 'scenario "s" {\n}', 'scenario "s" {\n}\n'],
    ['keeps CRLF', 'scenario "s" {\r\nnodes A\r\n}\r\ntrace "t" {\r\n}\r\n', 'scenario "s" {\r\n  nodes A\r\n}\r\n\r\ntrace "t" {\r\n}\r\n'],
    ['makes lone CR the ending of the others', 'scenario "s" {\r  nodes A\r}\r', 'scenario "s" {\n  nodes A\n}\n'],
    ['keeps wrong lines as they are', 'scenario "s" {\n nods   A  \n nodes A\n}\n', 'scenario "s" {\n nods   A  \n  nodes A\n}\n'],
    ['keeps what a wrong line opened', 'scenario "s" {\n   protocl raft {\n votes majority\n }\n}\n', 'scenario "s" {\n   protocl raft {\n votes majority\n  }\n}\n'],
    ['keeps what stands outside of blocks', '   foo   bar\n baz\n', '   foo   bar\n baz\n'],
    ['indents comments with what they stand in', '   // top\nscenario "s" {\n// in s\nprotocol raft {\n// in braces\n}\n}\n',
      '// top\nscenario "s" {\n  // in s\n  protocol raft {\n    // in braces\n  }\n}\n'],
    ['keeps exploration lines aligned', 'scenario "s" {\nexplore {\nsteps   60\nschedules 10 // many\n}\n}\n', 'scenario "s" {\n  explore {\n    steps   60\n    schedules 10 // many\n  }\n}\n'],
    ['keeps the comma before spare nodes, and its absence', 'scenario "s" {\nnodes A B, spare C D\nnodes   A B spare C\n}\n', 'scenario "s" {\n  nodes A B, spare C D\n  nodes   A B spare C\n}\n'],
    ['leaves nothing of nothing', ' \n\n', ''],
  ])('%s', (_what, before, after) => {
    expect(format(before)).toBe(after);
    expect(format(after)).toBe(after);
  });
});
