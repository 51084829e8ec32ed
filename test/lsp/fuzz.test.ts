/**
 * A hundred thousand random edits of broken text: the server must neither crash nor hang nor leave a request unanswered,
 * and must end with the same text as we have. `PAWL_SEED=7 npx vitest run test/lsp/fuzz.test.ts` repeats a run.
 */
import { expect, it } from 'vitest';
import { LATE_COMMIT, PAST, SIX } from '../features/cursor.ts';
import { TestClient } from './client.ts';
import type { ContentChange } from './client.ts';

const SEED = Number(process.env['PAWL_SEED'] ?? 1);
const EDITS = Number(process.env['PAWL_EDITS'] ?? 100_000);
const DOCUMENTS = 8;
/** Edits in one message of the editor. */
const BATCH = 40;
/** One edit in so many makes the document one that is not text, until it starts over. */
const BINARY = 20_000;
/** Above so many lines a document is cut down again. */
const MOST_LINES = 400;

/** mulberry32: the same numbers from the same seed everywhere. */
function randomFrom(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6D2B79F5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

const PIECES = [
  '{', '}', '\n', '"', '//', ' ', '*', '#1', '->', '|', '..', '=', ':', '@', ',', '100ms', '0ms', '99999999999s', 'A', 'c1', 'k',
  'scenario "x" {\n', 'trace "t" {\n', 'history "h" {\n', '  at 5ms crash A\n', '  expect no violations\n',
  '  protocol primary-backup like timers {\n', 'votes majority\n', '  nodes A B C\n', '  nodes 10000\n', '  every 0ms c1 writes k = 1\n',
  '  drop * -> * *\n', '  hold A -> B commit until released\n', '{2,7}', '{', '😀', '\u0001', '\t', '\r\n', '\r', 'é',
  'when A leads ', ' like ', 'explore {\n', '-1', '1e9', '%', 'lost'];

interface Text {
  readonly uri: string;
  lines: string[];
  version: number;
}

const REQUESTS = [
  'hover', 'completion', 'definition', 'references', 'rename', 'prepareRename', 'documentHighlight', 'documentSymbol', 'foldingRange',
  'semanticTokens/full', 'formatting', 'inlayHint', 'codeLens', 'codeAction', 'documentLink'];

function paramsOf(method: string, text: Text, random: (bound: number) => number): object {
  const line = random(text.lines.length), position = { line, character: random(text.lines[line]!.length + 2) };
  const range = { start: { line: 0, character: 0 }, end: { line: text.lines.length, character: 0 } };
  return {
    textDocument: { uri: text.uri }, position, range, context: { diagnostics: [], includeDeclaration: true },
    newName: random(2) === 0 ? 'renamed' : '9 bad', options: { tabSize: 2, insertSpaces: true },
  };
}

function insertion(random: (bound: number) => number): string {
  if (random(BINARY) === 0) return '\u0000';
  if (random(3) === 0) return '';
  return random(2) === 0 ? PIECES[random(PIECES.length)]! : String.fromCharCode(32 + random(95));
}

/** One edit, applied to our own copy as an editor would. */
function edit(text: Text, random: (bound: number) => number): ContentChange {
  const line = random(text.lines.length), length = text.lines[line]!.length;
  const start = { line, character: random(length + 1) };
  const wide = random(100) === 0 || text.lines.length > MOST_LINES;
  const endLine = Math.min(text.lines.length - 1, line + (wide ? random(60) : random(20) === 0 ? 1 : 0));
  const from = endLine === line ? start.character : 0;
  const end = { line: endLine, character: from + random(Math.min(4, text.lines[endLine]!.length - from + 1)) };
  const inserted = insertion(random);
  const joined = (text.lines[line]!.slice(0, start.character) + inserted + text.lines[endLine]!.slice(end.character)).split(/\r\n|\r|\n/);
  text.lines.splice(line, endLine - line + 1, ...joined);
  return { range: { start, end }, text: inserted };
}

/** Every line of the documents that make sense: whole lines come, go and repeat, so that some of what results still runs. */
const LINES = [SIX, LATE_COMMIT, PAST].flatMap((each) => each.split('\n')).map((line) => `${line}\n`);

function lineEdit(text: Text, random: (bound: number) => number): ContentChange {
  const line = random(text.lines.length), goes = random(2) === 0 && line + 1 < text.lines.length;
  const inserted = goes ? '' : LINES[random(LINES.length)]!;
  if (goes) text.lines.splice(line, 1);
  else text.lines.splice(line, 0, inserted.slice(0, -1));
  return { range: { start: { line, character: 0 }, end: { line: goes ? line + 1 : line, character: 0 } }, text: inserted };
}

it(`survives ${EDITS} random edits (seed ${SEED})`, async () => {
  const random = randomFrom(SEED);
  const client = await TestClient.start();
  const replay = `PAWL_SEED=${SEED} PAWL_EDITS=${EDITS} npx vitest run test/lsp/fuzz.test.ts`;
  try {
    const texts: Text[] = Array.from({ length: DOCUMENTS }, (_, index) => ({
      uri: `untitled:fuzz-${index}`, lines: [SIX, LATE_COMMIT, PAST, SIX + LATE_COMMIT + PAST][index % 4]!.split('\n'), version: 1 }));
    for (const text of texts) await client.open(text.uri, text.lines.join('\n'));
    for (let done = 0; done < EDITS;) {
      const text = texts[random(texts.length)]!;
      const gentle = random(2) === 0;
      const changes = Array.from({ length: gentle ? 1 + random(2) : BATCH }, () => (gentle ? lineEdit : edit)(text, random));
      done += changes.length;
      await client.change(text.uri, ++text.version, changes);
      const methods = [0, 1, 2].map(() => REQUESTS[random(REQUESTS.length)]!);
      await answered(client, methods.map((method) => client.request(`textDocument/${method}`, paramsOf(method, text, random))));
      if (random(10) === 0) await reset(client, text, random);
    }
    for (const text of texts) await client.checked(text.uri, text.version);
    expect(client.complaints).toEqual([]);
    // Not vacuous: some of what came by ran, and runs were judged.
    expect(client.statuses.some((status) => status.violated > 0)).toBe(true);
    expect(client.statuses.some((status) => status.asExpected > 0)).toBe(true);
    for (const text of texts) await sameText(client, text);
  } catch (error) {
    throw new Error(`seed ${SEED}; repeat with: ${replay}\n${client.stderr}`, { cause: error });
  } finally {
    await client.stop();
  }
}, 300_000);

/** Every request has an answer; a refusal with a reason is one. */
async function answered(client: TestClient, requests: readonly Promise<unknown>[]): Promise<void> {
  let open = requests.length;
  requests.forEach((request) => { void request.then(() => { open--; }, () => { open--; }); });
  const all = Promise.allSettled(requests);
  await Promise.race([all, client.until('every answer', () => open === 0)]);
}

/** Now and then a document starts over from something that makes sense. */
async function reset(client: TestClient, text: Text, random: (bound: number) => number): Promise<void> {
  const whole = [SIX, LATE_COMMIT, PAST][random(3)]!;
  text.lines = whole.split('\n');
  if (random(2) === 0) await client.change(text.uri, ++text.version, [{ text: whole }]);
  else {
    await client.close(text.uri);
    await client.open(text.uri, whole, ++text.version);
  }
}

/** Opened afresh, our copy gives the same diagnostics as the text the server arrived at edit by edit. */
async function sameText(client: TestClient, text: Text): Promise<void> {
  const there = await client.checked(text.uri, text.version);
  await client.open(`${text.uri}-again`, text.lines.join('\n'));
  const afresh = await client.checked(`${text.uri}-again`, 1);
  const plain = (diagnostics: typeof there): unknown => diagnostics.map(({ range, code, message }) => ({ range, code, message }));
  expect(plain(there)).toEqual(plain(afresh));
}
