/** From names to processes and operations, with a diagnostic for each name that is none. */
import type { Word } from '../language/syntax.ts';
import type { BlockNames } from './blockNames.ts';
import type { QuickFix } from './diagnostic.ts';
import type { Reporter } from './reporter.ts';
import { listed } from './suggest.ts';

/** Finds processes by name, or says what is wrong with the name. */
export class NameLookup {
  readonly report: Reporter;
  readonly names: BlockNames;
  private readonly reported = new Set<string>();

  constructor(report: Reporter, names: BlockNames) {
    this.report = report;
    this.names = names;
  }

  isNode(id: number): boolean {
    return id < this.names.nodes.length;
  }

  /** A node, or undefined with a diagnostic. */
  node(word: Word): number | undefined {
    const id = this.names.processes.get(word.text);
    if (id !== undefined && this.isNode(id)) return id;
    if (id !== undefined) {
      this.report.error(word, 'name', `\`${word.text}\` is a ${this.names.resources.has(word.text) ? 'resource' : 'client'}; name a node here: ${listed(this.names.nodes)}.`);
    } else if (this.names.nodesKnown) {
      this.unknown(word, 'node', this.names.nodes);
    }
    this.report.pointless = true;
    return undefined;
  }

  client(word: Word): number | undefined {
    const id = this.names.processes.get(word.text);
    if (this.names.resources.has(word.text)) {
      this.report.error(word, 'name', `\`${word.text}\` is a resource; only clients ask for something. ${this.clientsWay()}`);
      return undefined;
    }
    if (id !== undefined && !this.isNode(id)) return id;
    if (id !== undefined) {
      this.report.error(word, 'name', `\`${word.text}\` is a node; only clients ask for something. ${this.clientsWay()}`);
    } else if (this.names.clientsKnown) {
      this.unknown(word, 'client', this.names.clients);
    }
    this.report.pointless = true;
    return undefined;
  }

  /** A resource, or undefined with a diagnostic. */
  resource(word: Word): number | undefined {
    const { resources, processes, brokenNames } = this.names, id = processes.get(word.text);
    if (id !== undefined && resources.has(word.text)) return id;
    if (brokenNames.has(word.text)) return undefined;
    if (id !== undefined) this.report.error(word, 'name', `\`${word.text}\` is no resource; what stands outside is declared with \`resource NAME\`.`);
    else if (resources.size === 0) this.undeclared(word, 'resource');
    else this.report.name(word, `There is no resource \`${word.text}\``, [...resources.keys()], `the resources are ${listed([...resources.keys()])}.`);
    this.report.pointless = true;
    return undefined;
  }

  /** A node or a client. */
  process(word: Word): number | undefined {
    const id = this.names.processes.get(word.text);
    if (id !== undefined) return id;
    if (this.names.nodesKnown && this.names.clientsKnown) this.unknown(word, 'node or client', [...this.names.nodes, ...this.names.clients]);
    this.report.pointless = true;
    return undefined;
  }

  /** The operation of a label, or undefined with a diagnostic. */
  operation(word: Word): number | undefined {
    const label = this.names.labels.get(word.text);
    if (label !== undefined) return label.operation;
    if (!this.names.brokenNames.has(word.text)) {
      const labels = [...this.names.labels.keys()];
      const way = labels.length > 0 ? `the labels are ${listed(labels)}.` : `label one as in \`${word.text}: c1 writes k = 1\`.`;
      this.report.name(word, `No operation is labelled \`${word.text}\``, labels, way);
    }
    this.report.pointless = true;
    return undefined;
  }

  private clientsWay(): string {
    return this.names.clients.length > 0 ? `The clients are ${listed(this.names.clients)}.` : 'Declare one with `clients c1`.';
  }

  private unknown(word: Word, kind: string, known: readonly string[]): void {
    if (this.names.brokenNames.has(word.text)) return;
    if (known.length === 0) {
      this.undeclared(word, kind);
      return;
    }
    const plural = kind === 'node or client' ? 'nodes and clients' : `${kind}s`;
    this.report.name(word, `There is no ${kind} \`${word.text}\``, known, `the ${plural} are ${listed(known)}.`);
  }

  /** No name of that kind is declared: said once, with the line to add. */
  private undeclared(word: Word, kind: string): void {
    if (this.reported.has(word.text)) return;
    this.reported.add(word.text);
    const text = kind === 'resource' ? `resource ${word.text}` : `${kind}s ${word.text}`;
    const { nodesLine } = this.names;
    const fixes: QuickFix[] = nodesLine === undefined ? [] : [{ title: `Add \`${text}\``, edits: [{ kind: 'insert-line', line: nodesLine + 1, text: `  ${text}` }], preferred: true }];
    this.report.error(word, 'name', `There is no ${kind} \`${word.text}\`; declare it with \`${text}\`.`, { fixes });
  }
}
