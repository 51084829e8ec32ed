/** Colours by meaning: what each word is, from the roles that the language gives it. */
import type { PawlDocument } from '../language/document.ts';
import type { Role } from '../language/syntax.ts';
import { tokensOfLine } from '../language/tokens.ts';

/** The editor's own token types, so that every theme has colours for them. */
export const TOKEN_TYPES = [
  'keyword', 'variable', 'parameter', 'class', 'enum', 'enumMember', 'property', 'function', 'number', 'string', 'event', 'operator',
  'comment', 'macro',
] as const;
export const TOKEN_MODIFIERS = ['declaration', 'readonly'] as const;

export interface SemanticToken {
  readonly line: number;
  readonly start: number;
  readonly length: number;
  readonly type: number;
  /** Bits, in the order of TOKEN_MODIFIERS. */
  readonly modifiers: number;
}

/** The tokens of lines `from` … `to`, in order. */
export function semanticTokens(document: PawlDocument, from = 0, to = document.lines.length - 1): SemanticToken[] {
  const tokens: SemanticToken[] = [];
  for (let line = Math.max(0, from); line <= Math.min(to, document.lines.length - 1); line++) {
    if (document.lines[line]!.text === '') continue;
    for (const token of tokensOfLine(document, line)) {
      const style = STYLES[token.role];
      if (style === undefined || token.end <= token.start) continue;
      tokens.push({ line, start: token.start, length: token.end - token.start, type: TOKEN_TYPES.indexOf(style),
        modifiers: (token.role.endsWith('-definition') ? DECLARATION : 0) | (token.role.startsWith('label') ? READONLY : 0) });
    }
  }
  return tokens;
}

/** Bits of TOKEN_MODIFIERS. Labels are drawn as constants, to tell them from nodes. */
const DECLARATION = 1, READONLY = 2;

const STYLES: Partial<Record<Role, (typeof TOKEN_TYPES)[number]>> = {
  keyword: 'keyword', node: 'variable', 'node-definition': 'variable', client: 'parameter', 'client-definition': 'parameter',
  label: 'variable', 'label-definition': 'variable', message: 'function', protocol: 'class', preset: 'enum', knob: 'property',
  'knob-value': 'enumMember', key: 'property', value: 'string', number: 'number', duration: 'number', time: 'number', epoch: 'number',
  violation: 'event', outcome: 'enumMember',
  string: 'string', operator: 'operator', comment: 'comment', wildcard: 'macro',
};
