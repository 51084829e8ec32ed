/** The server as an editor drives it, over stdio. */
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type {
  CodeAction, CodeLens, CompletionItem, Diagnostic, Hover, InlayHint, TextDocumentEdit, TextEdit, WorkspaceEdit,
} from 'vscode-languageserver/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SIX, LATE_COMMIT } from '../features/cursor.ts';
import { TestClient, span } from './client.ts';

let client: TestClient;
let count = 0;
const fresh = (): string => `file:///document-${count++}.pawl`;

beforeAll(async () => { client = await TestClient.start(); });
afterAll(async () => {
  await client.stop();
  expect(client.complaints).toEqual([]);
});

const UNEXPECTED = SIX.replace('  expect split-brain\n', '');
const codes = (diagnostics: readonly { code?: unknown }[]): unknown[] => diagnostics.map((each) => each.code);

const fixes = (uri: string, diagnostic: Diagnostic, only?: readonly string[]): Promise<CodeAction[]> =>
  client.request('textDocument/codeAction', {
    textDocument: { uri }, range: diagnostic.range, context: { diagnostics: [diagnostic], ...only === undefined ? {} : { only } } });

describe('diagnostics', () => {
  it('come with versions, related places and a page', async () => {
    const uri = fresh();
    await client.open(uri, UNEXPECTED, 7);
    const found = (await client.checked(uri, 7)).find((each) => each.code === 'split-brain');
    expect(found?.severity).toBe(1);
    expect(found?.codeDescription?.href).toBe('page:violations/split-brain');
    expect(found?.relatedInformation?.length).toBeGreaterThan(0);
  });

  it('follow what is typed', async () => {
    const uri = fresh();
    await client.open(uri, UNEXPECTED);
    await client.checked(uri, 1);
    const at = { line: 15, character: 0 };
    await client.change(uri, 2, [{ range: { start: at, end: at }, text: '  expect split-brain\n' }]);
    expect((await client.checked(uri, 2)).filter((each) => each.severity === 1)).toEqual([]);
    await client.change(uri, 3, [{ range: span(15, 2, 8), text: 'expekt' }]);
    expect(codes(await client.checked(uri, 3))).toContain('syntax');
  });

  it('of blocks that did not change keep their lines right when lines come above', async () => {
    const uri = fresh();
    await client.open(uri, UNEXPECTED);
    const before = (await client.checked(uri, 1)).find((each) => each.code === 'split-brain')!;
    await client.change(uri, 2, [{ range: span(0, 0, 0), text: '// one\n// two\n' }]);
    const after = (await client.checked(uri, 2)).find((each) => each.code === 'split-brain')!;
    expect(after.range.start.line).toBe(before.range.start.line + 2);
  });

  it('are taken back when a document closes', async () => {
    const uri = fresh();
    await client.open(uri, 'nonsense');
    await client.checked(uri, 1);
    await client.close(uri);
    await client.until('the problems to go', () => client.published.findLast((each) => each.uri === uri)?.diagnostics.length === 0);
  });

  it('several changes in one message apply one after the other', async () => {
    const uri = fresh();
    await client.open(uri, 'scenario "x" {\n}\n');
    await client.change(uri, 2, [
      { range: span(1, 0, 0), text: '  protocol primary-backup\n' }, { range: span(2, 0, 0), text: '  nodes A B C\n' },
      { range: span(2, 10, 11), text: 'Bee' }]);
    await client.checked(uri, 2);
    const symbols = await client.request<{ children: { name: string }[] }[]>('textDocument/documentSymbol', { textDocument: { uri } });
    expect(symbols[0]!.children.map((each) => each.name)).toEqual(['A', 'Bee', 'C']);
  });
});

describe('answers', () => {
  it('hover, completion, hints and lenses know the run', async () => {
    const uri = fresh();
    await client.open(uri, SIX);
    const hover = await client.at<Hover>('textDocument/hover', uri, { line: 8, character: 18 });
    expect((hover.contents as { value: string }).value).toContain('acknowledged');
    const range = { start: { line: 0, character: 0 }, end: { line: 17, character: 0 } };
    const hints = await client.request<InlayHint[]>('textDocument/inlayHint', { textDocument: { uri }, range });
    expect(hints.some((hint) => String(hint.label).includes('E leads'))).toBe(true);
    const lenses = await client.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
    expect(lenses.map((lens) => lens.command?.command)).toEqual(['pawl.showReport', 'pawl.openTimeline']);
    const items = await client.at<CompletionItem[]>('textDocument/completion', uri, { line: 12, character: 9 });
    expect(items.map((item) => item.label)).toContain('split-brain');
  });

  it('a hover right after an edit is about the new text', async () => {
    const uri = fresh();
    await client.open(uri, SIX);
    await client.change(uri, 2, [{ range: span(0, 0, 0), text: '\n\n' }]);
    const hover = await client.at<Hover>('textDocument/hover', uri, { line: 10, character: 18 });
    expect((hover.contents as { value: string }).value).toContain('acknowledged');
  });

  it('a quick fix mends what it is offered for, and those that would not are not offered', async () => {
    const uri = fresh();
    await client.open(uri, UNEXPECTED);
    const found = (await client.checked(uri, 1)).find((each) => each.code === 'split-brain')!;
    const actions = await fixes(uri, found);
    expect(actions.map((action) => [action.title, action.isPreferred])).toEqual([['Set votes to majority', true]]);
    const edits = (actions[0]!.edit!.documentChanges![0] as TextDocumentEdit).edits as TextEdit[];
    await client.change(uri, 2, edits.map((edit) => ({ range: edit.range, text: edit.newText })));
    expect(codes(await client.checked(uri, 2))).not.toContain('split-brain');
  });

  it('no quick fix is offered to whoever asks for other actions', async () => {
    const uri = fresh();
    await client.open(uri, UNEXPECTED);
    const found = (await client.checked(uri, 1)).find((each) => each.code === 'split-brain')!;
    expect(await fixes(uri, found, ['refactor'])).toEqual([]);
    expect((await fixes(uri, found, ['quickfix'])).length).toBe(1);
  });

  it('rename edits the present version, and refuses with a reason', async () => {
    const uri = fresh();
    await client.open(uri, SIX);
    const edit = await client.at<WorkspaceEdit>('textDocument/rename', uri, { line: 2, character: 11 }, { newName: 'alpha' });
    const change = edit.documentChanges![0] as { textDocument: { version: number }; edits: unknown[] };
    expect(change.textDocument.version).toBe(1);
    expect(change.edits.length).toBe(3);
    await expect(client.at('textDocument/rename', uri, { line: 2, character: 11 }, { newName: 'c1' })).rejects.toThrow('already a client');
    await expect(client.at('textDocument/prepareRename', uri, { line: 1, character: 4 })).rejects.toThrow('Only nodes, clients and labels');
  });

  it('the timeline and the report are of a block', async () => {
    const uri = fresh();
    await client.open(uri, SIX + LATE_COMMIT);
    const timeline = await client.request<{ name: string; blocks: unknown[] }>('pawl/timeline', { uri, block: 1 });
    expect(timeline.name).toBe('a late commit from the old leader');
    expect(timeline.blocks.length).toBe(2);
    expect(await client.request('pawl/timeline', { uri, block: 9 })).toBeNull();
    expect((await client.request<{ markdown: string }>('pawl/report', { uri, block: 0 })).markdown).toContain('split-brain');
    expect(await client.request('pawl/blockAt', { uri, line: 20 })).toBe(1);
  });

  it('a request about a document that is not open is answered with nothing', async () => {
    expect(await client.at('textDocument/hover', 'file:///nowhere.pawl', { line: 0, character: 0 })).toBeNull();
    expect(await client.at('textDocument/completion', 'file:///nowhere.pawl', { line: 0, character: 0 })).toEqual([]);
  });

  it('a cancelled request is answered, and the server goes on', async () => {
    const uri = fresh();
    await client.open(uri, SIX);
    const source = new CancellationTokenSource();
    const params = { textDocument: { uri }, position: { line: 8, character: 18 } };
    const answer = client.request('textDocument/hover', params, source.token).then(() => 'answered', () => 'cancelled');
    source.cancel();
    expect(['answered', 'cancelled']).toContain(await answer);
    expect(await client.at('textDocument/hover', uri, { line: 8, character: 18 })).not.toBeNull();
  });
});

describe('a newer edit', () => {
  it('is what the last verdict is about, however fast the edits come', async () => {
    const uri = fresh();
    await client.open(uri, UNEXPECTED);
    for (let version = 2; version <= 60; version++) {
      const inserts = version % 2 === 0;
      const range = { start: { line: 15, character: 0 }, end: { line: inserts ? 15 : 16, character: 0 } };
      await client.change(uri, version, [{ range, text: inserts ? '  expect split-brain\n' : '' }]);
    }
    expect((await client.checked(uri, 60)).filter((each) => each.severity === 1)).toEqual([]);
  });
});

describe('a line typed character by character', () => {
  it('leaves the verdict of its block where it is, until the new one is there', async () => {
    const uri = fresh();
    await client.open(uri, UNEXPECTED);
    const before = (await client.checked(uri, 1)).find((each) => each.code === 'split-brain')!;
    const from = client.published.length;
    let version = 1;
    const type = async (text: string, line: number): Promise<void> => {
      for (let column = 0; column < text.length; column++) {
        await client.change(uri, ++version, [{ range: span(line, column, column), text: text[column]! }]);
        // Some are judged before the next comes, some are not.
        if (column % 3 === 0) await client.checked(uri, version);
      }
      await client.checked(uri, version);
    };
    await client.change(uri, ++version, [{ range: span(8, 0, 0), text: '\n' }]);
    await type('  at 400ms  c1 reads k from A', 8);
    await client.change(uri, ++version, [{ range: span(16, 0, 0), text: '\n' }]);
    await type('  expect no blo', 16);
    const lenses = await client.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
    expect(lenses[0]!.command?.title).toContain('(before this edit)');
    expect(client.statuses.at(-1)).toMatchObject({ violations: 1, invalid: 1 });
    await client.change(uri, ++version, [{ range: span(16, 15, 15), text: 'cked' }]);
    const after = await client.checked(uri, version);
    const during = client.published.slice(from).filter((each) => each.uri === uri);
    expect(during.length).toBeGreaterThan(10);
    expect(during.filter((each) => !codes(each.diagnostics).includes('split-brain'))).toEqual([]);
    expect(codes(after).filter((code) => code === 'syntax' || code === 'name' || code === 'split-brain')).toEqual(['split-brain']);
    expect(after.find((each) => each.code === 'split-brain')!.range.start.line).toBe(before.range.start.line + 1);
    expect((await client.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } }))[0]!.command?.title).not.toContain('edit');
  });
});

describe('hints', () => {
  const whole = { start: { line: 0, character: 0 }, end: { line: 20, character: 0 } };
  const hinted = async (uri: string): Promise<number[]> => {
    const hints = await client.request<InlayHint[]>('textDocument/inlayHint', { textDocument: { uri }, range: whole });
    return [...new Set(hints.map((hint) => hint.position.line))];
  };

  it('stay away from a line while it is typed, and come once its author pauses', async () => {
    const uri = fresh();
    await client.open(uri, SIX);
    expect(await hinted(uri)).toEqual(expect.arrayContaining([8, 9]));
    const before = client.asked.length;
    await client.change(uri, 2, [{ range: span(9, 30, 31), text: '3' }]);
    const during = await hinted(uri);
    expect(during).toContain(8);
    expect(during).not.toContain(9);
    await client.until('the refresh', () => client.asked.slice(before).includes('workspace/inlayHint/refresh'));
    expect(await hinted(uri)).toEqual(expect.arrayContaining([8, 9]));
  });
});

describe('a long run', () => {
  const long = (lastKey: string): string => `scenario "long" {
  protocol primary-backup like majority
  nodes A B C D E
  clients c1
  every 1ms c1 writes k = 1
  at 5ms c1 writes ${lastKey} = 2
  run to 4s
}
`;

  it('leaves the verdicts of what did not change where they are', async () => {
    const uri = fresh(), text = UNEXPECTED + long('a');
    await client.open(uri, text);
    await client.checked(uri, 1);
    const from = client.published.length, line = text.split('\n').findIndex((each) => each.includes('at 5ms'));
    for (let version = 2; version <= 6; version++) {
      await client.change(uri, version, [{ range: span(line, 19, 20), text: 'bcdef'[version - 2]! }]);
      await new Promise((resolve) => { setTimeout(resolve, 30); });
    }
    await client.checked(uri, 6);
    const during = client.published.slice(from).filter((each) => each.uri === uri);
    expect(during.length).toBeGreaterThan(1);
    expect(during.every((each) => codes(each.diagnostics).includes('split-brain'))).toBe(true);
  });
});

describe('documents that cannot be analysed', () => {
  it('a large one says so, takes edits, and is analysed once it is small enough', async () => {
    const uri = fresh();
    const huge = '// a line of a very long log of a machine that nobody meant to open here\n'.repeat(300_000);
    expect(huge.length).toBeGreaterThan(20_000_000);
    await client.open(uri, huge);
    expect((await client.checked(uri, 1))[0]).toMatchObject({ severity: 3 });
    await client.change(uri, 2, [{ range: span(150_000, 0, 2), text: 'x' }]);
    expect((await client.checked(uri, 2)).length).toBe(1);
    expect(await client.at('textDocument/hover', uri, { line: 0, character: 0 })).toBeNull();
    await client.change(uri, 3, [{ range: { start: { line: 0, character: 0 }, end: { line: 299_999, character: 0 } }, text: UNEXPECTED }]);
    expect(codes(await client.checked(uri, 3))).toContain('split-brain');
  });

  it('one that is not text says so', async () => {
    const uri = fresh();
    await client.open(uri, '\u0000\u0001\u0002PNG\u0000'.repeat(1000));
    expect((await client.checked(uri, 1))[0]!.message).toContain('does not look like text');
  });
});
