/** Definition, references and rename of nodes, clients and labels. Names hold within their block. */
import type { PawlDocument } from '../language/document.ts';
import { ADMINISTRATOR } from '../language/grammarClients.ts';
import type { BlockRange, Token } from '../language/syntax.ts';
import type { Place, TextEdit } from '../model/diagnostic.ts';
import { blockAt, effectiveFamily, hasLabel, occurrences, placeOf, scopeOf, tokenAt } from './scope.ts';
import type { Family, Position } from './scope.ts';

interface Named {
  readonly block: BlockRange;
  readonly token: Token;
  readonly family: Family;
}

/** Keys are never declared, so the first mention stands for their definition. */
export function definition(document: PawlDocument, position: Position): Place | undefined {
  const named = nameAt(document, position);
  if (named === undefined) return undefined;
  const declared = declarationOf(document, named);
  if (declared !== undefined || named.family !== 'key') return declared;
  const first = occurrences(document, named.block, 'key', named.token.text)[0];
  return first && placeOf(first.line, first.token);
}

function declarationOf(document: PawlDocument, { block, token, family }: Named): Place | undefined {
  if (family === 'key') return undefined;
  const isLabel = family === 'label';
  return scopeOf(document, block).declared.find((each) => each.name === token.text && (each.role === 'label') === isLabel)?.place;
}

/** The mentions near the cursor: what is in view is marked at every move, and a trace may have a hundred thousand lines. */
export function highlights(document: PawlDocument, position: Position): Place[] {
  const named = nameAt(document, position);
  if (named === undefined) return [];
  const { block, family, token } = named;
  const near = { ...block, start: Math.max(block.start, position.line - NEAR), end: Math.min(block.end, position.line + NEAR) };
  return occurrences(document, block, family, token.text, near).map(({ line, token: each }) => placeOf(line, each));
}

/** Lines on either side of the cursor. */
const NEAR = 500;

export function references(document: PawlDocument, position: Position, withDeclaration: boolean): Place[] {
  const named = nameAt(document, position);
  if (named === undefined) return [];
  const declared = withDeclaration ? undefined : declarationOf(document, named);
  return occurrences(document, named.block, named.family, named.token.text).map(({ line, token }) => placeOf(line, token))
    .filter((place) => declared === undefined || place.line !== declared.line || place.start !== declared.start);
}

function nameAt(document: PawlDocument, position: Position): Named | undefined {
  const token = tokenAt(document, position), block = blockAt(document, position.line);
  if (token === undefined || block === undefined) return undefined;
  const family = effectiveFamily(document, block, position.line, token);
  return family === undefined ? undefined : { block, token, family };
}

/** A refusal says why, and what to do instead. */
export type Renaming<T> = { readonly kind: 'possible'; readonly value: T } | { readonly kind: 'refused'; readonly reason: string };

export function prepareRename(document: PawlDocument, position: Position): Renaming<Place> {
  const named = nameAt(document, position);
  if (named === undefined || named.family === 'key') {
    return refused('Only nodes, clients and labels can be renamed: put the cursor on one of their names.');
  }
  const { block, token, family } = named;
  if (family === 'label' ? !hasLabel(document, block, token.text) : isUndeclared(document, named)) {
    return refused(`${token.text} is not declared in this block: declare it first, or correct its spelling.`);
  }
  if (token.text === ADMINISTRATOR && declarationOf(document, named) === undefined) return refused(`${token.text} asks for the changes of membership, and keeps its name.`);
  if (family === 'process' && declarationOf(document, named) === undefined) {
    return refused(`${token.text} is named by the count in \`nodes\`: write the names out to give this node another one.`);
  }
  return { kind: 'possible', value: placeOf(position.line, token) };
}

function isUndeclared(document: PawlDocument, { block, token }: Named): boolean {
  return !scopeOf(document, block).declared.some((each) => each.name === token.text && each.role !== 'label');
}

export function rename(document: PawlDocument, position: Position, to: string): Renaming<TextEdit[]> {
  const prepared = prepareRename(document, position);
  if (prepared.kind === 'refused') return prepared;
  const { block, token, family } = nameAt(document, position)!;
  const problem = badName(document, block, family, token.text, to);
  if (problem !== undefined) return refused(problem);
  const edits = occurrences(document, block, family, token.text)
    .map(({ line, token: each }): TextEdit => ({ kind: 'replace', place: placeOf(line, each), text: to }));
  return { kind: 'possible', value: edits };
}

function badName(document: PawlDocument, block: BlockRange, family: Family, from: string, to: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_.-]*$/.test(to)) {
    return `"${to}" cannot be a name: names begin with a letter and go on with letters, digits, "_", "." and "-".`;
  }
  const taken = scopeOf(document, block).declared.find((each) => each.name === to && (each.role === 'label') === (family === 'label'));
  if (to !== from && taken !== undefined) return `${to} is already a ${taken.role} of this block: choose another name.`;
  return undefined;
}

function refused(reason: string): { readonly kind: 'refused'; readonly reason: string } {
  return { kind: 'refused', reason };
}
