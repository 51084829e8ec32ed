/** "Check This History": a file of another tool, read into a new Pawl document, where its verdict stands. */
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { IMPORT_HISTORY, ImportedHistory, ImportHistoryParams, ImportHistoryResult } from '../../server/src/lsp/requests.ts';

const request: typeof IMPORT_HISTORY = 'pawl/importHistory';

/** Above so many bytes the command does it in less memory, and the editor would not show the result anyway. */
const MOST_BYTES = 20_000_000;

const MEANINGS: readonly (vscode.QuickPickItem & { readonly nil: 'absent' | 'unknown' })[] = [
  { label: 'The key was not there', detail: 'As etcd and Maelstrom answer a read of a key that nobody has written.', nil: 'absent' },
  { label: 'Nobody learned the value', detail: 'As in histories for Knossos: the read says nothing, and is left out.', nil: 'unknown' },
];

export async function checkHistory(client: LanguageClient, output: vscode.OutputChannel, from: vscode.Uri | undefined): Promise<void> {
  const uri = from ?? vscode.window.activeTextEditor?.document.uri;
  if (uri === undefined) {
    void vscode.window.showInformationMessage('Open the history of a test first: Jepsen’s, Maelstrom’s or Porcupine’s, or events as JSON lines.');
    return;
  }
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1), text = await textOf(uri);
  if (text === undefined) {
    void vscode.window.showWarningMessage(`${name} is too large for the editor. In a terminal: pawl import ${name} -o history.pawl && pawl check history.pawl`);
    return;
  }
  const first = await imported(client, { name, text });
  if (first === undefined) return;
  const nil = first !== null && first.nilReads > 0 ? await meaningOfNil(first.nilReads) : undefined;
  if (first !== null && first.nilReads > 0 && nil === undefined) return;
  const history = nil === undefined ? first : await imported(client, { name, text, nil });
  if (history !== undefined) await show(name, history, output);
}

/** As the editor has it, if it has it open; undefined for what is too large. */
async function textOf(uri: vscode.Uri): Promise<string | undefined> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open !== undefined) return open.getText();
  const { size } = await vscode.workspace.fs.stat(uri);
  return size > MOST_BYTES ? undefined : new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

/** undefined: cancelled. */
function imported(client: LanguageClient, params: ImportHistoryParams): Thenable<ImportHistoryResult | undefined> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: `Reading ${params.name}`, cancellable: true },
    async (_progress, token) => {
      try {
        return await client.sendRequest<ImportHistoryResult>(request, params, token);
      } catch (error) {
        if (token.isCancellationRequested) return undefined;
        throw error;
      }
    });
}

async function meaningOfNil(reads: number): Promise<'absent' | 'unknown' | undefined> {
  const title = reads === 1 ? 'One read got nil. What does that say?' : `${reads} reads got nil. What does that say?`;
  return (await vscode.window.showQuickPick(MEANINGS, { title }))?.nil;
}

async function show(name: string, history: ImportedHistory | null, output: vscode.OutputChannel): Promise<void> {
  if (history === null) {
    void vscode.window.showWarningMessage(`${name} is in no format that Pawl reads: Jepsen’s and Maelstrom’s history.edn, Jepsen’s log, Porcupine’s key-value text, or events as JSON lines.`);
    return;
  }
  if (history.omitted > 0) void complain(name, history, output);
  if (history.text === '') {
    void vscode.window.showWarningMessage(`${name} is no history: it holds no operation.`);
    return;
  }
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'pawl', content: history.text }), { viewColumn: vscode.ViewColumn.Beside });
}

async function complain(name: string, { omitted, problems }: ImportedHistory, output: vscode.OutputChannel): Promise<void> {
  output.appendLine(`${name}: ${problems.join('; ')}${omitted > problems.length ? `; and ${omitted - problems.length} more` : ''}`);
  const choice = await vscode.window.showWarningMessage(`${omitted === 1 ? 'One line' : `${omitted} lines`} of ${name} could not be read; the rest is here.`, 'Show Which');
  if (choice !== undefined) output.show();
}
