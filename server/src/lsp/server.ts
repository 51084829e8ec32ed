/** The language server, whatever it runs on: documents in, diagnostics and answers out. */
import { TextDocumentSyncKind } from 'vscode-languageserver/node';
import type { Connection, InitializeParams, InitializeResult } from 'vscode-languageserver/node';
import { TOKEN_MODIFIERS, TOKEN_TYPES } from '../features/semanticTokens.ts';
import { Guard } from './guard.ts';
import { handleRequests } from './handlers.ts';
import { openClient } from './editor.ts';
import type { InitializationOptions, Settings } from './requests.ts';
import { Session } from './session.ts';
import { fromChange } from './convert.ts';
import type { StartWorker } from './workerMessages.ts';

export function startServer(connection: Connection, startWorker: StartWorker): void {
  const guard = new Guard(connection);
  connection.onInitialize((params: InitializeParams): InitializeResult => {
    const options = (params.initializationOptions ?? {}) as InitializationOptions;
    const session = new Session(connection, guard, startWorker, openClient(params.capabilities, options));
    session.configure(options.settings);
    synchronise(connection, guard, session);
    handleRequests(connection, guard, session);
    return { serverInfo: { name: 'pawl' }, capabilities: CAPABILITIES };
  });
  connection.listen();
}

function synchronise(connection: Connection, guard: Guard, session: Session): void {
  connection.onDidOpenTextDocument(guard.notification('opening', ({ textDocument: { uri, version, text } }) =>
    session.opened(uri, version, text)));
  connection.onDidChangeTextDocument(guard.notification('editing', ({ textDocument, contentChanges }) =>
    session.changed(textDocument.uri, textDocument.version, contentChanges.map(fromChange))));
  connection.onDidCloseTextDocument(guard.notification('closing', ({ textDocument }) => session.closed(textDocument.uri)));
  connection.onDidChangeConfiguration(guard.notification('settings', ({ settings }) =>
    session.configure((settings as { pawl?: Settings } | null | undefined)?.pawl)));
  connection.onShutdown(() => session.stop());
}

const CAPABILITIES: InitializeResult['capabilities'] = {
  positionEncoding: 'utf-16',
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
  hoverProvider: true,
  completionProvider: { triggerCharacters: ['@', '{', '>', ':'] },
  documentSymbolProvider: true,
  foldingRangeProvider: true,
  semanticTokensProvider: { legend: { tokenTypes: [...TOKEN_TYPES], tokenModifiers: [...TOKEN_MODIFIERS] }, full: true, range: true },
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  renameProvider: { prepareProvider: true },
  documentFormattingProvider: true,
  inlayHintProvider: true,
  codeLensProvider: {},
  codeActionProvider: { codeActionKinds: ['quickfix'] },
  documentLinkProvider: {},
};
