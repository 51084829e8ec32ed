/** One block's verdict written out: what was expected, what was found, how the operations ended. */
import type { BlockResult, ExpectationResult } from '../analysis/analysis.ts';
import { bulletsUpTo, code, escape, paragraphs } from './markdown.ts';
import { witnessLines } from './narrative.ts';
import { operationLine } from './operations.ts';
import { summary } from './summary.ts';

const MOST = 200, MOST_LED = 12;

/** Markdown. */
export function report(result: BlockResult): string {
  return paragraphs(`# ${escape(result.name === '' ? result.kind : result.name)}`, `**${escape(summary(result))}**`,
    section('Expected', result.expectations.map(expectationLine)),
    ...result.violations.map((violation) => violationText(result, violation)),
    section('Operations', result.execution?.operations.map((operation) => operationLine(result.execution!, operation)) ?? []),
    section('Problems', result.diagnostics.filter((each) => each.severity === 'error')
      .map((each) => `line ${each.place.line + 1}: ${escape(each.message)}`)));
}

function expectationLine({ met, text, message, line }: ExpectationResult): string {
  return `${met ? '✓' : '✗'} ${code(text)}${message === '' ? '' : `: ${escape(message)}`} (line ${line + 1})`;
}

function section(title: string, items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : `## ${title}\n\n${bulletsUpTo(MOST, items)}`;
}

function violationText(result: BlockResult, violation: BlockResult['violations'][number]): string {
  const { finding, folded, line, expected } = violation;
  const { execution } = result;
  const witnesses = execution === undefined ? [] : witnessLines(execution, finding);
  const led = folded.map((each) => `${code(each.code)}: ${escape(each.message)}`);
  return paragraphs(`## ${finding.code}${expected ? ' (as expected)' : ''}`, `${escape(finding.message)} (line ${line + 1})`,
    bulletsUpTo(MOST, witnesses), led.length === 0 ? undefined : `It led to:\n\n${bulletsUpTo(MOST_LED, led)}`);
}
