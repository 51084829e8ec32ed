import type { BlockResult } from '../../analysis/analysis.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { fails, type FileReport } from '../report.ts';

interface Case {
  readonly name: string;
  readonly kind: 'passed' | 'failure' | 'error' | 'skipped';
  readonly diagnostics: readonly Diagnostic[];
}

/** JUnit's XML as CI servers read it: a suite a file, a test case a block. What cannot be decided yet is skipped, not passed. */
export function junit(files: readonly FileReport[], strict: boolean): string {
  const suites = files.map((file) => ({ path: file.path, cases: casesOf(file, strict) }));
  const all = suites.flatMap(({ cases }) => cases);
  const body = suites.map(({ path, cases }) => {
    const xml = cases.map((each) => caseXml(path, each)).join('');
    return `  <testsuite name="${escaped(path)}" ${totals(cases)}>\n${xml}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="pawl" ${totals(all)}>\n${body.join('')}</testsuites>\n`;
}

function casesOf({ path, analysis }: FileReport, strict: boolean): readonly Case[] {
  return [...analysis.blocks.map((block) => blockCase(block, strict)), ...documentCases(path, analysis.blocks, analysis.diagnostics)];
}

function blockCase(block: BlockResult, strict: boolean): Case {
  const diagnostics = block.diagnostics.filter((diagnostic) => fails(diagnostic, strict));
  const name = `${block.kind} ${block.name}`;
  if (block.verdict === 'unknown') {
    return diagnostics.length > 0 ? { name, kind: 'error', diagnostics } : { name, kind: 'skipped', diagnostics: block.diagnostics };
  }
  if (block.verdict === 'invalid') return { name, kind: 'error', diagnostics };
  return { name, kind: diagnostics.length > 0 || block.verdict === 'violated' ? 'failure' : 'passed', diagnostics };
}

/** What is wrong outside of all blocks is a case of its own. */
function documentCases(path: string, blocks: readonly BlockResult[], diagnostics: readonly Diagnostic[]): readonly Case[] {
  const inBlocks = new Set(blocks.flatMap((block) => block.diagnostics));
  const outside = diagnostics.filter((diagnostic) => diagnostic.severity === 'error' && !inBlocks.has(diagnostic));
  return outside.length === 0 ? [] : [{ name: `document ${path}`, kind: 'error', diagnostics: outside }];
}

function totals(cases: readonly Case[]): string {
  const count = (kind: Case['kind']): number => cases.filter((each) => each.kind === kind).length;
  return `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
}

function caseXml(path: string, { name, kind, diagnostics }: Case): string {
  const opening = `    <testcase name="${escaped(name)}" classname="${escaped(path)}"`;
  if (kind === 'passed') return `${opening}/>\n`;
  const text = diagnostics.map(({ place, code, message }) => `${path}:${place.line + 1}:${place.start + 1}: ${code}: ${message}`)
    .join('\n');
  const first = diagnostics[0];
  const type = kind === 'skipped' ? '' : ` type="${escaped(first?.code ?? 'violated')}"`;
  return `${opening}>\n      <${kind} message="${escaped(first?.message ?? '')}"${type}>${escaped(text)}</${kind}>\n    </testcase>\n`;
}

/** Text for XML 1.0, which has no way to write most control characters: they become U+FFFD. */
function escaped(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll('\n', '&#10;');
}
