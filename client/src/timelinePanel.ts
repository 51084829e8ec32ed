/** The timeline panel: one per document, beside its editor. The page itself is client/webview; here is what feeds it. */
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { TIMELINE, TimelineParams, TimelineResult } from '../../server/src/lsp/requests.ts';
import type { FromPanel, PanelState, ToPanel } from '../webview/messages.ts';

const VIEW_TYPE = 'pawl.timeline';
const REQUEST: typeof TIMELINE = 'pawl/timeline';
/** Enough to name a thread of a run, and to be used once. */
const NONCE_LENGTH = 24;

const panels = new Map<string, TimelinePanel>();

/** Shows the timeline of a block, by its index in the document, beside the editor; a panel that is open already is reused. */
export function openTimeline(context: vscode.ExtensionContext, client: BaseLanguageClient, uri: vscode.Uri, block: number): void {
  const open = panels.get(uri.toString());
  if (open !== undefined) {
    open.show(block);
    return;
  }
  const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
  const view = vscode.window.createWebviewPanel(VIEW_TYPE, titleOf(uri), column, { enableScripts: true, localResourceRoots: [resources(context)] });
  panels.set(uri.toString(), new TimelinePanel(context, client, view, uri, block));
}

/** The server has new results for a document. */
export function notifyTimelineChanged(uri: string): void {
  panels.get(vscode.Uri.parse(uri).toString())?.changed();
}

/** The cursor is on another line: what stems from it stands out in the picture. */
export function cursorMoved(editor: vscode.TextEditor): void {
  panels.get(editor.document.uri.toString())?.cursor(editor.selection.active.line);
}

/** Panels come back when the window is loaded again. */
export function restoreTimelines(context: vscode.ExtensionContext, client: BaseLanguageClient): vscode.Disposable {
  return vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
    async deserializeWebviewPanel(view: vscode.WebviewPanel, state: PanelState | undefined): Promise<void> {
      if (state === undefined || state.uri === '') {
        view.dispose();
        return;
      }
      const uri = vscode.Uri.parse(state.uri);
      view.webview.options = { enableScripts: true, localResourceRoots: [resources(context)] };
      panels.set(uri.toString(), new TimelinePanel(context, client, view, uri, state.block, state.name));
      await vscode.workspace.openTextDocument(uri).then(undefined, () => view.dispose());
    },
  });
}

class TimelinePanel {
  private readonly client: BaseLanguageClient;
  private readonly view: vscode.WebviewPanel;
  private readonly uri: vscode.Uri;
  private block: number;
  /** What tells the block when others come and go above it. */
  private name: string | undefined;
  /** Answers to older requests than the newest are dropped. */
  private newest = 0;
  /** No edit since the last results: then no answer means that there is no such block, and not that it is still running. */
  private fresh = true;

  constructor(context: vscode.ExtensionContext, client: BaseLanguageClient, view: vscode.WebviewPanel, uri: vscode.Uri, block: number, name?: string) {
    this.client = client;
    this.view = view;
    this.uri = uri;
    this.block = block;
    this.name = name;
    const key = uri.toString();
    const listeners = [
      view.webview.onDidReceiveMessage((message: FromPanel) => this.receive(message)),
      view.onDidChangeViewState(() => { if (view.visible) this.refresh(); }),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length === 0 || document.uri.toString() !== key) return;
        this.fresh = false;
        this.post({ type: 'stale' });
      }),
    ];
    view.onDidDispose(() => {
      panels.delete(key);
      for (const listener of listeners) listener.dispose();
    });
    view.webview.html = pageOf(view.webview, resources(context));
  }

  show(block: number): void {
    this.block = block;
    this.name = undefined;
    this.view.reveal(undefined, true);
    this.refresh();
  }

  changed(): void {
    this.fresh = true;
    this.refresh();
  }

  private refresh(): void {
    if (this.view.visible) void this.fetch();
  }

  cursor(line: number): void {
    this.post({ type: 'cursor', line });
  }

  private post(message: ToPanel): void {
    void this.view.webview.postMessage(message);
  }

  private receive(message: FromPanel): void {
    if (message.type === 'ready') {
      this.refresh();
      const editor = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === this.uri.toString());
      if (editor !== undefined) cursorMoved(editor);
    } else if (message.type === 'reveal') void this.reveal(message.line);
    else this.show(message.block);
  }

  private async fetch(): Promise<void> {
    const request = ++this.newest;
    try {
      const data = await this.ask(this.block);
      if (request !== this.newest) return;
      const moved = data === null || this.name === undefined || data.name === this.name ? -1 : data.blocks.findIndex(({ name }) => name === this.name);
      const found = moved >= 0 ? await this.ask(moved) : data;
      if (request !== this.newest || (found === null && !this.fresh)) return;
      if (found !== null) {
        this.block = found.block;
        this.name = found.name;
      }
      this.view.title = titleOf(this.uri, found);
      this.post({ type: 'timeline', uri: this.uri.toString(), data: found });
    } catch {
      // The server is stopping, or a newer edit overtook the request: the next change asks again.
    }
  }

  private ask(block: number): Promise<TimelineResult> {
    const params: TimelineParams = { uri: this.client.code2ProtocolConverter.asUri(this.uri), block };
    return this.client.sendRequest<TimelineResult>(REQUEST, params);
  }

  /** Shows a line in the editor that has the document, or opens it in the first column. */
  private async reveal(line: number): Promise<void> {
    const open = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === this.uri.toString());
    const position = new vscode.Position(line, 0);
    const editor = await vscode.window.showTextDocument(this.uri, { viewColumn: open?.viewColumn ?? vscode.ViewColumn.One, preserveFocus: true });
    const text = editor.document.lineAt(Math.min(line, editor.document.lineCount - 1));
    const start = position.with(text.lineNumber, text.firstNonWhitespaceCharacterIndex);
    editor.selection = new vscode.Selection(start, start);
    editor.revealRange(text.range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }
}

const resources = (context: vscode.ExtensionContext): vscode.Uri => vscode.Uri.joinPath(context.extensionUri, 'dist');

function titleOf(uri: vscode.Uri, data?: TimelineResult): string {
  const file = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  return data ? `${data.name || data.kind} – ${file}` : `Timeline – ${file}`;
}

/** Nothing may run here but our own script, and nothing may be loaded but our own style. */
function pageOf(webview: vscode.Webview, dist: vscode.Uri): string {
  const nonce = nonceText(), source = webview.cspSource;
  const script = webview.asWebviewUri(vscode.Uri.joinPath(dist, 'webview.js')), style = webview.asWebviewUri(vscode.Uri.joinPath(dist, 'webview.css'));
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${source}; script-src 'nonce-${nonce}'; font-src ${source};">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style.toString()}">
<title>Timeline</title>
</head>
<body><div id="app"></div><script nonce="${nonce}" src="${script.toString()}"></script></body>
</html>`;
}

function nonceText(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(NONCE_LENGTH));
  return [...bytes].map((byte) => (byte % 36).toString(36)).join('');
}
