/** The only place that turns our plain data into the editor's protocol, and back. */
import {
  CodeActionKind, CompletionItemKind, DiagnosticSeverity, FoldingRangeKind, InlayHintKind, InsertTextFormat, MarkupKind, SymbolKind,
} from 'vscode-languageserver/node';
import type {
  CodeAction, CodeLens, CompletionItem, Diagnostic, DocumentLink, DocumentSymbol, FoldingRange, Hover, InlayHint, Location, MarkupContent,
  Position, Range, SemanticTokens, TextDocumentContentChangeEvent, TextEdit, WorkspaceEdit,
} from 'vscode-languageserver/node';
import type { PawlDocument } from '../language/document.ts';
import type * as model from '../model/diagnostic.ts';
import type * as actions from '../features/codeActions.ts';
import type * as lenses from '../features/codeLenses.ts';
import type * as completions from '../features/completion.ts';
import type { Fold } from '../features/folding.ts';
import type { LineEdit } from '../features/formatting.ts';
import type * as hovers from '../features/hover.ts';
import type * as hints from '../features/inlayHints.ts';
import type { PageLink } from '../features/links.ts';
import { violationPage } from '../features/links.ts';
import type * as scope from '../features/scope.ts';
import type { SemanticToken } from '../features/semanticTokens.ts';
import type * as symbols from '../features/symbols.ts';
import type { Change } from './documents.ts';

/** Where a page of docs/ is found, or undefined where the editor cannot show one. */
export type PageAddress = (page: string) => string | undefined;

export function fromPosition(position: Position): scope.Position {
  return { line: position.line, column: position.character };
}

export function fromChange(change: TextDocumentContentChangeEvent): Change {
  if (!('range' in change)) return { text: change.text };
  const { start, end } = change.range;
  return { start: { line: start.line, column: start.character }, end: { line: end.line, column: end.character }, text: change.text };
}

export function toRange(place: model.Place): Range {
  return range(place.line, place.start, place.line, place.end);
}

function range(startLine: number, start: number, endLine: number, end: number): Range {
  return { start: { line: startLine, character: start }, end: { line: endLine, character: end } };
}

function lineLength(document: PawlDocument, line: number): number {
  return document.lines[line]?.text.length ?? 0;
}

function markdown(value: string): MarkupContent {
  return { kind: MarkupKind.Markdown, value };
}

const SEVERITY: Record<model.Severity, DiagnosticSeverity> = {
  error: DiagnosticSeverity.Error, warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information, hint: DiagnosticSeverity.Hint,
};

export function toDiagnostic(uri: string, diagnostic: model.Diagnostic, address: PageAddress): Diagnostic {
  const page = violationPage(diagnostic.code);
  const href = page === undefined ? undefined : address(page);
  return {
    range: toRange(diagnostic.place), severity: SEVERITY[diagnostic.severity], code: diagnostic.code, source: 'pawl',
    message: diagnostic.message,
    ...href === undefined ? {} : { codeDescription: { href } },
    ...diagnostic.related.length === 0 ? {} : {
      relatedInformation: diagnostic.related.map((each) => ({ location: { uri, range: toRange(each.place) }, message: each.message })),
    },
  };
}

export function toCodeAction(uri: string, version: number | undefined, document: PawlDocument, { fix, diagnostic }: actions.CodeAction,
  address: PageAddress): CodeAction {
  return {
    title: fix.title, kind: CodeActionKind.QuickFix, isPreferred: fix.preferred, diagnostics: [toDiagnostic(uri, diagnostic, address)],
    edit: toWorkspaceEdit(uri, version, fix.edits.map((edit) => toTextEdit(document, edit))),
  };
}

/** With a version, the editor refuses the edit if the text has changed meanwhile. */
export function toWorkspaceEdit(uri: string, version: number | undefined, edits: TextEdit[]): WorkspaceEdit {
  return version === undefined ? { changes: { [uri]: edits } } : { documentChanges: [{ textDocument: { uri, version }, edits }] };
}

export function toTextEdit(document: PawlDocument, edit: model.TextEdit): TextEdit {
  return edit.kind === 'replace' ? { range: toRange(edit.place), newText: edit.text } : insertLines(document, edit.line, edit.text);
}

function insertLines(document: PawlDocument, line: number, text: string): TextEdit {
  if (line < document.lines.length) return { range: range(line, 0, line, 0), newText: `${text}\n` };
  const last = document.lines.length - 1, end = lineLength(document, last);
  return { range: range(last, end, last, end), newText: `\n${text}` };
}

export function toLineEdit(document: PawlDocument, edit: LineEdit): TextEdit {
  const { from, to, lines } = edit;
  if (from === to) return insertLines(document, from, lines.join('\n'));
  if (lines.length > 0) return { range: range(from, 0, to - 1, lineLength(document, to - 1)), newText: lines.join('\n') };
  if (to < document.lines.length) return { range: range(from, 0, to, 0), newText: '' };
  const before = Math.max(0, from - 1);
  return { range: range(before, from === 0 ? 0 : lineLength(document, before), to - 1, lineLength(document, to - 1)), newText: '' };
}

export function toHover(hover: hovers.Hover, address: PageAddress): Hover {
  const href = hover.page === undefined ? undefined : address(hover.page);
  const text = href === undefined ? hover.markdown : `${hover.markdown}\n\n[Read more](${href})`;
  return { contents: markdown(text), range: toRange(hover.place) };
}

/** What the editor can make of a suggestion: fill in its stops, and show its detail on every row of the list. */
export interface CompletionEditor {
  readonly snippets: boolean;
  readonly labelDetails: boolean;
}

const COMPLETION: Record<completions.CompletionKind, CompletionItemKind> = {
  keyword: CompletionItemKind.Keyword, node: CompletionItemKind.Variable, client: CompletionItemKind.Variable,
  label: CompletionItemKind.Reference, message: CompletionItemKind.Function, protocol: CompletionItemKind.Class,
  preset: CompletionItemKind.Enum, knob: CompletionItemKind.Property, value: CompletionItemKind.EnumMember,
  violation: CompletionItemKind.Event, key: CompletionItemKind.Field, snippet: CompletionItemKind.Snippet,
};

/** `index`: its place in the list, which is kept. */
export function toCompletion(item: completions.Completion, index: number, editor: CompletionEditor): CompletionItem {
  const { snippets, labelDetails } = editor;
  const text = item.snippet && !snippets ? item.insert.replace(/\$\{\d+:([^}]*)\}/g, '$1') : item.insert;
  return {
    label: item.label, kind: COMPLETION[item.kind], sortText: String(index).padStart(4, '0'),
    ...item.detail === '' ? {} : labelDetails ? { labelDetails: { description: item.detail } } : { detail: item.detail },
    ...item.documentation === '' ? {} : { documentation: markdown(item.documentation) },
    insertTextFormat: item.snippet && snippets ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    textEdit: { range: toRange(item.place), newText: text },
  };
}

const SYMBOL: Record<symbols.DocumentSymbol['kind'], SymbolKind> = {
  scenario: SymbolKind.Module, trace: SymbolKind.Module, history: SymbolKind.Module,
  node: SymbolKind.Class, client: SymbolKind.Interface, label: SymbolKind.Event,
};

export function toSymbol(document: PawlDocument, symbol: symbols.DocumentSymbol): DocumentSymbol {
  const { line, endLine, place } = symbol;
  return {
    name: symbol.name, detail: symbol.detail, kind: SYMBOL[symbol.kind], selectionRange: toRange(place),
    range: line === endLine ? toRange(place) : range(line, 0, endLine, lineLength(document, endLine)),
    children: symbol.children.map((child) => toSymbol(document, child)),
  };
}

export function toFold(fold: Fold): FoldingRange {
  return { startLine: fold.line, endLine: fold.endLine, ...fold.kind === 'comment' ? { kind: FoldingRangeKind.Comment } : {} };
}

/** Five numbers a token, relative to the one before (the protocol's own encoding). */
export function toSemanticTokens(tokens: readonly SemanticToken[]): SemanticTokens {
  const data: number[] = [];
  let line = 0, start = 0;
  for (const token of tokens) {
    data.push(token.line - line, token.line === line ? token.start - start : token.start, token.length, token.type, token.modifiers);
    line = token.line;
    start = token.start;
  }
  return { data };
}

export function toLocation(uri: string, place: model.Place): Location {
  return { uri, range: toRange(place) };
}

/** The space is for themes in which a hint has hardly a background: `C A leads` would read like one list. */
export function toInlayHint(hint: hints.InlayHint): InlayHint {
  return {
    position: { line: hint.line, character: hint.column }, label: `\u00A0${hint.text}`, kind: InlayHintKind.Type, paddingLeft: true,
    ...hint.tooltip === '' ? {} : { tooltip: markdown(hint.tooltip) },
  };
}

export function toCodeLens(uri: string, lens: lenses.CodeLens, commands: boolean): CodeLens {
  const command = { report: 'pawl.showReport', timeline: 'pawl.openTimeline' }[lens.action];
  const { title, tooltip } = lens;
  return {
    range: range(lens.line, 0, lens.line, 0),
    command: commands ? { title, tooltip, command, arguments: [uri, lens.block] } : { title, command: '' },
  };
}

export function toDocumentLink(link: PageLink, address: PageAddress): DocumentLink | undefined {
  const target = address(link.page);
  return target === undefined ? undefined : { range: toRange(link.place), target, tooltip: link.tooltip };
}
