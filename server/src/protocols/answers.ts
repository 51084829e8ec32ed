/** What leaders of logs do with a request that they have seen before. */
import type { PersistentMap } from '../engine/persistent.ts';
import type { Context, Message, Request } from '../engine/protocol.ts';
import { requestKey, type Result } from './keyValue.ts';

interface Answering {
  /** By `requestKey`: what was executed. */
  readonly results: PersistentMap<number, Result>;
  /** By place in the log: who waits for it to be executed. */
  waiting: PersistentMap<number, readonly Request[]>;
}

/**
 * One that was executed is answered again without executing it again; one that is in the log is waited for. `underWay`: the end of
 * the log that is not executed yet. false: it is new.
 */
export function answerRepeated(context: Context<Message>, state: Answering, request: Request,
  underWay: Iterable<readonly [place: number, entry: { readonly session: number; readonly sequence: number }]>): boolean {
  const key = requestKey(request), result = state.results.get(key);
  if (result !== undefined) {
    context.reply(request, result.outcome, result.value);
    return true;
  }
  for (const [place, entry] of underWay) {
    if (requestKey(entry) !== key) continue;
    const known = state.waiting.get(place) ?? [];
    state.waiting = state.waiting.set(place, [...known.filter(({ client }) => client !== request.client), request]);
    return true;
  }
  return false;
}
