/**
 * What the document may name: protocols with their knobs, presets and message words. The registry of protocols fills
 * it in; the language and the model only look things up, so no protocol's name is written here.
 */
import type { Scenario } from './scenario.ts';

export interface KnobSpec {
  readonly name: string;
  readonly about: string;
  /** How a value reads: one of `values`, or a quantity. */
  readonly type: 'choice' | 'duration' | 'number';
  readonly values: readonly { readonly value: string; readonly about: string; readonly available: boolean }[];
  readonly default: string;
  /** Numbers: whole, and within these bounds; undefined where any number that is not negative makes sense. */
  readonly range?: { readonly least: number; readonly most: number | 'nodes' };
  /** Durations: the least that makes sense, µs; undefined where zero does. */
  readonly atLeastUs?: number;
  /** Numbers: what they must stay below. */
  readonly below?: number;
  /** Values that protect, for quick fixes: the first that is available is offered. */
  readonly safe: readonly string[];
  /** The violation codes that its unsafe values permit: a quick fix for these sets the first of `safe`. */
  readonly permits?: readonly string[];
  /** false: parses and formats, and says "not in this version" where it stands. */
  readonly available: boolean;
  /** Nothing that it could be set to makes sense here: what to write instead. */
  readonly instead?: string;
}

/** Values of several knobs that must fit together. */
export interface KnobRelation {
  /** The violation that values which do not fit permit. */
  readonly code: string;
  /** The knob that a quick fix sets. */
  readonly knob: string;
  /** All that it speaks of: it is said at the last one that is written. */
  readonly knobs: readonly string[];
  /** Undefined: they fit. `asRun`: what the script does to clocks counts too. `safe`: as a document writes it; undefined: no value is. */
  breach(scenario: Scenario, asRun: boolean): { readonly message: string; readonly safe: string | undefined } | undefined;
}

export interface PresetSpec {
  readonly name: string;
  readonly about: string;
  readonly available: boolean;
  readonly knobs: Readonly<Record<string, string>>;
}

export interface MessageSpec {
  readonly word: string;
  readonly about: string;
  /** Where clients say it, or hear it, too. */
  readonly clients?: 'say' | 'hear';
}

export interface ProtocolSpec {
  readonly name: string;
  readonly about: string;
  readonly available: boolean;
  /** `protocol 2pc` is `primary-backup like naive`: the protocol that runs, and the preset. */
  readonly alias?: { readonly protocol: string; readonly preset: string };
  /** It can change who its members are. */
  readonly membership?: boolean;
  readonly defaultPreset: string;
  readonly knobs: readonly KnobSpec[];
  readonly presets: readonly PresetSpec[];
  readonly relations?: readonly KnobRelation[];
  /** Knobs whose values are sizes of quorums that need not share a node: other numbers of nodes permit nothing. */
  apart?(scenario: Scenario): readonly string[];
  readonly messages: readonly MessageSpec[];
  /** Every key is decided by itself: operations over several keys are refused. */
  readonly singleKeys?: true;
  /** Its leaders can hand their leadership over (`transfer A to B`). */
  readonly transfers?: boolean;
  /** Whether clients have sessions, and znodes to ask of. */
  readonly sessions?: boolean;
  /** It runs with `shards`. */
  readonly shards?: true;
  /** Other spellings: [knob, value] -> [knob, value], e.g. epochs on -> ratchet leader-epoch. */
  readonly synonyms: readonly { readonly knob: string; readonly value: string; readonly means: { readonly knob: string; readonly value: string } }[];
}

export interface Catalogue {
  readonly protocols: readonly ProtocolSpec[];
  /** Words between clients and nodes, the same in every protocol: write read … ok failed redirect. */
  readonly clientMessages: readonly MessageSpec[];
}

/** The violation codes with their meaning, for `expect`, hover and docs. */
export interface ViolationSpec {
  readonly code: string;
  readonly about: string;
  readonly severity: 'error' | 'warning' | 'hint';
  readonly available: boolean;
}
