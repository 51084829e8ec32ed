/** The timeline panel, as it is drawn. Only where the window can be looked at. */
import * as vscode from 'vscode';
import { assert, diagnostic, find, noDiagnostic, open, page, screenshot, test, until } from './harness.ts';

const THEMES = { dark: 'Default Dark Modern', light: 'Default Light Modern', 'high-contrast': 'Default High Contrast' };

async function openTimeline(): Promise<vscode.TextEditor> {
  const editor = await open('halves.pawl');
  await diagnostic(editor.document, 'split-brain');
  await vscode.commands.executeCommand('pawl.openTimeline');
  return editor;
}

const count = (selector: string): Promise<number> => page('timelineCount', { selector });
const labels = (selector: string): Promise<(string | null)[]> => page('timelineAttributes', { selector, name: 'aria-label' });

export const timeline = [
  test('the timeline draws arrows, lanes, reigns and the violation', async () => {
    await openTimeline();
    assert.ok(await count('.arrow') > 10);
    const arrows = (await labels('.arrow')).join('\n');
    assert.match(arrows, /propose/);
    const texts = (await page<string[]>('timelineTexts', { selector: 'svg text' })).join('\n');
    for (const name of ['A', 'F', 'c2']) assert.match(texts, new RegExp(`^${name}\\b`, 'm'));
    assert.match(texts, /\{2/);
    assert.ok(await page<number>('timelineCount', { selector: '.layer' }) > 3);
  }),

  test('the keys open it', async () => {
    const { document } = await open('halves.pawl');
    await diagnostic(document, 'split-brain');
    await page('click', { selector: '.editor-group-container.active .monaco-editor .view-lines' });
    await page('press', { keys: 'Control+KeyK' });
    await page('press', { keys: 'KeyT' });
    assert.ok(await count('.arrow') > 10);
  }),

  test('clicking an arrow reveals its line', async () => {
    const editor = await openTimeline();
    editor.selection = new vscode.Selection(0, 0, 0, 0);
    await page('timelineCount', { selector: '.arrow' });
    await page('timelineClick', { selector: '.arrow', label: 'propose k = 2' });
    const wanted = find(editor.document, 'w2:').line;
    await until('the line of the arrow', () => vscode.window.visibleTextEditors.some(({ document, selection }) => document === editor.document && selection.active.line === wanted));
  }),

  test('the line of the cursor stands out in the picture', async () => {
    const editor = await openTimeline();
    await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.One);
    const lit = (): Promise<number> => page('timelineCountNow', { selector: '.at-cursor' });
    const line = find(editor.document, 'w1:');
    vscode.window.activeTextEditor!.selection = new vscode.Selection(line, line);
    await until('something to stand out', async () => await lit() > 0);
    await screenshot('cursor');
  }),

  test('the picture follows the document', async () => {
    const editor = await openTimeline();
    const before = await count('.arrow');
    await editor.edit((edit) => edit.insert(find(editor.document, '  run to'), '  at 1000ms  c1 writes k = 7 to A\n'));
    await until('another picture', async () => (await labels('.arrow')).some((label) => /k = 7/.test(label ?? '')));
    assert.ok(await count('.arrow') > before);
    await vscode.commands.executeCommand('undo');
    await until('the first picture', async () => await page('timelineCountNow', { selector: '.arrow' }) === before);
  }),

  test('a scenario mended has no violation in its picture', async () => {
    const editor = await openTimeline();
    const marks = (): Promise<number> => page('timelineCountNow', { selector: '.item.violation.error' });
    await until('the mark', async () => await marks() > 0);
    await editor.edit((edit) => edit.replace(editor.document.lineAt(find(editor.document, 'protocol').line).range, '  protocol primary-backup like majority'));
    await noDiagnostic(editor.document, 'split-brain');
    await until('the mark to go', async () => await marks() === 0);
    await vscode.commands.executeCommand('undo');
    await diagnostic(editor.document, 'split-brain');
  }),

  test('dark, light and high contrast', async () => {
    await openTimeline();
    await page('moveAway');
    const settings = vscode.workspace.getConfiguration('workbench');
    for (const [name, theme] of Object.entries(THEMES)) {
      await settings.update('colorTheme', theme, vscode.ConfigurationTarget.Global);
      await until(`the theme ${theme}`, () => {
        const { kind } = vscode.window.activeColorTheme;
        return kind === { dark: vscode.ColorThemeKind.Dark, light: vscode.ColorThemeKind.Light, 'high-contrast': vscode.ColorThemeKind.HighContrast }[name];
      });
      assert.ok(await count('.arrow') > 10);
      await screenshot(`timeline-${name}`);
    }
    await settings.update('colorTheme', undefined, vscode.ConfigurationTarget.Global);
  }),
];
