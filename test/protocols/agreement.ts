/**
 * Agreement, looked at without any checker: what the nodes of a run say they committed, and what they say they applied, slot
 * by slot. Once a slot's content is known nobody ever says otherwise, whenever and in whatever life.
 */
import { EVENT } from '../../server/src/engine/events.ts';
import type { Run } from '../../server/src/engine/run.ts';

export interface Agreement {
  /** Slots that more than one node spoke of. */
  readonly shared: number;
  /** `slot 3: A k = 1, B k = 2` */
  readonly broken: readonly string[];
}

/** `except`: nodes whose word counts for nothing (liars). */
export function agreementOf({ log, names }: Run, except: readonly number[] = []): Agreement {
  const said = new Map<string, { readonly text: string; readonly node: number; readonly nodes: Set<number> }>();
  const broken: string[] = [];
  for (let i = 0; i < log.length; i++) {
    const kind = log.kind(i), node = log.node(i), text = log.text(i);
    if ((kind !== EVENT.commit && kind !== EVENT.apply) || log.slot(i) < 0 || except.includes(node)) continue;
    const shard = log.group(i) > 0 ? ` of shard ${log.group(i)}` : '', slot = `${kind === EVENT.commit ? 'committed' : 'applied'} in slot ${log.slot(i)}${shard}`, first = said.get(slot) ?? { text, node, nodes: new Set<number>() };
    said.set(slot, first);
    first.nodes.add(node);
    if (first.text !== text) broken.push(`${slot}: ${names[first.node]} ${first.text}, ${names[node]} ${text}`);
  }
  return { shared: [...said.values()].filter(({ nodes }) => nodes.size > 1).length, broken };
}
