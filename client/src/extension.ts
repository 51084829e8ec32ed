/** Entry of the extension: commands at once, the language server as soon as a Pawl document is there. */
import * as vscode from 'vscode';
import { explain, servePages } from './pages.ts';
import type { Server } from './server.ts';

export interface PawlApi {
  /** Milliseconds that activation took. */
  readonly activationMs: number;
}

let active: Servers | undefined;

export function activate(context: vscode.ExtensionContext): PawlApi {
  const begun = performance.now();
  const output = vscode.window.createOutputChannel('Pawl', { log: true });
  const servers = new Servers(context, output);
  active = servers;
  const command = (name: string, run: (...args: never[]) => unknown): void => {
    context.subscriptions.push(vscode.commands.registerCommand(name, run));
  };
  command('pawl.openTimeline', async (uri?: string | vscode.Uri, block?: number) => (await servers.get()).openTimeline(uri, block));
  command('pawl.showReport', async (uri: string, block: number) => (await servers.get()).showReport(uri, block));
  command('pawl.newScenario', async () => (await servers.get()).newScenario());
  command('pawl.checkHistory', async (uri?: vscode.Uri) => (await servers.get()).checkHistory(uri));
  command('pawl.restartServer', () => servers.restart());
  command('pawl.showOutput', () => output.show());
  command('pawl.format', () => vscode.commands.executeCommand('editor.action.formatDocument'));
  command('pawl.explain', explain);
  context.subscriptions.push(output, servePages(context));
  // Loading the client is left for after activation: the window need not wait for it.
  setTimeout(() => { void servers.get(); }, 0);
  return { activationMs: performance.now() - begun };
}

export async function deactivate(): Promise<void> {
  await active?.stop();
}

/** The one server, started when it is first needed. */
class Servers {
  private readonly context: vscode.ExtensionContext;
  private readonly output: vscode.LogOutputChannel;
  private running: Promise<Server> | undefined;

  constructor(context: vscode.ExtensionContext, output: vscode.LogOutputChannel) {
    this.context = context;
    this.output = output;
  }

  get(): Promise<Server> {
    this.running ??= this.start();
    return this.running;
  }

  async restart(): Promise<void> {
    if (this.running === undefined) await this.get();
    else await (await this.running).restart();
  }

  /** Waits for the server to end; one that never started has ended. */
  async stop(): Promise<void> {
    await this.running?.then((server) => server.stop(), () => undefined);
  }

  private async complain(): Promise<void> {
    const choice = await vscode.window.showErrorMessage('The Pawl language server did not start.', 'Show Output');
    if (choice !== undefined) this.output.show();
  }

  private async start(): Promise<Server> {
    try {
      const { startServer } = await import('./server.ts');
      return await startServer(this.context, this.output);
    } catch (error) {
      this.running = undefined;
      this.output.error(error instanceof Error ? error : String(error));
      void this.complain();
      throw error;
    }
  }
}
