/** The outline: blocks, and in them the names they declare. */
import type { PawlDocument } from '../language/document.ts';
import type { BlockRange } from '../language/syntax.ts';
import type { Place } from '../model/diagnostic.ts';
import { scopeOf } from './scope.ts';

export interface DocumentSymbol {
  readonly name: string;
  readonly detail: string;
  readonly kind: 'scenario' | 'trace' | 'history' | 'node' | 'client' | 'label';
  readonly line: number;
  readonly endLine: number;
  /** Where the name stands. */
  readonly place: Place;
  readonly children: readonly DocumentSymbol[];
}

export function documentSymbols(document: PawlDocument): DocumentSymbol[] {
  return document.blocks.map((block) => blockSymbol(document, block));
}

function blockSymbol(document: PawlDocument, block: BlockRange): DocumentSymbol {
  const text = document.lines[block.start]?.text ?? '';
  const start = text.search(/\S/);
  return {
    name: block.name === '' ? block.kind : block.name, detail: block.kind, kind: block.kind, line: block.start, endLine: block.end,
    place: { line: block.start, start: Math.max(0, start), end: text.length },
    children: scopeOf(document, block).declared.flatMap(({ name, role, place }): DocumentSymbol[] => place === undefined ? []
      : [{ name, detail: role, kind: role, line: place.line, endLine: place.line, place, children: [] }]),
  };
}
