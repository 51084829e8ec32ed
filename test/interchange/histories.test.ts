import { describe, expect, it } from 'vitest';
import type { Problem } from '../../server/src/interchange/histories/events.ts';
import { formatOf, type HistoryFormat } from '../../server/src/interchange/histories/formats.ts';
import { HistoryImport, type ImportOptions } from '../../server/src/interchange/histories/import.ts';
import { formatDocument } from '../../server/src/language/format.ts';
import { parseDocument } from '../../server/src/language/parser.ts';

interface Imported {
  readonly text: string;
  readonly problems: readonly string[];
}

/** The statements without the block around them, and what was wrong, as `line: why`. */
function imported(format: HistoryFormat, text: string, options: Partial<ImportOptions> = {}): Imported {
  const problems: Problem[] = [];
  const history = new HistoryImport({ format, name: 'h', nil: undefined, initial: undefined, ...options }, (problem) => { problems.push(problem); });
  const document = text.split('\n').map((line) => history.line(line)).join('') + history.end();
  const parsed = parseDocument(document);
  expect(formatDocument(parsed)).toBe(document);
  return { text: document.split('\n').slice(1, -2).map((line) => line.trim()).join('\n'), problems: problems.map(({ line, problem }) => `${line}: ${problem}`) };
}

const text = (format: HistoryFormat, source: string, options: Partial<ImportOptions> = {}): string => {
  const found = imported(format, source, options);
  expect(found.problems).toEqual([]);
  return found.text;
};

describe('Jepsen', () => {
  it('old form: maps in a vector', () => {
    expect(text('jepsen', `[{:process 0, :type :invoke, :f :cas, :value [0 2]}
 {:process :nemesis, :type :info, :f :start, :value nil}
 {:process 1, :type :invoke, :f :read, :value nil} ; a comment
 {:process 0, :type :fail, :f :cas, :value [0 2]} {:process 1, :type :ok, :f :read, :value 3}
 {:process 2, :type :invoke, :f :write, :value 4}
 {:process 2, :type :info, :f :write, :value 4, :error [:timeout "x } y"]}]`)).toBe(
      'p0 1..3 cas x 0 -> 2 failed\np1 2..4 reads x 3\np2 5.. writes x = 4');
  });

  it('new form: records, one after another, over several lines', () => {
    expect(text('jepsen', `#jepsen.history.Op{:index 0, :time 12, :type :invoke, :process 0,
  :f :write, :value 1}
#jepsen.history.Op{:index 1, :time 13, :type :ok, :process 0, :f :write, :value 1}`)).toBe('p0 1..2 writes x = 1 ok');
  });

  it('keys that stand with the values', () => {
    expect(text('maelstrom', `{:process 0, :type :invoke, :f :read, :value [7 nil]}
{:process 0, :type :ok, :f :read, :value [7 nil]}
{:process 0, :type :invoke, :f :cas, :value [7 [1 2]]}
{:process 0, :type :ok, :f :cas, :value [7 [1 2]]}`)).toBe('p0 1..2 reads "7" nil\np0 3..4 cas "7" 1 -> 2 ok');
  });

  it('says which lines are no operations, and imports the rest', () => {
    expect(imported('jepsen', `{:process 0, :type :invoke, :f :write, :value 1}
{:process 0, :type :ok, :f :write, :value
{:process 1, :type :invoke, :f :read, :value nil}
what is this
{:process 1, :type :okay, :f :read, :value 1}
{:process 1, :type :ok, :f :read, :value 1}
{:type :ok, :f :read, :value 1}
{:process 3, :type :ok, :f :read, :value 1}
{:process 4, :type :invoke, :f :read`)).toEqual({
      text: 'p1 2..3 reads x 1\np0 1.. writes x = 1',
      problems: [
        '2: it does not end', '4: ‘what is this’ is no operation', '5: :type is ‘okay’; it is invoke, ok, fail or info',
        '7: an operation without :process', '8: process 3 had asked nothing', '9: it does not end',
      ],
    });
  });

  it('takes nil for what it is said to mean', () => {
    const source = '{:process 0, :type :invoke, :f :read, :value nil}\n{:process 0, :type :ok, :f :read, :value nil}\n' +
      '{:process 0, :type :invoke, :f :read, :value nil}\n{:process 0, :type :ok, :f :read, :value 0}';
    expect(text('jepsen', source)).toBe('p0 3..4 reads x 0');
    expect(text('jepsen', source, { nil: 'absent', initial: '0' })).toBe('initially 0..0 writes x = 0 ok\np0 1..2 reads x nil\np0 3..4 reads x 0');
  });
});

describe('transactions', () => {
  const events = (...ends: readonly string[]): string => ends.map((value, i) => `{:process 0, :type ${i % 2 === 0 ? ':invoke' : ':ok'}, :f :txn, :value ${value}}`).join('\n');

  it('of Elle: lists that grow, under their keys', () => {
    const document = imported('jepsen', events('[[:append 3 1] [:r 3 nil] [:r 4 nil]]', '[[:append 3 1] [:r 3 [1]] [:r 4 nil]]', '[[:r 4 nil]]', '[[:r 4 [2 -1]]]'));
    expect(document).toEqual({ text: 'model list\np0 1..2 does { appends 1 to "3"; reads "3" [1]; reads "4" [] } ok\np0 3..4 does { reads "4" [2 -1] } ok', problems: [] });
  });

  it('that failed, or of which nobody knows, have read nothing', () => {
    const source = `{"process": 0, "type": "invoke", "f": "txn", "value": [["append", "x", 1], ["r", "y", null]]}
{"process": 0, "type": "fail", "f": "txn", "value": [["append", "x", 1], ["r", "y", null]]}
{"process": 1, "type": "invoke", "f": "txn", "value": [["r", "y", null]]}
{"process": 2, "type": "invoke", "f": "txn", "value": [["append", "y", 2], ["r", "y", null]]}
{"process": 2, "type": "info", "f": "txn", "value": [["append", "y", 2], ["r", "y", null]]}`;
    expect(text('jsonl', source)).toBe('model list\np0 1..2 does { appends 1 to x } failed\np2 4.. does { appends 2 to y }');
  });

  it('over registers', () => {
    expect(text('jepsen', events('[[:w 1 5] [:r 2 nil]]', '[[:w 1 5] [:r 2 nil]]', '[[:r 1 nil]]', '[[:r 1 5]]'), { nil: 'absent' })).toBe(
      'p0 1..2 does { writes "1" = 5; reads "2" nil } ok\np0 3..4 does { reads "1" 5 } ok');
  });

  it('of any other kind are said to be none', () => {
    expect(imported('jepsen', events('[[:q 1 5]]', '[[:q 1 5]]', '[[:append 1 1]]', '[[:append 1 1]]')).problems).toEqual(['1: no transaction has a step ‘q’']);
    expect(imported('jepsen', events('7', '7', '[[:append 1 1]]', '[[:append 1 1]]')).problems).toEqual(['1: a txn is a list of steps, [f key value] each']);
  });
});

describe('models are seen from what is asked', () => {
  const ask = (f: string, value: string, answer: string): string =>
    `{:process 0, :type :invoke, :f :${f}, :value ${value}}\n{:process 0, :type :ok, :f :${f}, :value ${answer}}`;
  const cases: readonly (readonly [what: string, source: string, expected: string])[] = [
    ['a set', `${ask('add', '3', '3')}\n${ask('read', 'nil', '#{3}')}`, 'model set\np0 1..2 adds 3 to x ok\np0 3..4 reads x {3}'],
    ['a counter', `${ask('add', '3', '3')}\n${ask('read', 'nil', '3')}`, 'model counter\np0 1..2 adds 3 to x ok\np0 3..4 reads x 3'],
    ['a queue', `${ask('enqueue', '3', '3')}\n${ask('dequeue', 'nil', '3')}`, 'model queue\np0 1..2 enqueues 3 to x ok\np0 3..4 dequeues x 3'],
    ['a stack', `${ask('push', '3', '3')}\n${ask('pop', 'nil', '3')}`, 'model stack\np0 1..2 pushes 3 to x ok\np0 3..4 pops x 3'],
    ['a mutex', `${ask('acquire', 'nil', 'nil')}\n${ask('release', 'nil', 'nil')}`, 'model mutex\np0 1..2 acquires x ok\np0 3..4 releases x ok'],
    ['a list', `${ask('append', '3', '3')}\n${ask('read', 'nil', '[3]')}`, 'model list\np0 1..2 appends 3 to x ok\np0 3..4 reads x [3]'],
  ];
  it.each(cases)('%s', (_, source, expected) => {
    expect(text('jepsen', source)).toBe(expected);
  });
});

describe('other formats', () => {
  it('Jepsen\'s log', () => {
    expect(text('jepsen-log', `INFO  jepsen.util - 0\t:invoke\t:read\tnil
INFO  jepsen.util - 3\t:invoke\t:cas\t[1 2]
INFO  jepsen.util - :nemesis\t:info\t:start\tnil
INFO  jepsen.util - 0\t:ok\t:read\tnil
INFO  jepsen.util - 3\t:info\t:cas\t:timed-out
INFO  jepsen.util - 1\t:invoke\t:read\tnil
INFO  jepsen.util - 1\t:fail\t:read\t:timed-out`)).toBe('p0 1..3 reads x nil\np3 2.. cas x 1 -> 2');
  });

  it('Porcupine\'s key-value text', () => {
    expect(text('porcupine-kv', `{:process 9, :type :invoke, :f :append, :key "0", :value "x 9 0 y"}
{:process 9, :type :ok, :f :append, :key "0", :value "x 9 0 y"}
{:process 2, :type :invoke, :f :get, :key "5", :value nil}
{:process 2, :type :ok, :f :get, :key "5", :value ""}`)).toBe('model text\np9 1..2 appends "x 9 0 y" to "0" ok\np2 3..4 reads "5" nil');
  });

  it('JSON lines', () => {
    expect(text('jsonl', `{"process": "a", "type": "invoke", "f": "write", "key": "k", "value": 12345678901234567890}
{"process": "a", "type": "ok", "f": "write", "key": "k", "value": 12345678901234567890}
{"process": "nemesis", "type": "info", "f": "kill", "value": null}
{"process": 1, "type": "invoke", "f": "read", "key": "k", "value": null}
{"process": 1, "type": "ok", "f": "read", "key": "k", "value": "a \\"b\\" %"}`)).toBe('pa 1..2 writes k = 12345678901234567890 ok\np1 3..4 reads k "a %22b%22 %25"');
    expect(imported('jsonl', '{"process": 1, "type": "invoke", "f": "write", "value": 1}\n[1]\n{"process": 1, "type": "maybe", "f": "write"}').problems).toEqual(
      ['2: this is no JSON object', '3: "type" is "maybe"; it is invoke, ok, fail or info']);
  });

  it('a process that asks anew has given up what it asked before', () => {
    expect(text('jsonl', ['invoke', 'invoke', 'ok'].map((type, at) => `{"process": 1, "type": "${type}", "f": "write", "value": ${at > 0 ? 2 : 1}}`).join('\n'))).toBe(
      'p1 1.. writes x = 1\np1 2..3 writes x = 2 ok');
  });

  it('are recognised from how they begin', () => {
    expect(formatOf('INFO  jepsen.util - 0\t:invoke\t:read\tnil')).toBe('jepsen-log');
    expect(formatOf('[{:process 0, :type :invoke, :f :read, :value nil}')).toBe('jepsen');
    expect(formatOf('{:process 0, :type :invoke, :f :get, :key "5", :value nil}')).toBe('porcupine-kv');
    expect(formatOf('{"process": 0, "type": "invoke"}')).toBe('jsonl');
    expect(formatOf('once upon a time')).toBeUndefined();
  });
});

describe('long histories', () => {
  it('are written as they come, in memory that does not grow', () => {
    const history = new HistoryImport({ format: 'jsonl', name: 'h', nil: undefined, initial: undefined }, () => {});
    let written = 0, longest = 0;
    for (let i = 0; i < 50_000; i++) {
      for (const type of ['invoke', 'ok']) {
        const some = history.line(`{"process": ${i % 10}, "type": "${type}", "f": "write", "value": ${i}}`).length;
        written += some;
        longest = Math.max(longest, some);
      }
    }
    expect(history.operations).toBe(50_000);
    expect(written).toBeGreaterThan(1_000_000);
    expect(longest).toBeLessThan(100);
  });
});
