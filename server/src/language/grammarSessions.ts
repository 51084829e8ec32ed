/** What clients ask through a session: of znodes, and of the recipes above them (Hunt et al. 2010, sections 2.2 and 2.4). */
import type { Action, ChangeWords, MultiWords, NumberWord, SessionWords, Word } from './syntax.ts';
import type { Cursor } from './cursor.ts';
import { RESOURCES } from './cursor.ts';
import { EQUALS } from './lexer.ts';

export const SESSION_VERBS = {
  creates: 'makes a znode: creates /cfg = 5, or creates /lock/n- ephemeral sequential',
  sets: 'gives a znode other data: sets /cfg = 6, or sets /cfg = 6 if version 2',
  removes: 'removes a znode that has no children: removes /cfg',
  gets: 'asks for the data of a znode: gets /cfg, or gets /cfg watching',
  lists: 'asks for the children of a znode: lists /lock',
  checks: 'asks for the version of a znode, if there is one: checks /cfg',
  syncs: 'waits until its server has what the leader has',
  closes: 'ends its session',
  locks: 'waits until it holds the lock: locks /lock',
  unlocks: 'gives the lock back: unlocks /lock',
  uses: 'asks a resource, with the token of its lock: uses R, or uses R without token',
};
export type SessionVerb = keyof typeof SESSION_VERBS;

export const isSessionVerb = (verb: string): verb is SessionVerb => Object.hasOwn(SESSION_VERBS, verb);

/** What may stand in a transaction (`multi`, as of ZooKeeper 3.4): what changes znodes, and the check of a version. */
export const MULTI_VERBS = {
  creates: SESSION_VERBS.creates,
  sets: SESSION_VERBS.sets,
  removes: SESSION_VERBS.removes,
  checks: 'all fails unless the znode is there, in this version: checks /cfg if version 2',
};
export type MultiVerb = keyof typeof MULTI_VERBS;

export const isMultiVerb = (verb: string): verb is MultiVerb => Object.hasOwn(MULTI_VERBS, verb);

export function multiStep(cursor: Cursor, verb: MultiVerb): MultiWords {
  if (verb !== 'checks') return changeOf(cursor, verb);
  const path = cursor.path();
  if (cursor.is('watching')) cursor.failWith(`a check in a transaction looks at nothing, so it cannot watch; say checks ${path.text} watching by itself`);
  return { kind: 'check', path, version: version(cursor) };
}

/** What follows such a verb. */
export function sessionAction(cursor: Cursor, verb: SessionVerb): Action {
  return { kind: 'session', call: callOf(cursor, verb) };
}

function callOf(cursor: Cursor, verb: SessionVerb): SessionWords {
  switch (verb) {
    case 'creates': case 'sets': case 'removes': return changeOf(cursor, verb);
    case 'gets': return { kind: 'get', ...look(cursor) };
    case 'lists': return { kind: 'list', ...look(cursor) };
    case 'checks': return check(cursor);
    case 'locks': return { kind: 'lock', path: cursor.path() };
    case 'unlocks': return { kind: 'unlock', path: cursor.path() };
    case 'uses': return use(cursor);
    case 'syncs': return { kind: 'sync' };
    case 'closes': return { kind: 'close' };
  }
}

function changeOf(cursor: Cursor, verb: 'creates' | 'sets' | 'removes'): ChangeWords {
  switch (verb) {
    case 'creates': return create(cursor);
    case 'sets': {
      const path = cursor.path();
      cursor.needSign(EQUALS, '=', 'the data it gets');
      return { kind: 'set', path, value: cursor.value(), version: version(cursor) };
    }
    case 'removes': return { kind: 'remove', path: cursor.path(), version: version(cursor) };
  }
}

/** `/cfg = 5 ephemeral sequential`: the two words in any order, each at most once. */
function create(cursor: Cursor): ChangeWords {
  const path = cursor.path();
  const value = cursor.sign(EQUALS, '=', 'its data') ? cursor.value() : undefined;
  let ephemeral = false, sequential = false;
  for (;;) {
    if (!ephemeral && cursor.keyword('ephemeral', 'it goes with the session of its client')) ephemeral = true;
    else if (!sequential && cursor.keyword('sequential', 'ten digits are added to its name, that count up')) sequential = true;
    else return { kind: 'create', path, value, ephemeral, sequential };
  }
}

/** `if version 2` */
function version(cursor: Cursor): NumberWord | undefined {
  if (!cursor.keyword('if', 'only in this version')) return undefined;
  cursor.needKeyword('version', 'only in this version');
  return cursor.number();
}

/** `R`, `R without token` */
function use(cursor: Cursor): SessionWords {
  const resource = cursor.name('client', 'client', RESOURCES);
  const without = cursor.keyword('without', 'it does not show the token');
  if (without) cursor.needKeyword('token', 'it does not show the token');
  return { kind: 'use', resource, withToken: !without };
}

function check(cursor: Cursor): SessionWords {
  const asked = look(cursor);
  if (cursor.is('if')) cursor.failWith(`a version is checked in a transaction, before what depends on it: does { checks ${asked.path.text} if version 2; creates /done }`);
  return { kind: 'check', ...asked };
}

function look(cursor: Cursor): { path: Word; watching: boolean } {
  const path = cursor.path();
  return { path, watching: cursor.keyword('watching', 'hears of its next change, once') };
}
