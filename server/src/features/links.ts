/** Links from codes and protocols to their pages in docs/, and the document links on the codes a document names. */
import type { PawlDocument } from '../language/document.ts';
import type { Place } from '../model/diagnostic.ts';
import { tokensOfLine } from '../language/tokens.ts';
import { CATALOGUE, violationSpec } from './catalogued.ts';
import { placeOf } from './scope.ts';

/** A page below docs/, without `.md`: `violations/split-brain`, `protocols/raft`. */
export type Page = string;

export interface PageLink {
  readonly place: Place;
  readonly page: Page;
  readonly tooltip: string;
}

export function violationPage(diagnosticCode: string): Page | undefined {
  return violationSpec(diagnosticCode) === undefined ? undefined : `violations/${diagnosticCode}`;
}

/** The links of a document: violation codes of expectations. */
export function pageLinks(document: PawlDocument): PageLink[] {
  const links: PageLink[] = [];
  document.lines.forEach((line, number) => {
    if (line.statement?.kind !== 'expect') return;
    for (const token of tokensOfLine(document, number)) {
      const page = token.role === 'violation' ? violationPage(token.text) : undefined;
      if (page !== undefined) links.push({ place: placeOf(number, token), page, tooltip: `What ${token.text} means` });
    }
  });
  return links;
}

export function protocolPage(name: string): Page | undefined {
  const spec = CATALOGUE.protocols.find((each) => each.name === name);
  return spec?.available === true ? `protocols/${spec.alias?.protocol ?? name}` : undefined;
}
