/**
 * Documents whose comments carry the diagnostics they must get. Below a line, `//   ^^^ code: words` expects one whose
 * columns are those of the carets and whose message has the words in it; `// ~ code: words` expects one anywhere on the line.
 */
import { parseDocument } from '../../server/src/language/parser.ts';
import { lowerHistory, lowerScenario, lowerTrace } from '../../server/src/model/lower.ts';
import type { Diagnostic } from '../../server/src/model/diagnostic.ts';
import type { Scenario } from '../../server/src/model/scenario.ts';
import type { Trace } from '../../server/src/model/trace.ts';
import type { History } from '../../server/src/model/history.ts';
import type { Catalogue } from '../../server/src/model/catalogue.ts';
import { CATALOGUE as REGISTERED } from '../../server/src/protocols/registry.ts';

/** With a protocol and a preset that a document may name and this version does not run. */
const CATALOGUE: Catalogue = {
  ...REGISTERED,
  protocols: [...REGISTERED.protocols.map((spec) => ({ ...spec, presets: [...spec.presets, { name: 'evening', about: 'Not yet.', available: false, knobs: {} }] })), {
    name: 'tomorrow', about: 'Not yet.', available: false, defaultPreset: '', knobs: [], presets: [], messages: [{ word: 'pre-prepare', about: '' }], synonyms: [],
  }],
};

const MARK = /^\s*\/\/\s*(\^+|~)\s+([\w-]+)(?::\s*(.*))?$/;

interface Expected {
  readonly line: number;
  readonly columns: readonly [number, number] | undefined;
  readonly code: string;
  readonly words: string;
}

function expectedIn(text: string): readonly Expected[] {
  const found: Expected[] = [];
  let above = 0;
  text.split('\n').forEach((line, number) => {
    const mark = MARK.exec(line);
    if (mark === null) {
      above = number;
      return;
    }
    const start = line.indexOf('^');
    found.push({ line: above, columns: mark[1] === '~' ? undefined : [start, start + mark[1]!.length], code: mark[2]!, words: mark[3] ?? '' });
  });
  return found;
}

export interface Outcome {
  readonly scenario: Scenario | undefined;
  readonly trace: Trace | undefined;
  readonly history: History | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** The first block of a document, lowered. Throws where the document does not parse. */
export function lowered(text: string, allowProblems = false): Outcome {
  const document = parseDocument(text);
  const problems = document.lines.flatMap((line, number) => line.problems.map((problem) => `line ${number + 1}: ${problem.message}`));
  if (!allowProblems && problems.length > 0) throw new Error(`the test's document does not parse: ${problems.join('; ')}`);
  const block = document.blocks[0];
  if (block === undefined) throw new Error('the test\'s document has no block');
  const none = { scenario: undefined, trace: undefined, history: undefined };
  if (block.kind === 'scenario') {
    const { value, diagnostics } = lowerScenario(document, block, CATALOGUE);
    return { ...none, scenario: value, diagnostics };
  }
  if (block.kind === 'trace') {
    const { value, diagnostics } = lowerTrace(document, block, CATALOGUE);
    return { ...none, trace: value, diagnostics };
  }
  const { value, diagnostics } = lowerHistory(document, block, CATALOGUE);
  return { ...none, history: value, diagnostics };
}

/** What differs between the diagnostics a document gets and those its comments expect; empty where nothing does. */
export function differences(text: string): readonly string[] {
  const expected = expectedIn(text);
  const { diagnostics } = lowered(text);
  const open = [...diagnostics];
  const missing = expected.filter((each) => {
    const at = open.findIndex((found) => matches(each, found));
    if (at >= 0) open.splice(at, 1);
    return at < 0;
  });
  return [
    ...missing.map(({ line, columns, code, words }) => `missing on line ${line + 1}${columns === undefined ? '' : ` at ${columns.join('..')}`}: ${code}: ${words}`),
    ...open.map(({ place, code, message }) => `not expected on line ${place.line + 1} at ${place.start}..${place.end}: ${code}: ${message}`),
  ];
}

function matches({ line, columns, code, words }: Expected, { place, code: found, message }: Diagnostic): boolean {
  if (place.line !== line || found !== code || !message.includes(words)) return false;
  return columns === undefined || (place.start === columns[0] && place.end === columns[1]);
}
