/** The language server as the extension sees it: started, watched, asked. */
import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import type { LanguageClientOptions, ServerOptions } from 'vscode-languageclient/node';
import type {
  BLOCK_AT, BlockAtParams, InitializationOptions, REPORT, ReportParams, ReportResult, STATUS, StatusParams, TEMPLATES, TIMELINE_CHANGED,
  Template, TimelineChangedParams,
} from '../../server/src/lsp/requests.ts';
import { checkHistory } from './histories.ts';
import { pageUri } from './pages.ts';
import { StatusItem } from './statusItem.ts';
import { cursorMoved, notifyTimelineChanged, openTimeline, restoreTimelines } from './timelinePanel.ts';

const status: typeof STATUS = 'pawl/status';
const timelineChanged: typeof TIMELINE_CHANGED = 'pawl/timelineChanged';
const blockAt: typeof BLOCK_AT = 'pawl/blockAt';
const reportOf: typeof REPORT = 'pawl/report';
const templates: typeof TEMPLATES = 'pawl/templates';

const REPORT_SCHEME = 'pawl-report';

export async function startServer(context: vscode.ExtensionContext, output: vscode.LogOutputChannel): Promise<Server> {
  const client = new LanguageClient('pawl', 'Pawl', serverOptions(context), clientOptions(output));
  const server = new Server(context, client);
  await client.start();
  return server;
}

function serverOptions(context: vscode.ExtensionContext): ServerOptions {
  const module = context.asAbsolutePath('dist/server.js');
  return {
    run: { module, transport: TransportKind.ipc },
    debug: { module, transport: TransportKind.ipc, options: { execArgv: ['--nolazy', '--inspect=6011'] } },
  };
}

function clientOptions(output: vscode.LogOutputChannel): LanguageClientOptions {
  const check = vscode.workspace.getConfiguration('pawl').get<{ budget?: number }>('check');
  const options: InitializationOptions = {
    pageAddress: pageUri('{page}').toString(true), pageLink: 'command:pawl.explain?%5B%22{page}%22%5D', commands: true,
    settings: check === undefined ? {} : { check },
  };
  return {
    documentSelector: [{ language: 'pawl', scheme: 'file' }, { language: 'pawl', scheme: 'untitled' }],
    outputChannel: output,
    initializationOptions: options,
    synchronize: { configurationSection: 'pawl' },
    markdown: { isTrusted: { enabledCommands: ['pawl.explain'] } },
  };
}

export class Server {
  private readonly context: vscode.ExtensionContext;
  private readonly client: LanguageClient;
  private readonly parts: vscode.Disposable[] = [];
  private readonly reports = new Map<string, string>();
  private readonly reportChanged = new vscode.EventEmitter<vscode.Uri>();

  constructor(context: vscode.ExtensionContext, client: LanguageClient) {
    this.context = context;
    this.client = client;
    const item = new StatusItem();
    this.parts.push(
      item,
      this.reportChanged,
      restoreTimelines(context, client),
      client.onNotification(status, (params: StatusParams) => item.update(this.localUri(params.uri), params)),
      client.onNotification(timelineChanged, ({ uri }: TimelineChangedParams) => notifyTimelineChanged(this.localUri(uri).toString())),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (textEditor.document.languageId === 'pawl') cursorMoved(textEditor);
      }),
      vscode.workspace.registerTextDocumentContentProvider(REPORT_SCHEME, {
        onDidChange: this.reportChanged.event,
        provideTextDocumentContent: (uri) => this.reports.get(uri.toString()) ?? '',
      }),
    );
  }

  restart(): Promise<void> {
    return this.client.restart();
  }

  async stop(): Promise<void> {
    this.parts.forEach((part) => { part.dispose(); });
    await this.client.dispose();
  }

  /** From a lens: the document and the block; from the palette: the block at the cursor. */
  async openTimeline(from: string | vscode.Uri | undefined, block: number | undefined): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const uri = typeof from === 'string' ? this.localUri(from) : from ?? editor?.document.uri;
    if (uri === undefined) {
      void vscode.window.showInformationMessage('Open a Pawl document first: its blocks have timelines.');
      return;
    }
    const line = editor?.document.uri.toString() === uri.toString() ? editor.selection.active.line : 0;
    openTimeline(this.context, this.client, uri, block ?? await this.blockAt(uri, line));
  }

  /** A block's verdict as a Markdown page beside the editor. */
  async showReport(uri: string, block: number): Promise<void> {
    const params: ReportParams = { uri, block };
    const report = await this.client.sendRequest<ReportResult>(reportOf, params);
    if (report === null) return;
    const name = (report.title === '' ? 'report' : report.title).replace(/[\\/:*?"<>|#]/g, '-');
    const page = vscode.Uri.from({ scheme: REPORT_SCHEME, path: `/${name}.md`, query: `${uri}#${block}` });
    this.reports.set(page.toString(), report.markdown);
    this.reportChanged.fire(page);
    await vscode.commands.executeCommand('markdown.showPreviewToSide', page);
  }

  /** A new, unsaved document with one whole block to fill in. */
  async newScenario(): Promise<void> {
    const offered = await this.client.sendRequest<readonly Template[]>(templates, null);
    const picked = await vscode.window.showQuickPick(offered.map(({ label, about, body }) => ({ label, detail: about, body })),
      { title: 'New Pawl document', placeHolder: 'What should it start with?' });
    if (picked === undefined) return;
    const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'pawl', content: '' }));
    await editor.insertSnippet(new vscode.SnippetString(picked.body));
  }

  /** From the editor's title or the palette: the file shown. */
  checkHistory(uri: vscode.Uri | undefined): Promise<void> {
    return checkHistory(this.client, this.client.outputChannel, uri);
  }

  private async blockAt(uri: vscode.Uri, line: number): Promise<number> {
    const params: BlockAtParams = { uri: this.client.code2ProtocolConverter.asUri(uri), line };
    return Math.max(0, await this.client.sendRequest<number>(blockAt, params));
  }

  private localUri(uri: string): vscode.Uri {
    return this.client.protocol2CodeConverter.asUri(uri);
  }
}
