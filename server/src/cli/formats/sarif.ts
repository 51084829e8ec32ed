import type { Diagnostic, Place, Severity } from '../../model/diagnostic.ts';
import { violationNamed } from '../../model/violations.ts';
import type { FileReport } from '../report.ts';
import { VERSION } from '../version.ts';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error', warning: 'warning', information: 'note', hint: 'note',
};

/** The codes that are no violations. */
const OWN_RULES: Readonly<Record<string, string>> = {
  syntax: 'A line that is not of the language.',
  name: 'A name that nothing has.',
  quantity: 'A quantity that makes no sense.',
  'not-in-this-version': 'Something that a later version runs.',
  expectation: 'An expectation that the run did not meet.',
  budget: 'A run or a check that was stopped before it was finished.',
  internal: 'A bug of Pawl.',
  statement: 'A statement that cannot stand as it does.',
  note: 'Something worth knowing.',
};

/** SARIF 2.1.0, one run. */
export function sarif(files: readonly FileReport[]): string {
  const codes = [...new Set(files.flatMap(({ analysis }) => analysis.diagnostics.map(({ code }) => code)))].sort();
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{
      tool: { driver: { name: 'pawl', version: VERSION, semanticVersion: VERSION, rules: codes.map(rule) } },
      columnKind: 'utf16CodeUnits',
      results: files.flatMap(({ path, analysis }) => analysis.diagnostics.map((diagnostic) => result(path, diagnostic, codes))),
    }],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function rule(id: string): object {
  return { id, shortDescription: { text: violationNamed(id)?.about ?? OWN_RULES[id] ?? id } };
}

function result(path: string, diagnostic: Diagnostic, codes: readonly string[]): object {
  const { code, severity, message, place, related } = diagnostic;
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: LEVELS[severity],
    message: { text: message },
    locations: [location(path, place)],
    ...(related.length === 0 ? {} : { relatedLocations: related.map((each, id) => relatedLocation(path, each, id)) }),
  };
}

function relatedLocation(path: string, { place, message }: Diagnostic['related'][number], id: number): object {
  return { id, ...location(path, place), message: { text: message } };
}

function location(path: string, { line, start, end }: Place): { readonly physicalLocation: object } {
  return {
    physicalLocation: {
      artifactLocation: { uri: path.split('/').map(encodeURIComponent).join('/') },
      region: { startLine: line + 1, startColumn: start + 1, endLine: line + 1, endColumn: end + 1 },
    },
  };
}
