/** Every request of an editor, each handed to its feature. Requests about runs wait a little for the present text's result. */
import type { CancellationToken, Connection, ResponseError } from 'vscode-languageserver/node';
import type { PawlDocument } from '../language/document.ts';
import { codeActions, fixable } from '../features/codeActions.ts';
import { codeLenses } from '../features/codeLenses.ts';
import { completion } from '../features/completion.ts';
import { foldingRanges } from '../features/folding.ts';
import { formatting } from '../features/formatting.ts';
import { hover } from '../features/hover.ts';
import { inlayHints } from '../features/inlayHints.ts';
import { pageLinks } from '../features/links.ts';
import { definition, highlights, prepareRename, references, rename } from '../features/references.ts';
import { report } from '../features/report.ts';
import { semanticTokens } from '../features/semanticTokens.ts';
import { SNIPPETS } from '../features/snippets.ts';
import { documentSymbols } from '../features/symbols.ts';
import { timelineAt } from '../features/timeline.ts';
import * as convert from './convert.ts';
import { refusal } from './guard.ts';
import type { Guard } from './guard.ts';
import { importHistory } from './importing.ts';
import { BLOCK_AT, IMPORT_HISTORY, REPORT, TEMPLATES, TIMELINE } from './requests.ts';
import type { BlockAtParams, ImportHistoryParams, ImportHistoryResult, ReportParams, ReportResult, Template, TimelineParams, TimelineResult } from './requests.ts';
import type { Session } from './session.ts';

/** Milliseconds a hover waits for the result of the present text, and what the editor keeps longer (hints, lenses). */
const HOVER_PATIENCE = 300;
const HINT_PATIENCE = 600;
const TIMELINE_PATIENCE = 2000;
/** Each fix of a problem is tried before it is offered, so a large selection brings those of its first problems only. */
const MOST_FIXED = 5;
/** Above so many lines the editor asks for the colours of what it shows, not of everything. */
const MOST_COLOURED = 20_000;

export function handleRequests(connection: Connection, guard: Guard, session: Session): void {
  aboutText(connection, guard, session);
  aboutNames(connection, guard, session);
  aboutRuns(connection, guard, session);
  ourOwn(connection, guard, session);
}

interface InDocument {
  readonly textDocument: { readonly uri: string };
}

/** What needs the text only. */
function aboutText(connection: Connection, guard: Guard, session: Session): void {
  const text = <P extends InDocument, R>(name: string, nothing: R, answer: (document: PawlDocument, params: P) => R) =>
    guard.request<P, R>(name, nothing, (params) => {
      const document = session.document(params.textDocument.uri);
      return document === undefined ? nothing : answer(document, params);
    });
  connection.onCompletion(text('completion', [], (document, params) =>
    completion(document, convert.fromPosition(params.position))
      .map((item, index) => convert.toCompletion(item, index, session.editor))));
  connection.onDocumentSymbol(text('the outline', [], (document) =>
    documentSymbols(document).map((symbol) => convert.toSymbol(document, symbol))));
  connection.onFoldingRanges(text('folding', [], (document) => foldingRanges(document).map(convert.toFold)));
  connection.onDocumentFormatting(text('formatting', [], (document) =>
    formatting(document).map((edit) => convert.toLineEdit(document, edit))));
  connection.onDocumentLinks(text('links', [], (document) =>
    pageLinks(document).flatMap((link) => convert.toDocumentLink(link, session.editor.pageAddress) ?? [])));
  connection.languages.semanticTokens.on(text('colours', null, (document) =>
    document.lines.length > MOST_COLOURED ? null : convert.toSemanticTokens(semanticTokens(document))));
  connection.languages.semanticTokens.onRange(text('colours', null, (document, { range }) =>
    convert.toSemanticTokens(semanticTokens(document, range.start.line, range.end.line))));
}

function aboutNames(connection: Connection, guard: Guard, session: Session): void {
  connection.onDefinition(guard.request('definition', null, ({ textDocument: { uri }, position }) => {
    const document = session.document(uri);
    const place = document && definition(document, convert.fromPosition(position));
    return place === undefined ? null : convert.toLocation(uri, place);
  }));
  connection.onReferences(guard.request('references', [], ({ textDocument: { uri }, position, context }) => {
    const document = session.document(uri);
    if (document === undefined) return [];
    return references(document, convert.fromPosition(position), context.includeDeclaration).map((place) => convert.toLocation(uri, place));
  }));
  connection.onDocumentHighlight(guard.request('highlights', [], ({ textDocument: { uri }, position }) => {
    const document = session.document(uri);
    if (document === undefined) return [];
    return highlights(document, convert.fromPosition(position)).map((place) => ({ range: convert.toRange(place) }));
  }));
  connection.onPrepareRename(guard.request('rename', null, ({ textDocument: { uri }, position }) => {
    const document = session.document(uri);
    if (document === undefined) return null;
    const renaming = prepareRename(document, convert.fromPosition(position));
    if (renaming.kind === 'refused') throw refusal(renaming.reason);
    return convert.toRange(renaming.value);
  }));
  connection.onRenameRequest(guard.request('rename', null, ({ textDocument: { uri }, position, newName }) => {
    const document = session.document(uri);
    if (document === undefined) return null;
    const renaming = rename(document, convert.fromPosition(position), newName);
    if (renaming.kind === 'refused') throw refusal(renaming.reason);
    return convert.toWorkspaceEdit(uri, editVersion(session, uri), renaming.value.map((edit) => convert.toTextEdit(document, edit)));
  }));
}

function editVersion(session: Session, uri: string): number | undefined {
  return session.editor.versionedEdits ? session.version(uri) : undefined;
}

/** What needs the results of runs. */
function aboutRuns(connection: Connection, guard: Guard, session: Session): void {
  connection.onHover(guard.request('hover', null, async ({ textDocument: { uri }, position }) => {
    const analysis = await session.analysis(uri, HOVER_PATIENCE);
    const found = analysis && hover(analysis, convert.fromPosition(position));
    return found === undefined ? null : convert.toHover(found, session.editor.pageLink);
  }));
  connection.onCodeAction(guard.request('quick fixes', [], async ({ textDocument: { uri }, range, context: { only } }) => {
    if (only?.some((kind) => kind === 'quickfix' || kind === '') === false) return [];
    const analysis = await session.analysis(uri, HOVER_PATIENCE);
    if (analysis === undefined) return [];
    // The version before anything else is awaited: the edits are of this text.
    const version = editVersion(session, uri);
    const found = fixable(analysis.diagnostics, range.start.line, range.end.line).slice(0, MOST_FIXED);
    const tried = await Promise.all(found.map((each) => session.withHelpfulFixes(uri, each)));
    return codeActions(tried).map((action) => convert.toCodeAction(uri, version, analysis.document, action, session.editor.pageAddress));
  }));
  connection.languages.inlayHint.on(guard.request('hints', [], async ({ textDocument: { uri }, range }) => {
    const analysis = await session.analysis(uri, HINT_PATIENCE);
    session.answered(uri);
    if (analysis === undefined) return [];
    const withheld = session.withheld(uri);
    return inlayHints(analysis, range.start.line, range.end.line).filter(({ line }) => !withheld.has(line)).map(convert.toInlayHint);
  }));
  connection.onCodeLens(guard.request('lenses', [], async ({ textDocument: { uri } }) => {
    const analysis = await session.analysis(uri, HINT_PATIENCE);
    session.answered(uri);
    return analysis === undefined ? [] : codeLenses(analysis).map((lens) => convert.toCodeLens(uri, lens, session.editor.commands));
  }));
}

/** What our own client asks. */
function ourOwn(connection: Connection, guard: Guard, session: Session): void {
  const answer = <P, R>(method: string, handler: (params: P, token: CancellationToken) => Promise<R | ResponseError>): void => {
    connection.onRequest(method, (params: P, token: CancellationToken): unknown => handler(params, token));
  };
  answer(TIMELINE, guard.request<TimelineParams, TimelineResult>('the timeline', null, async ({ uri, block }) => {
    const analysis = await session.analysis(uri, TIMELINE_PATIENCE);
    return (analysis && timelineAt(analysis, block)) ?? null;
  }));
  answer(REPORT, guard.request<ReportParams, ReportResult>('the report', null, async ({ uri, block }) => {
    const result = (await session.analysis(uri, TIMELINE_PATIENCE))?.blocks[block];
    return result === undefined ? null : { title: result.name, markdown: report(result) };
  }));
  answer(BLOCK_AT, guard.request<BlockAtParams, number>('the block', -1, ({ uri, line }) =>
    session.document(uri)?.blocks.findLastIndex((block) => block.start <= line) ?? -1));
  answer(TEMPLATES, guard.request<null, readonly Template[]>('the templates', [], () =>
    SNIPPETS.map(({ label, about, body }) => ({ label, about, body }))));
  answer(IMPORT_HISTORY, guard.request<ImportHistoryParams, ImportHistoryResult>('the import', null, importHistory));
}
