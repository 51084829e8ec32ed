/** The open documents, kept up to date change by change: only the lines that change are parsed again. */
import type { PawlDocument, TextChange } from '../language/document.ts';
import { applyChanges, parseDocument } from '../language/parser.ts';
import { applyToLines, reasonForOff, splitLines } from './plainText.ts';

/** A document's text: parsed, or (too large, or not text at all) only kept, so that it can be parsed once it is mended. */
export type Content =
  | { readonly kind: 'parsed'; readonly document: PawlDocument }
  | { readonly kind: 'off'; readonly reason: string; readonly lines: readonly string[] };

export interface OpenDocument {
  readonly uri: string;
  readonly version: number;
  readonly content: Content;
}

/** A change as the editor sends it: a range, or (no range) the whole text. */
export type Change = TextChange | { readonly text: string };

export class DocumentTable {
  private readonly open = new Map<string, OpenDocument>();

  get(uri: string): OpenDocument | undefined { return this.open.get(uri); }

  all(): readonly OpenDocument[] { return [...this.open.values()]; }

  add(uri: string, version: number, text: string): OpenDocument {
    return this.keep({ uri, version, content: contentOf(text) });
  }

  /** The changes apply one after the other. undefined: the document is not open. */
  change(uri: string, version: number, changes: readonly Change[]): OpenDocument | undefined {
    const before = this.open.get(uri);
    if (before === undefined) return undefined;
    let content = before.content;
    for (const batch of batches(changes)) content = applyBatch(content, batch);
    return this.keep({ uri, version, content });
  }

  remove(uri: string): void { this.open.delete(uri); }

  private keep(document: OpenDocument): OpenDocument {
    this.open.set(document.uri, document);
    return document;
  }
}

export function contentOf(text: string): Content {
  const reason = reasonForOff(text);
  return reason === undefined ? { kind: 'parsed', document: parseDocument(text) } : { kind: 'off', reason, lines: splitLines(text) };
}

export function textOf(document: PawlDocument): string {
  return document.lines.map((line) => line.text).join('\n');
}

/** Runs of changes with ranges stay together; a whole text stands alone. */
function batches(changes: readonly Change[]): Change[][] {
  const all: Change[][] = [];
  for (const change of changes) {
    const last = all.at(-1);
    if (last !== undefined && 'start' in change && 'start' in last[0]!) last.push(change);
    else all.push([change]);
  }
  return all;
}

function applyBatch(content: Content, batch: readonly Change[]): Content {
  const ranged = batch.filter((change) => 'start' in change);
  if (ranged.length < batch.length) return contentOf(batch.at(-1)!.text);
  if (content.kind === 'off' || ranged.some((change) => reasonForOff(change.text) !== undefined)) return applyPlain(content, ranged);
  const document = applyChanges(content.document, ranged);
  const characters = document.lines.reduce((sum, line) => sum + line.text.length + 1, 0);
  const reason = reasonForOff('', characters, document.lines.length);
  return reason === undefined ? { kind: 'parsed', document } : { kind: 'off', reason, lines: document.lines.map((line) => line.text) };
}

function applyPlain(content: Content, changes: readonly TextChange[]): Content {
  const before = content.kind === 'off' ? content.lines : content.document.lines.map((line) => line.text);
  const lines = applyToLines(before, changes);
  const characters = lines.reduce((sum, line) => sum + line.length + 1, 0);
  const reason = reasonForOff(sample(lines), characters, lines.length);
  return reason === undefined ? contentOf(lines.join('\n')) : { kind: 'off', reason, lines };
}

/** Enough of the text to see whether it is text. */
function sample(lines: readonly string[]): string {
  let text = '';
  for (const line of lines) {
    if (text.length > SAMPLE) break;
    text += line;
  }
  return text;
}

const SAMPLE = 65_536;
