/** What is wrong, where it is wrong, why, and the way out. */
import * as vscode from 'vscode';
import { assert, diagnostic, diagnostics, find, hasPage, hover, noDiagnostic, open, openText, page, screenshot, test, until } from './harness.ts';

const fixesAt = async (document: vscode.TextDocument, range: vscode.Range): Promise<readonly vscode.CodeAction[]> => {
  const found = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, range, 'quickfix');
  return found.filter(({ edit }) => edit !== undefined);
};

export const verdicts = [
  test('a split brain is underlined on the operation whose outcome is wrong, with what allowed it', async () => {
    const { document } = await open('halves.pawl');
    const squiggle = await diagnostic(document, 'split-brain');
    assert.equal(squiggle.severity, vscode.DiagnosticSeverity.Error);
    assert.match(document.lineAt(squiggle.range.start.line).text, /c\d writes k/);
    const related = (squiggle.relatedInformation ?? []).map(({ location }) => document.lineAt(location.range.start.line).text);
    assert.ok(related.some((line) => line.includes('partition')), `related: ${related.join(' | ')}`);
    await screenshot('squiggle');
  }),

  test('the quick fix sets a safe knob, and the squiggle goes', async () => {
    const { document } = await open('halves.pawl');
    const squiggle = await diagnostic(document, 'split-brain');
    const fixes = await fixesAt(document, squiggle.range);
    // Half of six is enough to commit whatever the commit quorum: of the knobs that permit it, votes alone keeps it away.
    assert.deepEqual(fixes.map(({ title, isPreferred }) => [title, isPreferred]), [['Set votes to majority', true]]);
    assert.ok(await vscode.workspace.applyEdit(fixes[0]!.edit!));
    await noDiagnostic(document, 'split-brain');
    await screenshot('fixed');
    await vscode.commands.executeCommand('undo');
    await diagnostic(document, 'split-brain');
  }),

  test('the preferred fix works all along the road', async () => {
    const examples = { 'a2a-a-late-commit': 'diverged', 'a2c-an-addition-twice': 'duplicate-execution', 'a5b-a-false-suspicion': 'stale-epoch',
      'a6a-six-nodes': 'split-brain', 'a6c-two-nodes': 'split-brain', 'a7a-what-a-new-leader-knows': 'lost-write', 'a8c-a-promise-forgotten': 'epoch-regression' };
    for (const [name, code] of Object.entries(examples)) {
      const { document } = await open(`road/${name}.pawl`);
      const squiggle = await diagnostic(document, code);
      const before = diagnostics(document, code).length;
      const fix = (await fixesAt(document, squiggle.range)).find(({ isPreferred }) => isPreferred === true);
      assert.ok(fix?.edit !== undefined, `${name}: no preferred fix`);
      assert.ok(await vscode.workspace.applyEdit(fix.edit));
      await until(`${name}: the squiggle to go`, () => diagnostics(document, code).length === before - 1);
    }
  }),

  test('a hover tells what became of an operation', async () => {
    const { document } = await open('halves.pawl');
    await diagnostic(document, 'split-brain');
    const about = await until('the hover', async () => await hover(document, find(document, 'writes')) || undefined);
    assert.match(about, /propose|acknowledged/);
  }),

  ...(hasPage ? [test('the hover on a squiggle says why, and offers the way out', async () => {
    const editor = await open('halves.pawl');
    const { range } = await diagnostic(editor.document, 'split-brain');
    const inside = range.start.translate(0, editor.document.getText(range).indexOf('writes') + 2);
    editor.selection = new vscode.Selection(inside, inside);
    await vscode.commands.executeCommand('editor.action.showHover');
    const shown = await until('the message in the hover', async () => {
      const text = await page<string>('text', { selector: '.monaco-hover:not(.hidden) .monaco-hover-content' });
      return /Quick Fix/.test(text) && text;
    });
    assert.match(shown, /A .*epoch 1.* and E .*epoch 2.* both acknowledged writes/);
    await screenshot('hover');
  })] : []),

  test('hovers explain knobs, presets, nodes and violation words', async () => {
    const { document } = await openText('scenario "s" {\n  protocol primary-backup like timers {\n    votes majority\n  }\n  nodes A B C\n  expect no split-brain\n}\n');
    for (const word of ['votes', 'timers', 'A B', 'split-brain']) {
      const about = await until(`the hover on ${word}`, async () => await hover(document, find(document, word)) || undefined);
      assert.ok(about.length > 20, `${word}: ${about}`);
    }
  }),

  test('a recorded trace is judged, and its message tells what its receiver had seen', async () => {
    const { document } = await open('late-commit.pawl');
    const squiggle = await diagnostic(document, 'stale-epoch');
    assert.match(document.lineAt(squiggle.range.start.line).text, /C applies k = 1/);
    const about = await until('the hover', async () => await hover(document, find(document, 'commit k')) || undefined);
    assert.match(about, /\{2,0\}/);
    assert.match(about, /\bB\b/);
  }),

  test('a history that no order explains is underlined on its last read', async () => {
    const { document } = await open('late-commit.pawl');
    const squiggle = await diagnostic(document, 'not-linearizable');
    assert.match(document.lineAt(squiggle.range.start.line).text, /45\.\.48/);
  }),

  ...(hasPage ? [test('another tool\'s history is checked from its title', async () => {
    await open('register.edn');
    await page('click', { selector: '.editor-actions a[aria-label*="Check This History"]' });
    const document = await until('the history', () => vscode.workspace.textDocuments.find((each) => each.isUntitled && each.getText().startsWith('history "register.edn"')));
    assert.match(document.getText(), /p2 5\.\.6 reads x 1/);
    const squiggle = await diagnostic(document, 'not-linearizable');
    assert.match(document.lineAt(squiggle.range.start.line).text, /reads x 1/);
    await screenshot('history');
  })] : []),

  test('one wrong word gives one error, there, and the rest still runs', async () => {
    const { document } = await openText(`scenario "s" {
  protocol primary-backup like timers
  nodes A B C
  clients c1
  at 10ms c1 wrotes k = 1 to A
  at 20ms c1 writes k = 2 to A
  expect split-brain
}
`);
    const error = await until('the error', () => vscode.languages.getDiagnostics(document.uri).find(({ range }) => range.start.line === 4));
    assert.equal(document.getText(error.range), 'wrotes');
    assert.equal(vscode.languages.getDiagnostics(document.uri).filter(({ range }) => range.start.line === 4).length, 1);
  }),
];
