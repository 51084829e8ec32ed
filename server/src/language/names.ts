/** Which names a block declares: what tells a node from a client, and a label from a key, in the words of a line. */
import type { BlockRange } from './syntax.ts';
import type { PawlDocument } from './document.ts';

export interface BlockNames {
  readonly nodes: ReadonlySet<string>;
  readonly clients: ReadonlySet<string>;
  readonly labels: ReadonlySet<string>;
  /** The protocol as written. */
  readonly protocol: string | undefined;
}

const NONE: BlockNames = { nodes: new Set(), clients: new Set(), labels: new Set(), protocol: undefined };
/** Names that `nodes 5` counts are listed up to this many; the model allows fewer. */
const MOST_COUNTED = 1000;

const found = new WeakMap<PawlDocument, Map<BlockRange, BlockNames>>();

/** The block of a line, if any; by halving, since documents may have many. */
export function blockOfLine(document: PawlDocument, line: number): BlockRange | undefined {
  const { blocks } = document;
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((blocks[middle] as BlockRange).end < line) low = middle + 1;
    else high = middle;
  }
  const block = blocks[low];
  return block !== undefined && block.start <= line ? block : undefined;
}

/** The names of a line's block, gathered once per document. */
export function namesAround(document: PawlDocument, line: number): BlockNames {
  const block = blockOfLine(document, line);
  if (block === undefined) return NONE;
  let ofDocument = found.get(document);
  if (ofDocument === undefined) {
    ofDocument = new Map();
    found.set(document, ofDocument);
  }
  let names = ofDocument.get(block);
  if (names === undefined) {
    names = gather(document, block);
    ofDocument.set(block, names);
  }
  return names;
}

function gather(document: PawlDocument, block: BlockRange): BlockNames {
  const nodes = new Set<string>();
  const clients = new Set<string>();
  const labels = new Set<string>();
  let protocol: string | undefined;
  for (let line = block.start; line <= block.end; line++) {
    const statement = document.lines[line]?.statement;
    switch (statement?.kind) {
      case 'protocol':
        protocol ??= statement.name.text;
        break;
      case 'nodes':
        for (const name of [...statement.names, ...statement.spare]) nodes.add(name.text);
        for (let rank = 1; rank <= Math.min(statement.count?.value ?? 0, MOST_COUNTED); rank++) nodes.add(`n${rank}`);
        break;
      case 'clients':
        for (const name of statement.names) clients.add(name.text);
        break;
      case 'resource':
        clients.add(statement.name.text);
        break;
      case 'operation':
        if (statement.label !== undefined) labels.add(statement.label.text);
        if (statement.action.kind === 'members') clients.add(statement.client.text);
        break;
      case 'history-operation':
        clients.add(statement.client);
        break;
      default:
    }
  }
  return { nodes, clients, labels, protocol };
}
