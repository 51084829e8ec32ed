/** What the editor tests share. */
import * as assert from 'node:assert/strict';
import { join } from 'node:path';
import * as vscode from 'vscode';

export interface Test {
  readonly name: string;
  readonly body: () => Promise<void>;
}

export const test = (name: string, body: () => Promise<void>): Test => ({ name, body });

export { assert };

/** Whether the window can be looked at: only where VS Code runs behind a browser. */
export const hasPage = process.env['PAWL_PAGE'] !== undefined;

/** Asks the page for something (see page.mjs). */
export async function page<T>(action: string, args: Readonly<Record<string, unknown>> = {}): Promise<T> {
  const address = process.env['PAWL_PAGE'];
  if (address === undefined) throw new Error('this test needs the window behind a browser');
  const response = await fetch(address, { method: 'POST', body: JSON.stringify({ action, ...args }) });
  const answer = await response.json() as { value?: T; error?: string };
  if (answer.error !== undefined) throw new Error(`${action}: ${answer.error}`);
  return answer.value as T;
}

/** A picture of the window, test-results/editor/NAME.png. */
export async function screenshot(name: string): Promise<void> {
  const folder = process.env['PAWL_PICTURES'];
  if (hasPage && folder !== undefined) await page('screenshot', { path: join(folder, `${name}.png`) });
}

/** Asks again until the answer is there; fails with `what` after a generous while. */
export async function until<T>(what: string, ask: () => T | undefined | false | Thenable<T | undefined | false>, limitMs = 30_000): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Opens a file of the workspace in the first column. */
export async function open(path: string): Promise<vscode.TextEditor> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) throw new Error('no folder is open');
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, path));
  return vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One, preview: false });
}

/** An untitled Pawl document. */
export async function openText(content: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument({ language: 'pawl', content });
  return vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One, preview: false });
}

/** Where a word stands: the N-th occurrence from 1. */
export function find(document: vscode.TextDocument, word: string, nth = 1): vscode.Position {
  let at = -1;
  for (let i = 0; i < nth; i++) at = document.getText().indexOf(word, at + 1);
  if (at < 0) throw new Error(`no ${word} in the document`);
  return document.positionAt(at);
}

/** The diagnostics with this code. */
export function diagnostics(document: vscode.TextDocument, code: string): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(document.uri).filter((diagnostic) => codeOf(diagnostic) === code);
}

export function codeOf(diagnostic: vscode.Diagnostic): string {
  const { code } = diagnostic;
  return String(typeof code === 'object' ? code.value : code);
}

/** Waits for a diagnostic with this code. */
export const diagnostic = (document: vscode.TextDocument, code: string): Promise<vscode.Diagnostic> =>
  until(`the squiggle ${code}`, () => diagnostics(document, code)[0]);

/** Waits until no diagnostic with this code is left. */
export const noDiagnostic = (document: vscode.TextDocument, code: string): Promise<true> =>
  until(`the squiggle ${code} to go`, () => diagnostics(document, code).length === 0);

/** The hover's text at a position. */
export async function hover(document: vscode.TextDocument, position: vscode.Position): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, position);
  return hovers.flatMap(({ contents }) => contents).map((part) => (typeof part === 'string' ? part : part.value)).join('\n');
}

export async function closeEverything(): Promise<void> {
  for (const editor of vscode.window.visibleTextEditors) {
    if (editor.document.isDirty) await vscode.window.showTextDocument(editor.document).then(() => vscode.commands.executeCommand('workbench.action.files.revert'));
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}
