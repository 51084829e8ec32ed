/** Calls of a session: paths and versions checked, and whether the protocol has sessions at all. */
import type { Action, NumberWord, Word } from '../language/syntax.ts';
import type { Catalogue } from './catalogue.ts';
import type { ActionModel } from './scenario.ts';
import type { SessionCall } from './sessions.ts';
import type { Scope } from './lowerEvents.ts';
import { checkedCount } from './quantities.ts';

type SessionAction = Extract<Action, { kind: 'session' }>;

/** One call, or undefined where a diagnostic was given. `client`: the word before the verb, where an error without a path stands. */
export function sessionActionOf(scope: Scope, { call }: SessionAction, client: Word, catalogue: Catalogue): ActionModel | undefined {
  const place = 'path' in call ? call.path : client;
  const having = catalogue.protocols.filter((spec) => spec.sessions === true).map((spec) => `\`protocol ${spec.name}\``);
  if (!catalogue.protocols.some((spec) => spec.name === scope.protocol && spec.sessions === true)) {
    scope.report.error(place, 'statement', `\`${scope.protocol}\` has no znodes and no sessions: write and read keys, as in \`c1 writes k = 1\`, or say ${having.join(' or ')}.`);
    return undefined;
  }
  const model = modelOf(scope, call);
  return model === undefined ? undefined : { kind: 'session', key: 'path' in model ? model.path : '', call: model };
}

function modelOf(scope: Scope, call: SessionAction['call']): SessionCall | undefined {
  if (call.kind === 'use') {
    const process = scope.names.resource(call.resource);
    return process === undefined ? undefined : { kind: 'use', resource: call.resource.text, process, withToken: call.withToken };
  }
  if (!('path' in call)) return call;
  const path = pathOf(scope, call.path, call.kind === 'create' && call.sequential);
  switch (call.kind) {
    case 'create': return path === undefined ? undefined : { ...call, path, value: call.value?.text ?? '' };
    case 'set': case 'remove': {
      const version = versionOf(scope, call.version);
      if (path === undefined || version === undefined) return undefined;
      return call.kind === 'set' ? { kind: 'set', path, value: call.value.text, version } : { kind: 'remove', path, version };
    }
    case 'get': case 'list': case 'check': return path === undefined ? undefined : { kind: call.kind, path, watching: call.watching };
    case 'lock': case 'unlock': return path === undefined ? undefined : { kind: call.kind, path };
  }
}

/** A sequential name may be empty: `/queue/` becomes `/queue/0000000001`. */
function pathOf({ report }: Scope, path: Word, mayEndWithSlash: boolean): string | undefined {
  if (path.text === '/' && !mayEndWithSlash) return path.text;
  if (!path.text.endsWith('/') || mayEndWithSlash) return path.text;
  report.error(path, 'name', `A path does not end with \`/\`; write \`${path.text.slice(0, -1)}\`.`);
  return undefined;
}

const versionOf = ({ report }: Scope, version: NumberWord | undefined): number | undefined =>
  (version === undefined ? -1 : checkedCount(report, version, 'A version', 0));
