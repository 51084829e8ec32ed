import * as vscode from 'vscode';
import { assert, page, hasPage, screenshot, test } from './harness.ts';

export const start = [
  test('the extension is there', async () => {
    const extension = vscode.extensions.getExtension('pawl.pawl');
    assert.ok(extension !== undefined);
    if (hasPage) assert.ok(await page<number>('count', { selector: '.monaco-workbench' }) > 0);
    await screenshot('start');
  }),
];
