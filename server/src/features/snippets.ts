/** Whole blocks to start from, offered where a block may begin and by "New Scenario". */
export interface Snippet {
  /** The keyword that opens the block. */
  readonly opens: string;
  readonly label: string;
  readonly about: string;
  /** With `${1:…}` stops. */
  readonly body: string;
}

export const SNIPPETS: readonly Snippet[] = [
  {
    opens: 'scenario', label: 'scenario: a partition', about: 'Three nodes, two clients, the leader cut off from the others.',
    body: [
      'scenario "${1:the leader is cut off}" {', '  protocol ${2:primary-backup like majority}', '  nodes    A B C', '  clients  c1 c2', '',
      '  at 100ms  partition {A c1} | {B C c2}', '  at 600ms  w1: c1 writes k = 1 to A', '  at 600ms  w2: c2 writes k = 2',
      '  at 900ms  heal', '',
      '  expect ${3:no violations}', '}', '',
    ].join('\n'),
  },
  {
    opens: 'scenario', label: 'scenario: a crash', about: 'The leader dies after a chosen message.',
    body: [
      'scenario "${1:the leader dies}" {', '  protocol ${2:primary-backup}', '  nodes   A B C', '  clients c1', '',
      '  at 0ms                w1: c1 writes k = 1 to A', '  when ${3:B -> A accept}  crash A', '', '  expect ${4:w1 unanswered}', '}', '',
    ].join('\n'),
  },
  {
    opens: 'trace', label: 'trace: one write', about: 'An execution that has already happened, message by message.',
    body: [
      'trace "${1:one write}" {', '  protocol ${2:primary-backup}', '  nodes   A B', '  clients c1', '',
      '  @0ms        A leads                  {1,0}', '  @1ms..2ms   c1 -> A  write k = 1', '  @2ms..4ms   A -> B   propose k = 1   {1,1}',
      '  @5ms..6ms   B -> A   accept          {1,1}', '  @6ms..8ms   A -> B   commit k = 1    {1,1}', '  @6ms..7ms   A -> c1  ok', '}', '',
    ].join('\n'),
  },
  {
    opens: 'history', label: 'history: a few operations', about: 'Only what the clients saw: is there an order that explains it?',
    body: [
      'history "${1:what the clients saw}" {', '  B   4..11   writes k = 1   ok', '  C  10..19   reads  k       1',
      '  B  18..25   writes k = 5   ok',     '  C  24..33   reads  k       5', '}', '',
    ].join('\n'),
  },
];
