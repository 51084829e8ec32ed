/** Calls of a session: paths and versions checked, and whether the protocol has sessions at all. */
import type { Action, MultiWords, NumberWord, Word } from '../language/syntax.ts';
import type { Catalogue } from './catalogue.ts';
import type { ActionModel } from './scenario.ts';
import type { MultiStep, SessionCall } from './sessions.ts';
import type { Scope } from './lowerEvents.ts';
import { checkedCount } from './quantities.ts';

type SessionAction = Extract<Action, { kind: 'session' }>;

/** One call, or undefined where a diagnostic was given. `client`: the word before the verb, where an error without a path stands. */
export function sessionActionOf(scope: Scope, { call }: SessionAction, client: Word, catalogue: Catalogue): ActionModel | undefined {
  const place = 'path' in call ? call.path : call.kind === 'multi' ? call.steps[0]!.path : client;
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
  if (call.kind === 'multi') {
    const steps = call.steps.map((step) => stepOf(scope, step)).filter((step) => step !== undefined);
    return steps.length < call.steps.length ? undefined : { kind: 'multi', steps };
  }
  if (!('path' in call)) return call;
  if (call.kind === 'create' || call.kind === 'set' || call.kind === 'remove') return stepOf(scope, call);
  const path = pathOf(scope, call.path, false);
  switch (call.kind) {
    case 'get': case 'list': case 'check': return path === undefined ? undefined : { kind: call.kind, path, watching: call.watching };
    case 'lock': case 'unlock': return path === undefined ? undefined : { kind: call.kind, path };
  }
}

function stepOf<S extends MultiWords>(scope: Scope, step: S): Extract<MultiStep, { readonly kind: S['kind'] }> | undefined;
function stepOf(scope: Scope, step: MultiWords): MultiStep | undefined {
  const path = pathOf(scope, step.path, step.kind === 'create' && step.sequential);
  if (step.kind === 'create') return path === undefined ? undefined : { ...step, path, value: step.value?.text ?? '' };
  const version = versionOf(scope, step.version);
  if (path === undefined || version === undefined) return undefined;
  return step.kind === 'set' ? { kind: 'set', path, value: step.value.text, version } : { kind: step.kind, path, version };
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
