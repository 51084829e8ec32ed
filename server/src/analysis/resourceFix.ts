/** The way out of `unfenced`: the resource looks at the tokens that it is shown. */
import type { Finding } from '../checkers/checker.ts';
import type { Line } from '../language/document.ts';
import type { QuickFix } from '../model/diagnostic.ts';
import type { ResourceModel, Scenario } from '../model/scenario.ts';
import { statementPlace } from './places.ts';

/** The resource that a finding is about, if it is not fenced. */
export function unfencedResource(scenario: Scenario, finding: Finding): ResourceModel | undefined {
  return finding.nodes.map((process) => scenario.resources.get(process)).find((resource) => resource?.fenced === false);
}

export function resourceFixes(scenario: Scenario, lines: readonly Line[], finding: Finding): readonly QuickFix[] {
  const resource = finding.code === 'unfenced' ? unfencedResource(scenario, finding) : undefined;
  if (resource === undefined) return [];
  const { line, end } = statementPlace(lines, resource.line);
  return [{ title: 'Have the resource refuse older tokens', edits: [{ kind: 'replace', place: { line, start: end, end }, text: ' fenced' }], preferred: true }];
}
