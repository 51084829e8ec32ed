/** `protocol NAME like PRESET { KNOB VALUE … }`, and the knobs on lines of their own. language.md, "Header". */
import type { KnobSetting, ScenarioStatement, Word } from './syntax.ts';
import type { Cursor } from './cursor.ts';
import { COMMA, END, LEFT_BRACE, MEASURE, NUMBER, RANGE, RIGHT_BRACE, SEMICOLON, STRING, WORD } from './lexer.ts';

/** After the word `protocol`. Its braces may close on this line or on a later one: then the cursor stops at the line's end. */
export function protocolAfter(cursor: Cursor): { statement: ScenarioStatement; opened: boolean } {
  const name = protocolName(cursor);
  const like = cursor.keyword('like', 'begin from this preset') ? preset(cursor, name.text) : undefined;
  cursor.noteWord('{', 'brace', 'knobs that differ from the preset');
  if (cursor.kind() !== LEFT_BRACE) return { statement: { kind: 'protocol', name, like, knobs: [] }, opened: false };
  cursor.takeBlockBrace();
  const knobs: KnobSetting[] = [];
  while (cursor.kind() !== END && cursor.kind() !== RIGHT_BRACE) knobs.push(inlineKnob(cursor));
  const opened = cursor.kind() === END;
  if (opened) cursor.noteName('knob', name.text);
  else cursor.take('brace');
  return { statement: { kind: 'protocol', name, like, knobs }, opened };
}

/** `2pc` is a name here. */
function protocolName(cursor: Cursor): Word {
  cursor.noteName('protocol');
  return cursor.kind() === WORD || cursor.kind() === MEASURE ? cursor.takeWord('protocol') : cursor.fail();
}

function preset(cursor: Cursor, protocol: string): Word {
  cursor.noteName('preset', protocol);
  return cursor.kind() === WORD || cursor.kind() === MEASURE ? cursor.takeWord('preset', protocol) : cursor.fail();
}

/** A knob on a line of its own: everything up to the end of the line, or to the brace, is its value. */
export function knob(cursor: Cursor): ScenarioStatement {
  const name = cursor.name('knob');
  const values = [knobValue(cursor, name.text)];
  while (isValue(cursor.kind())) values.push(knobValue(cursor, name.text));
  return { kind: 'knob', name, values };
}

/** One of several knobs on a line: a name that has a value after it begins the next one. */
function inlineKnob(cursor: Cursor): KnobSetting {
  const name = cursor.name('knob');
  const values = [knobValue(cursor, name.text)];
  while (isValue(cursor.kind()) && !(cursor.kind() === WORD && isValue(cursor.kind(1)))) values.push(knobValue(cursor, name.text));
  if (cursor.kind() === SEMICOLON || cursor.kind() === COMMA) cursor.take('operator');
  return { name, values };
}

function isValue(kind: number): boolean {
  return kind === WORD || kind === NUMBER || kind === MEASURE || kind === STRING;
}

/** A name, a number, a duration, or a range of them (`150ms..300ms`) as one word. */
function knobValue(cursor: Cursor, knobName: string): Word {
  cursor.noteName('knob-value', knobName);
  if (!isValue(cursor.kind())) cursor.fail();
  if (cursor.kind(1) !== RANGE || !isValue(cursor.kind(2))) return cursor.takeWord('knob-value', knobName);
  const { lexer, index } = cursor;
  const text = `${cursor.text()}..${cursor.text(2)}`;
  const word = { text, start: lexer.start(index), end: lexer.end(index + 2) };
  cursor.take('knob-value', knobName, 3);
  return word;
}
