/**
 * Documents that say in their comments what is wrong with them: `// error lost-write` on a line expects exactly one error
 * with that code there. Several are told apart by commas; whatever else a comment says is a comment. A diagnostic that no
 * comment expects, and a comment that no diagnostic meets, both fail.
 */
import { expect } from 'vitest';
import { analyseNow, type AnalyserOptions } from '../../server/src/analysis/analyse.ts';
import type { Analysis } from '../../server/src/analysis/analysis.ts';

const SQUIGGLE = /\b(error|warning|information|hint) ([a-z][a-z-]*[a-z])/g;

/** `3: error lost-write`, lines from 1, in the order of the document. */
export function expectedSquiggles(text: string): readonly string[] {
  return text.split('\n').flatMap((line, index) => {
    const comment = line.indexOf('//');
    return comment < 0 ? [] : [...line.slice(comment).matchAll(SQUIGGLE)].map(([, severity, code]) => `${index + 1}: ${severity} ${code}`);
  });
}

export function foundSquiggles(analysis: Analysis): readonly string[] {
  return analysis.diagnostics.map(({ place, severity, code }) => `${place.line + 1}: ${severity} ${code}`);
}

/** Analyses a document and compares; the failure shows the messages. Returns the analysis for closer looks. */
export function checkSquiggles(text: string, options: AnalyserOptions = {}): Analysis {
  const analysis = analyseNow(text, options);
  const messages = analysis.diagnostics.map(({ place, severity, code, message }) => `  ${place.line + 1}: ${severity} ${code}: ${message}`)
    .join('\n');
  expect([...foundSquiggles(analysis)].sort(), `what was found:\n${messages}\n`).toEqual([...expectedSquiggles(text)].sort());
  return analysis;
}

/** What the primary squiggle of a code covers, as text. */
export function squiggled(analysis: Analysis, code: string): readonly string[] {
  return analysis.diagnostics.filter((diagnostic) => diagnostic.code === code)
    .map(({ place }) => (analysis.document.lines[place.line]?.text ?? '').slice(place.start, place.end));
}
