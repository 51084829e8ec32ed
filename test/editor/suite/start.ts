/** The extension itself: that it is there, starts when it should, and starts quickly. */
import * as vscode from 'vscode';
import { assert, codeOf, diagnostic, hasPage, open, page, screenshot, test, until } from './harness.ts';

export const start = [
  test('opening a .pawl file makes it a Pawl document and starts the extension', async () => {
    const { document } = await open('halves.pawl');
    assert.equal(document.languageId, 'pawl');
    const extension = vscode.extensions.getExtension('pawl.pawl');
    assert.ok(extension !== undefined, 'the extension is not installed');
    await until('the extension to start', () => extension.isActive);
    await diagnostic(document, 'split-brain');
    if (hasPage) assert.ok(await page<number>('count', { selector: '.monaco-workbench' }) > 0);
    await screenshot('start');
  }),

  test('every command of the manifest is there', async () => {
    const commands = await vscode.commands.getCommands(true);
    for (const command of ['pawl.openTimeline', 'pawl.newScenario', 'pawl.checkHistory', 'pawl.restartServer', 'pawl.showOutput']) assert.ok(commands.includes(command), command);
  }),

  test('the server can be started again', async () => {
    const { document } = await open('halves.pawl');
    await diagnostic(document, 'split-brain');
    await vscode.commands.executeCommand('pawl.restartServer');
    await diagnostic(document, 'split-brain');
  }),

  test('every document of the gallery is as its author expected', async () => {
    const files = await vscode.workspace.findFiles('road/*.pawl', '**/histories.pawl'); // a history has no way to expect a violation
    assert.ok(files.length > 15, `only ${files.length} examples`);
    for (const uri of files) {
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.window.showTextDocument(document, { preview: true });
      await until(`${uri.path} to be checked`, async () =>
        (await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri)).length > 0);
      const errors = vscode.languages.getDiagnostics(uri).filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error);
      assert.deepEqual(errors.map((error) => `${codeOf(error)}: ${error.message}`), [], uri.path);
    }
  }),
];
