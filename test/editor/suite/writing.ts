/** Writing: completion, names, formatting, and the text's look. */
import * as vscode from 'vscode';
import { assert, diagnostic, diagnostics, find, hasPage, noDiagnostic, open, openText, page, screenshot, test, until } from './harness.ts';

const complete = async (document: vscode.TextDocument, position: vscode.Position): Promise<string[]> => {
  const { items } = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', document.uri, position);
  return items.map(({ label }) => (typeof label === 'string' ? label : label.label));
};

const HEAD = 'scenario "s" {\n  protocol primary-backup like timers\n  nodes A B C\n  clients c1\n';

export const writing = [
  test('completion offers what fits, and nothing else', async () => {
    const { document } = await openText(`${HEAD}  at 10ms crash \n  expect \n}\n`);
    const nodes = await until('the nodes', async () => {
      const labels = await complete(document, new vscode.Position(4, 16));
      return labels.length > 0 && labels;
    });
    assert.deepEqual(nodes.filter((label) => /^[A-Z]$/.test(label)), ['A', 'B', 'C']);
    assert.ok(!nodes.includes('c1'), `offers ${nodes.join(' ')}`);
    const expected = await complete(document, new vscode.Position(5, 9));
    assert.ok(expected.includes('split-brain') && expected.includes('no'), `offers ${expected.join(' ')}`);
  }),

  test('rename changes a node everywhere in its block, and nowhere else', async () => {
    const { document } = await open('halves.pawl');
    const edit = await until('the edit', () =>
      vscode.commands.executeCommand<vscode.WorkspaceEdit>('vscode.executeDocumentRenameProvider', document.uri, find(document, 'E F'), 'East').then((found) => found, () => undefined));
    assert.ok(await vscode.workspace.applyEdit(edit));
    const text = document.getText();
    assert.match(text, /nodes +A B C D East F/);
    assert.match(text, /timeouts East=200ms/);
    assert.match(text, /\{D East F c2\}/);
    assert.match(text, /k = 2 to East/);
    await diagnostic(document, 'split-brain');
    await vscode.commands.executeCommand('undo');
    assert.match(document.getText(), /nodes +A B C D E F/);
  }),

  test('definition and references of a client', async () => {
    const { document } = await open('halves.pawl');
    const use = find(document, 'c2 writes');
    const places = await until('the definition', async () => {
      const found = await vscode.commands.executeCommand<(vscode.Location | vscode.LocationLink)[]>('vscode.executeDefinitionProvider', document.uri, use);
      return found.length > 0 && found;
    });
    const range = 'range' in places[0]! ? places[0].range : places[0]!.targetRange;
    assert.match(document.lineAt(range.start.line).text, /clients/);
    const references = await vscode.commands.executeCommand<vscode.Location[]>('vscode.executeReferenceProvider', document.uri, use);
    assert.equal(references.length, 3);
  }),

  test('formatting sets the indentation, and is content with what it made', async () => {
    const editor = await openText('scenario "s" {\nprotocol primary-backup   like timers{\n        votes majority\n}\n\n\n\nnodes A B C\n}\n');
    const format = async (): Promise<string> => {
      const edits = await vscode.commands.executeCommand<vscode.TextEdit[] | undefined>('vscode.executeFormatDocumentProvider', editor.document.uri, { tabSize: 2, insertSpaces: true });
      const change = new vscode.WorkspaceEdit();
      change.set(editor.document.uri, edits ?? []);
      await vscode.workspace.applyEdit(change);
      return editor.document.getText();
    };
    const once = await until('the formatter', async () => { const text = await format(); return text.includes('\n  nodes A B C') && text; });
    assert.match(once, /timers \{\n {4}votes majority\n {2}\}\n\n {2}nodes/);
    assert.equal(await format(), once);
  }),

  test('outline, folding, colours, hints and lenses', async () => {
    const { document } = await open('halves.pawl');
    await diagnostic(document, 'split-brain');
    const ask = <T>(command: string, ...args: unknown[]): Promise<T[]> => until(command, async () => {
      const found = await vscode.commands.executeCommand<T[] | undefined>(command, document.uri, ...args);
      return found !== undefined && found.length > 0 && found;
    });
    const [block] = await ask<vscode.DocumentSymbol>('vscode.executeDocumentSymbolProvider');
    assert.match(block!.name, /six nodes in two halves/);
    assert.ok(block!.children.some(({ name }) => name === 'w1'));
    assert.ok((await ask<vscode.FoldingRange>('vscode.executeFoldingRangeProvider')).length > 0);
    const tokens = await vscode.commands.executeCommand<vscode.SemanticTokens>('vscode.provideDocumentSemanticTokens', document.uri);
    assert.ok(tokens.data.length > 100);
    const whole = new vscode.Range(0, 0, document.lineCount, 0);
    const hints = await ask<vscode.InlayHint>('vscode.executeInlayHintProvider', whole);
    const texts = hints.map(({ label }) => (typeof label === 'string' ? label : label.map(({ value }) => value).join('')));
    assert.ok(texts.some((text) => /E leads/.test(text)), texts.join(' | '));
    assert.ok(texts.some((text) => text.includes('✓')), texts.join(' | '));
    const lenses = await ask<vscode.CodeLens>('vscode.executeCodeLensProvider');
    assert.ok(lenses.some(({ command }) => /timeline/i.test(command?.title ?? '')));
  }),

  ...(hasPage ? [test('a person types a scenario, and the verdict comes', async () => {
    const { document } = await openText('');
    await page('click', { selector: '.editor-group-container.active .monaco-editor .view-lines' });
    const lines = ['scenario "typed" {', 'protocol primary-backup like timers', 'nodes A B C D E F', 'clients c1 c2', 'timeouts E=200ms D=300ms F=400ms',
      'at 100ms partition {A B C c1} | {D E F c2}', 'at 600ms c1 writes k = 1 to A', 'at 600ms c2 writes k = 2 to E', 'run to 2s'];
    for (const line of lines) {
      await page('type', { text: line });
      await page('press', { keys: 'Enter' });
    }
    // The closing brace came by itself, and no suggestion was taken that nobody asked for.
    const typed = (): string[] => document.getText().split('\n').map((line) => line.trim()).filter((line) => line !== '');
    // The document here lags behind the page's: its last key is the one to wait for.
    await until('the last line', () => typed().includes(lines.at(-1) ?? ''));
    assert.deepEqual(typed(), [...lines, '}']);
    await diagnostic(document, 'split-brain');
    await until('the squiggle to be seen', async () => await page<number>('count', { selector: '.editor-group-container.active .squiggly-error' }) > 0);
    await until('the lens', async () => /1 violation/.test(await page<string>('text', { selector: '.codelens-decoration' })));
    assert.match(await page<string>('text', { selector: '.statusbar-item[id*="pawl"]' }), /Pawl/);
    // Hints stand behind their lines, however fast those were typed.
    const plain = async (selector: string): Promise<string> => (await page<string>('text', { selector })).replaceAll('\u00A0', ' ');
    await until('the hints', async () => /\{D E F c2\} +E leads \{2\} at 280 ms$/.test(await plain('.view-line:has-text("partition")')));
    await until('the other hints', async () => /k = 2 to E +✓ 40 ms$/.test(await plain('.view-line:has-text("c2 writes")')));
    await screenshot('typed');
  }),

  test('a half-typed line leaves the verdict of its block where it is', async () => {
    const editor = await open('halves.pawl');
    const { document } = editor;
    await diagnostic(document, 'split-brain');
    const end = document.lineAt(find(document, 'heal').line).range.end;
    editor.selection = new vscode.Selection(end, end);
    await vscode.window.showTextDocument(document);
    await page('click', { selector: '.editor-group-container.active .view-line:has-text("heal")' });
    await page('press', { keys: 'End' });
    await page('press', { keys: 'Enter' });
    let gone = 0;
    const watch = vscode.languages.onDidChangeDiagnostics(() => { gone += diagnostics(document, 'split-brain').length === 0 ? 1 : 0; });
    await page('type', { text: 'at 950ms crash' });
    await until('the error', () => diagnostics(document, 'syntax').length > 0);
    await until('the lens', async () => (await page<string>('text', { selector: '.codelens-decoration' })).includes('before this edit'));
    await screenshot('half-typed');
    await page('press', { keys: 'Escape' });
    await page('type', { text: ' F' });
    await noDiagnostic(document, 'syntax');
    await diagnostic(document, 'split-brain');
    watch.dispose();
    assert.equal(gone, 0);
  })] : []),
];
