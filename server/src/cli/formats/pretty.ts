import type { Verdict } from '../../analysis/analysis.ts';
import type { Diagnostic, Place, Severity } from '../../model/diagnostic.ts';
import { countSeverity, countVerdicts, type FileReport } from '../report.ts';

const COLOURS: Readonly<Record<Severity, string>> = { error: '31', warning: '33', information: '36', hint: '90' };
/** Longest part of a source line that is shown. */
const WIDTH = 160;

type Paint = (text: string, code: string) => string;

/** For people: each diagnostic with its line and carets, the places beside it, and a last line that counts. */
export function pretty(files: readonly FileReport[], colours: boolean): string {
  const paint: Paint = colours ? (text, code) => `\u001b[${code}m${text}\u001b[0m` : (text) => text;
  const parts = files.flatMap((file) => file.analysis.diagnostics.map((diagnostic) => diagnosticText(file, diagnostic, paint)));
  return `${parts.join('')}${parts.length === 0 ? '' : '\n'}${summary(files, paint)}\n`;
}

function diagnosticText({ path, analysis }: FileReport, { place, severity, code, message, related }: Diagnostic, paint: Paint): string {
  const where = paint(`${path}:${place.line + 1}:${place.start + 1}:`, '1');
  const head = `${where} ${paint(severity, COLOURS[severity])} ${paint(code, '1')} ${visible(message)}\n`;
  if (severity === 'information' || severity === 'hint') return head;
  const frame = frameText(analysis.document.lines[place.line]?.text ?? '', place, (text) => paint(text, COLOURS[severity]), paint);
  return head + frame + related.map((each) => paint(`       ${path}:${each.place.line + 1}: ${visible(each.message)}\n`, '2')).join('');
}

function frameText(line: string, place: Place, mark: (text: string) => string, paint: Paint): string {
  const from = place.start > WIDTH / 2 && line.length > WIDTH ? place.start - WIDTH / 4 : 0;
  const shown = line.slice(from, from + WIDTH);
  const number = String(place.line + 1).padStart(5);
  const before = line.slice(from, place.start).replace(/[^\t]/gu, (c) => ' '.repeat(widthOf(c)));
  const marked = line.slice(place.start, Math.min(place.end, from + WIDTH));
  const carets = '^'.repeat(Math.max(1, [...marked].reduce((sum, c) => sum + widthOf(c), 0)));
  return `${paint(`${number} | `, '2')}${visible(shown)}\n${paint(`${' '.repeat(5)} | `, '2')}${before}${mark(carets)}\n`;
}

const WIDE = new RegExp('[\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe30-\\ufe6f'
  + '\\uff00-\\uff60\\uffe0-\\uffe6]|\\p{Extended_Pictographic}', 'u');

/** Columns of a terminal: two for East Asian wide characters and emoji, none for marks that combine with what is before them. */
function widthOf(character: string): number {
  if (/\p{Mark}/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Control characters as pictures, so that a document cannot move the cursor of whoever reads the output. */
function visible(text: string): string {
  const picture = (c: string): string => (c < ' ' ? String.fromCharCode(0x2400 + c.charCodeAt(0)) : '\ufffd');
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, picture);
}

const VERDICT_WORDS: readonly (readonly [Verdict, string, string])[] = [
  ['as-expected', 'as expected', '32'], ['violated', 'violated', '31'], ['invalid', 'invalid', '31'], ['unknown', 'unknown', '33'],
];

function summary(files: readonly FileReport[], paint: Paint): string {
  const verdicts = countVerdicts(files);
  const blocks = files.reduce((sum, { analysis }) => sum + analysis.blocks.length, 0);
  const parts = VERDICT_WORDS.filter(([verdict]) => verdicts[verdict] > 0)
    .map(([verdict, words, colour]) => paint(`${verdicts[verdict]} ${words}`, colour));
  const problems = (['error', 'warning'] as const).map((severity) => ({ severity, count: countSeverity(files, severity) }))
    .filter(({ count }) => count > 0).map(({ severity, count }) => plural(count, severity));
  const counted = `${plural(files.length, 'file')}, ${plural(blocks, 'block')}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
  return problems.length === 0 ? counted : `${counted}; ${problems.join(', ')}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
