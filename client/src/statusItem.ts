/** The verdict of the document in front, in the status bar. */
import * as vscode from 'vscode';
import type { StatusParams } from '../../server/src/lsp/requests.ts';

export class StatusItem implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private readonly known = new Map<string, StatusParams>();
  private readonly parts: vscode.Disposable[];

  constructor() {
    this.item = vscode.window.createStatusBarItem('pawl.status', vscode.StatusBarAlignment.Left, 10);
    this.item.name = 'Pawl';
    this.item.command = 'workbench.actions.view.problems';
    this.parts = [
      this.item,
      vscode.window.onDidChangeActiveTextEditor(() => this.show()),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.known.delete(uri.toString())),
    ];
  }

  update(uri: vscode.Uri, status: StatusParams): void {
    const key = uri.toString(), before = this.known.get(key);
    // While a check is under way, the counts of the last one stay.
    const keep = status.state === 'checking' && before !== undefined;
    this.known.set(key, keep ? { ...before, state: 'checking', message: status.message } : status);
    this.show();
  }

  dispose(): void {
    this.parts.forEach((part) => { part.dispose(); });
  }

  private show(): void {
    const document = inFront();
    const status = document?.languageId === 'pawl' ? this.known.get(document.uri.toString()) : undefined;
    if (status === undefined) {
      this.item.hide();
      return;
    }
    this.item.text = `$(${iconOf(status)}) Pawl: ${wordsOf(status)}`;
    this.item.tooltip = tooltipOf(status);
    this.item.show();
  }
}

/** While a timeline or a report has the focus, the Pawl document beside it. */
function inFront(): vscode.TextDocument | undefined {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  return (activeTextEditor ?? visibleTextEditors.find(({ document }) => document.languageId === 'pawl'))?.document;
}

function iconOf(status: StatusParams): string {
  if (status.state === 'checking') return 'sync~spin';
  if (status.state === 'off') return 'circle-slash';
  if (status.errors > 0 || status.violated > 0) return 'error';
  return status.unknown > 0 ? 'question' : 'check';
}

function wordsOf(status: StatusParams): string {
  if (status.state === 'off') return 'not analysed';
  if (status.blocks === 0 && status.errors === 0) return status.state === 'checking' ? 'checking' : 'no blocks yet';
  const wrong = [
    status.violations > 0 ? plural(status.violations, 'violation') : '',
    status.unmet > 0 ? `${status.unmet} unmet` : '',
    status.invalid > 0 ? `${plural(status.invalid, 'block')} with errors` : '',
    status.unknown > 0 ? `${plural(status.unknown, 'block')} undecided` : '',
  ].filter((part) => part !== '');
  if (wrong.length > 0) return wrong.join(', ');
  return status.errors > 0 ? plural(status.errors, 'error') : `${plural(status.blocks, 'block')} as expected`;
}

function tooltipOf(status: StatusParams): string {
  if (status.message !== '') return status.message;
  const { asExpected, violated, invalid, unknown } = status;
  const counts = `${asExpected} as expected, ${violated} violated, ${invalid} with errors, ${unknown} undecided`;
  return `${plural(status.blocks, 'block')}: ${counts}. Select to see the problems.`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
