/** One block's verdict written out: what was expected, what was found, how the operations ended. */
import type { BlockResult } from '../analysis/analysis.ts';
import { bulletsUpTo, code, escape, paragraphs } from './markdown.ts';
import { narrate } from './narrative.ts';
import { operationLine } from './operations.ts';
import { summary } from './summary.ts';

const MOST = 200;

/** Markdown. */
export function report(result: BlockResult): string {
  return paragraphs(`# ${escape(result.name === '' ? result.kind : result.name)}`, `**${escape(summary(result))}**`,
    section('Expected', result.expectations.map((each) => `${each.met ? '✓' : '✗'} ${code(each.text)}${each.message === '' ? '' : `: ${escape(each.message)}`} (line ${each.line + 1})`)),
    ...result.violations.map((violation) => violationText(result, violation)),
    section('Operations', result.execution?.operations.map((operation) => operationLine(result.execution!, operation)) ?? []),
    section('Problems', result.diagnostics.filter((each) => each.severity === 'error').map((each) => `line ${each.place.line + 1}: ${escape(each.message)}`)));
}

function section(title: string, items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : `## ${title}\n\n${bulletsUpTo(MOST, items)}`;
}

function violationText(result: BlockResult, violation: BlockResult['violations'][number]): string {
  const { finding, folded, line, expected } = violation;
  const witnesses = result.execution === undefined ? [] : finding.witnesses.map((event) => narrate(result.execution!, event)).filter((each) => each !== undefined);
  return paragraphs(`## ${finding.code}${expected ? ' (as expected)' : ''}`, `${escape(finding.message)} (line ${line + 1})`,
    bulletsUpTo(MOST, witnesses), folded.length === 0 ? undefined : `It led to:\n\n${bulletsUpTo(MOST, folded.map((each) => `${code(each.code)}: ${escape(each.message)}`))}`);
}
