/** A minimal editor: starts the server from its sources over stdio and speaks to it as an editor does. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { StreamMessageReader, StreamMessageWriter, createMessageConnection } from 'vscode-jsonrpc/node';
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc/node';
import type { Diagnostic, Position, PublishDiagnosticsParams, Range } from 'vscode-languageserver/node';
import type { StatusParams } from '../../server/src/lsp/requests.ts';

const SERVER = fileURLToPath(new URL('../../server/src/lsp/node.ts', import.meta.url));

export interface ContentChange {
  readonly range?: Range;
  readonly text: string;
}

export class TestClient {
  readonly connection: MessageConnection;
  private readonly process: ChildProcess;
  /** Every publication, in order. */
  readonly published: PublishDiagnosticsParams[] = [];
  readonly statuses: StatusParams[] = [];
  /** Requests of the server, by name. */
  readonly asked: string[] = [];
  /** What the server showed or logged as errors: our own bugs. */
  readonly complaints: string[] = [];
  exited = false;
  private errors = '';
  private listeners: (() => void)[] = [];

  private constructor() {
    const quiet = ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', '--disable-warning=ExperimentalWarning'];
    this.process = spawn(process.execPath, [...quiet, SERVER, '--stdio'], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.process.stderr!.on('data', (chunk: Buffer) => { this.errors += chunk.toString(); });
    this.process.on('exit', () => {
      this.exited = true;
      this.wake();
    });
    this.connection = createMessageConnection(new StreamMessageReader(this.process.stdout!), new StreamMessageWriter(this.process.stdin!));
    this.connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.published.push(params);
      this.wake();
    });
    this.connection.onNotification('pawl/status', (params: StatusParams) => {
      this.statuses.push(params);
      this.wake();
    });
    this.connection.onNotification('window/logMessage', ({ type, message }: { type: number; message: string }) => {
      if (type === 1) this.complaints.push(message);
    });
    this.connection.onNotification('window/showMessage', ({ message }: { message: string }) => { this.complaints.push(message); });
    this.connection.onRequest((method: string) => {
      this.asked.push(method);
      this.wake();
      return method === 'workspace/configuration' ? [] : null;
    });
    this.connection.listen();
  }

  static async start(): Promise<TestClient> {
    const client = new TestClient();
    await client.connection.sendRequest('initialize', {
      processId: process.pid, rootUri: null,
      capabilities: {
        workspace: { workspaceEdit: { documentChanges: true }, inlayHint: { refreshSupport: true }, codeLens: { refreshSupport: true } },
        textDocument: { completion: { completionItem: { snippetSupport: true } } },
      },
      initializationOptions: { commands: true, pageAddress: 'page:{page}' },
    });
    await client.connection.sendNotification('initialized', {});
    return client;
  }

  async stop(): Promise<void> {
    if (!this.exited) {
      await this.connection.sendRequest('shutdown');
      await this.connection.sendNotification('exit');
      await this.until('the server to end', () => this.exited);
    }
    this.connection.dispose();
  }

  /** The end of what the server wrote to its error output. */
  get stderr(): string { return this.errors.slice(-4000); }

  get pid(): number | undefined { return this.process.pid; }

  open(uri: string, text: string, version = 1): Promise<void> {
    return this.connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'pawl', version, text } });
  }

  change(uri: string, version: number, contentChanges: readonly ContentChange[]): Promise<void> {
    return this.connection.sendNotification('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
  }

  close(uri: string): Promise<void> {
    return this.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  }

  request<T>(method: string, params: unknown, token?: CancellationToken): Promise<T> {
    return token === undefined ? this.connection.sendRequest<T>(method, params) : this.connection.sendRequest<T>(method, params, token);
  }

  at<T>(method: string, uri: string, position: Position, more: object = {}): Promise<T> {
    return this.request<T>(method, { textDocument: { uri }, position, ...more });
  }

  /** The diagnostics of this version once its check is done. */
  async checked(uri: string, version: number): Promise<readonly Diagnostic[]> {
    const done = (each: StatusParams): boolean => each.uri === uri && each.version === version && each.state !== 'checking';
    await this.until(`the check of ${uri} version ${version}`, () => this.statuses.some(done));
    return this.published.findLast((each) => each.uri === uri && each.version === version)?.diagnostics ?? [];
  }

  async until(what: string, holds: () => boolean, limitMs = 30_000): Promise<void> {
    const end = Date.now() + limitMs;
    while (!holds()) {
      if (this.exited) throw new Error(`the server ended while waiting for ${what}\n${this.stderr}`);
      const left = end - Date.now();
      if (left <= 0) throw new Error(`waited in vain for ${what}\n${this.complaints.join('\n')}\n${this.stderr}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 1000));
        this.listeners.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  private wake(): void {
    const listeners = this.listeners;
    this.listeners = [];
    listeners.forEach((listener) => listener());
  }
}

/** A range on one line. */
export function span(line: number, start: number, end: number): Range {
  return { start: { line, character: start }, end: { line, character: end } };
}
