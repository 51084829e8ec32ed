/** What a client asks through its session, as the model has it, and how that reads. */
export type SessionCall =
  | ZnodeChange
  /** All of its steps are done, or none. */
  | { readonly kind: 'multi'; readonly steps: readonly MultiStep[] }
  | { readonly kind: 'get' | 'list' | 'check'; readonly path: string; readonly watching: boolean }
  | { readonly kind: 'lock' | 'unlock'; readonly path: string }
  /** `process`: that of the resource. */
  | { readonly kind: 'use'; readonly resource: string; readonly process: number; readonly withToken: boolean }
  /** `open` is what a client does by itself, before all else. */
  | { readonly kind: 'sync' | 'close' | 'open' };

export type ZnodeChange =
  | { readonly kind: 'create'; readonly path: string; readonly value: string; readonly ephemeral: boolean; readonly sequential: boolean }
  /** `version` -1: any. */
  | { readonly kind: 'set'; readonly path: string; readonly value: string; readonly version: number }
  | { readonly kind: 'remove'; readonly path: string; readonly version: number };

/** A step of a transaction. A check is no look: it holds or fails. */
export type MultiStep = ZnodeChange | { readonly kind: 'check'; readonly path: string; readonly version: number };

/** What a call is about: `/cfg = 6 if version 2`. */
export function sessionContent(call: SessionCall): string {
  switch (call.kind) {
    case 'create': case 'set': case 'remove': return stepContent(call);
    case 'multi': return call.steps.map((step) => `${step.kind} ${stepContent(step)}`).join('; ');
    case 'get': case 'list': case 'check': return `${call.path}${call.watching ? ' watching' : ''}`;
    case 'lock': case 'unlock': return call.path;
    case 'use': return `${call.resource}${call.withToken ? '' : ' without token'}`;
    case 'sync': case 'close': case 'open': return '';
  }
}

function stepContent(step: MultiStep): string {
  switch (step.kind) {
    case 'create': return [step.path, ...(step.value === '' ? [] : ['=', step.value]), ...(step.ephemeral ? ['ephemeral'] : []), ...(step.sequential ? ['sequential'] : [])].join(' ');
    case 'set': return `${step.path} = ${step.value}${versionText(step.version)}`;
    case 'remove': case 'check': return `${step.path}${versionText(step.version)}`;
  }
}

const versionText = (version: number): string => (version < 0 ? '' : ` if version ${version}`);

/** As in a document, with this verb: `creates /cfg = 5`, `create /cfg = 5`. */
export const sessionText = (verb: string, call: SessionCall): string => `${verb} ${sessionContent(call)}`.trimEnd();

/** As a document says it: `creates /cfg = 5`, `does { creates /a = 1; removes /b }`. */
export function sessionWords(call: SessionCall): string {
  if (call.kind !== 'multi') return sessionText(`${call.kind}s`, call);
  return `does { ${call.steps.map((step) => `${step.kind}s ${stepContent(step)}`).join('; ')} }`;
}

/** Calls that change what is stored; the others look, or wait. */
export const changesZnodes = (call: SessionCall): boolean => call.kind === 'create' || call.kind === 'set' || call.kind === 'remove' || call.kind === 'multi' || call.kind === 'close';

/** The path of a call; '' where it has none. */
export const pathOf = (call: SessionCall): string => ('path' in call ? call.path : '');

/** Whether the answer to it is a value. */
export const answersWithValue = (call: SessionCall): boolean => call.kind === 'create' || call.kind === 'multi' || call.kind === 'lock' || (call.kind !== 'set' && 'watching' in call);

/** What clients say to keep their session: no operations. */
const KEEPING: ReadonlySet<string> = new Set(['connect', 'touch']);

/** Whether a client that says this asks for something. */
export const isAsking = (word: string): boolean => !KEEPING.has(word);

/** The call of a word and content (`create`, `/cfg = 5 ephemeral`), the way back from `sessionContent`; undefined where it is none. */
export function sessionCallOf(word: string, content: string): SessionCall | undefined {
  switch (word) {
    case 'create': case 'set': case 'remove': return changeOf(word, content);
    case 'get': case 'list': case 'check': {
      const parts = /^(\/\S*)( watching)?$/.exec(content);
      return parts === null ? undefined : { kind: word, path: parts[1]!, watching: parts[2] !== undefined };
    }
    case 'use': {
      const parts = /^(\S+)( without token)?$/.exec(content);
      return parts === null ? undefined : { kind: 'use', resource: parts[1]!, process: -1, withToken: parts[2] === undefined };
    }
    case 'lock': case 'unlock': return content.startsWith('/') ? { kind: word, path: content } : undefined;
    case 'sync': case 'close': return content === '' ? { kind: word } : undefined;
    default: return undefined;
  }
}

/** A step of a transaction, from its word and content. */
export function multiStepOf(word: string, content: string): MultiStep | undefined {
  if (word === 'create' || word === 'set' || word === 'remove') return changeOf(word, content);
  const parts = word === 'check' ? VERSIONED.exec(content) : null;
  return parts === null ? undefined : { kind: 'check', path: parts[1]!, version: Number(parts[2] ?? -1) };
}

const VERSIONED = /^(\/\S*)(?: if version (\d+))?$/;

function changeOf(word: 'create' | 'set' | 'remove', content: string): ZnodeChange | undefined {
  switch (word) {
    case 'create': {
      const parts = /^(\/\S*)(?: = (.+?))?( ephemeral)?( sequential)?$/.exec(content);
      return parts === null ? undefined : { kind: 'create', path: parts[1]!, value: parts[2] ?? '', ephemeral: parts[3] !== undefined, sequential: parts[4] !== undefined };
    }
    case 'set': {
      const parts = /^(\/\S*) = (.+?)(?: if version (\d+))?$/.exec(content);
      return parts === null ? undefined : { kind: 'set', path: parts[1]!, value: parts[2]!, version: Number(parts[3] ?? -1) };
    }
    case 'remove': {
      const parts = VERSIONED.exec(content);
      return parts === null ? undefined : { kind: 'remove', path: parts[1]!, version: Number(parts[2] ?? -1) };
    }
  }
}
