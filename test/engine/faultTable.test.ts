/** The table of faults (protocols.md D, docs/faults.md), row by row: each said in a document, and what exactly it does. */
import { describe, expect, it } from 'vitest';
import { EVENT } from '../../server/src/engine/events.ts';
import { PersistentMap } from '../../server/src/engine/persistent.ts';
import type { Context, Machine, Message, NodeState } from '../../server/src/engine/protocol.ts';
import type { Run } from '../../server/src/engine/run.ts';
import { Simulation } from '../../server/src/engine/simulation.ts';
import { parseDocument } from '../../server/src/language/parser.ts';
import type { Catalogue } from '../../server/src/model/catalogue.ts';
import { lowerScenario } from '../../server/src/model/lower.ts';
import { CATALOGUE as REGISTERED } from '../../server/src/protocols/registry.ts';
import { type Hooks, lines, MS, type ToyMessage, toy, toyMessage } from './toys.ts';

const WORDS = ['propose', 'commit', 'done', 'note'];
const CATALOGUE: Catalogue = {
  ...REGISTERED,
  protocols: [{ name: 'toy', about: '', available: true, defaultPreset: '', knobs: [], presets: [], messages: WORDS.map((word) => ({ word, about: '' })), synonyms: [] }],
};

/** Runs statements that A, B and C live through; A has what it sends from the machine. */
function run(statements: string, machine: Machine<NodeState, Message>): Run {
  const text = `scenario "s" {\n  protocol toy\n  nodes A B C\n  clients c1\n${statements}\n}\n`;
  const document = parseDocument(text);
  expect(document.lines.flatMap(({ problems }) => problems.map(({ message }) => message))).toEqual([]);
  const { value, diagnostics } = lowerScenario(document, document.blocks[0]!, CATALOGUE);
  expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([]);
  const simulation = new Simulation(value!, machine);
  while (!simulation.advance(1000));
  return simulation.run();
}

/** [ms, word, epoch, slot] */
type Sending = readonly [number, string, number, number];

/** A sends these to B, the text being their number from 1. */
function sending(plan: readonly Sending[], hooks: Hooks = {}): Machine<NodeState, Message> {
  return toy({
    ...hooks,
    start(context, state) {
      if (context.self === 0) plan.forEach(([ms], i) => { context.setTimer('send', ms * MS, i); });
      hooks.start?.(context, state);
    },
    timer(context, state, name, argument) {
      if (name !== 'send') { hooks.timer?.(context, state, name, argument); return; }
      const [, word, epoch, slot] = plan[argument]!;
      context.send(1, { ...toyMessage(word, String(argument + 1)), epoch, slot });
    },
  });
}

const FIVE: readonly Sending[] = [[0, 'propose', 1, 1], [5, 'commit', 1, 1], [10, 'propose', 2, 2], [15, 'propose', 2, 7], [20, 'commit', 2, 7]];
/** What B receives, as `10ms 1`. */
const heard = (of: Run): string[] => lines(of, 'receive').filter((line) => line.includes(' B receive')).map((line) => `${/^\S+/.exec(line)![0]} ${/receive \S+ (\S+)/.exec(line)![1]}`);
const arrivals = (statements: string, plan = FIVE): string[] => heard(run(statements, sending(plan)));

describe('drop', () => {
  it('is decided as a message is sent: by link, word, number, epoch, slot or chance', () => {
    expect(arrivals('  at 12ms drop A -> B *')).toEqual(['10ms 1', '15ms 2', '20ms 3']);
    expect(arrivals('  drop A -> B propose #2')).toEqual(['10ms 1', '15ms 2', '25ms 4', '30ms 5']);
    expect(arrivals('  drop A -> B propose {2,7}')).toEqual(['10ms 1', '15ms 2', '20ms 3', '30ms 5']);
    expect(arrivals('  drop A -> B * {2}')).toEqual(['10ms 1', '15ms 2']);
    expect(arrivals('  drop A -> B * {2} #2')).toEqual(['10ms 1', '15ms 2', '20ms 3', '30ms 5']);
    expect(arrivals('  drop B -> * propose\n  drop A -> C *')).toHaveLength(5);
    expect(arrivals('  network loss 100%')).toEqual([]);
  });

  it('of an epoch is what a `when` waits for, too', () => {
    const crashes = (event: string): string[] => lines(run(`  when ${event} crash B`, sending(FIVE)), 'crash');
    expect(crashes('A -> B propose {2,7}')).toEqual(['25ms B crash']);
    expect(crashes('A sends propose {2} to B')).toEqual(['10ms B crash']);
  });
});

describe('delay', () => {
  it('is that of the link, and what it is slowed by', () => {
    expect(arrivals('  network delay 3ms\n  at 12ms slow A -> B by 30ms')).toEqual(['3ms 1', '8ms 2', '13ms 3', '48ms 4', '53ms 5']);
    for (const line of arrivals('  network delay 2ms..4ms', [[0, 'note', 1, 1]])) expect(Number.parseFloat(line)).toBeGreaterThanOrEqual(2);
  });

  it('has no end for a message that is held, until it is released', () => {
    expect(arrivals('  hold A -> B propose {2,7} until released')).toEqual(['10ms 1', '15ms 2', '20ms 3', '30ms 5']);
    expect(arrivals('  hold A -> B propose {2,7} until released\n  at 90ms release A -> B propose {2,7}')).toEqual(['10ms 1', '15ms 2', '20ms 3', '30ms 5', '90ms 4']);
    expect(arrivals('  hold A -> B * {2} until 50ms')).toEqual(['10ms 1', '15ms 2', '50ms 3', '50ms 4', '50ms 5']);
    expect(arrivals('  hold A -> B * {2} until released\n  at 60ms release A -> B * {2,2}')).toEqual(['10ms 1', '15ms 2', '60ms 3']);
  });
});

describe('duplicate', () => {
  it('is one message that arrives twice, each copy after a delay of its own', () => {
    const { log } = run('  network delay 1ms..30ms\n  seed 4\n  duplicate A -> B propose {2,7}', sending(FIVE));
    const copies = Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.receive && log.text(i) === '4');
    expect(copies).toHaveLength(2);
    expect(new Set(copies.map((i) => log.message(i))).size).toBe(1);
    expect(new Set(copies.map((i) => log.timeUs(i))).size).toBe(2);
  });
});

describe('reordering', () => {
  it('comes of delays where links are not fifo', () => {
    const order = (kind: string): number[] => arrivals(`  network ${kind}\n  network delay 1ms..60ms\n  seed 3`).map((line) => Number(line.split(' ')[1]));
    expect(order('fifo')).toEqual([1, 2, 3, 4, 5]);
    expect(order('unordered')).not.toEqual([1, 2, 3, 4, 5]);
  });

  it('by a swap: the first waits for the second, and arrives right behind it', () => {
    expect(arrivals('  swap A -> B propose #1 and commit #2')).toEqual(['15ms 2', '20ms 3', '25ms 4', '30ms 5', '30ms 1']);
    expect(arrivals('  swap A -> B commit #2 and propose #1')).toEqual(['15ms 2', '20ms 3', '25ms 4', '30ms 5', '30ms 1']);
    expect(arrivals('  swap A -> B * {2,2} and * {2,7}')).toEqual(['10ms 1', '15ms 2', '25ms 4', '25ms 3', '30ms 5']);
    expect(arrivals('  at 7ms swap A -> B propose and commit')).toEqual(['10ms 1', '15ms 2', '25ms 4', '30ms 5', '30ms 3']);
  });

  it('by a swap on a fifo link: they change places, and all between them keep theirs', () => {
    expect(arrivals('  network fifo\n  swap A -> B propose #1 and propose #3')).toEqual(['25ms 4', '25ms 2', '25ms 3', '25ms 1', '30ms 5']);
    expect(arrivals('  network fifo\n  swap A -> B propose #1 and propose #3\n  hold A -> B propose #2 until 70ms')).toEqual(['25ms 4', '25ms 2', '70ms 3', '70ms 1', '70ms 5']);
  });

  it('by a swap of two senders\' messages to one receiver', () => {
    const both = sending([[0, 'propose', 1, 1], [20, 'propose', 1, 2]], {
      start(context) { if (context.self === 2) context.setTimer('own', 30 * MS); }, timer(context) { context.send(1, toyMessage('note', 'C')); },
    });
    for (const order of ['unordered', 'fifo']) expect(heard(run(`  network ${order}\n  swap A -> B propose #2 and C -> B note`, both))).toEqual(['10ms 1', '40ms C', '40ms 2']);
  });

  it('by a swap whose other half never comes: it waits, and a release or stability lets it go', () => {
    const half = '  swap A -> B propose #1 and propose #9';
    expect(arrivals(half)).not.toContain('10ms 1');
    expect(arrivals(`${half}\n  at 50ms release A -> B propose`)).toContain('50ms 1');
    expect(arrivals(`${half}\n  stable from 60ms\n  run to 1s`)).toContain('60ms 1');
  });
});

describe('a partition', () => {
  const parted = (words: string): string[] => arrivals(`  at 12ms partition {A} | {B}${words}\n  at 27ms heal`);
  it('loses what arrives while it lasts, tested as it arrives', () => {
    expect(parted('')).toEqual(['10ms 1', '30ms 5']);
    expect(parted(' losing what is on its way')).toEqual(parted(''));
  });

  it('delivering what is on its way loses what is sent later only', () => {
    expect(parted(' delivering what is on its way')).toEqual(['10ms 1', '15ms 2', '20ms 3', '30ms 5']);
  });

  it('holding what is on its way lets it go as it heals', () => {
    expect(parted(' holding what is on its way')).toEqual(['10ms 1', '27ms 2', '27ms 3', '30ms 5']);
    expect(arrivals('  network fifo\n  at 12ms partition {A} | {B} holding what is on its way\n  at 27ms heal A -> B')).toEqual(['10ms 1', '27ms 2', '27ms 3', '27ms 4', '30ms 5']);
    expect(arrivals('  at 12ms partition {A} | {B} holding what is on its way\n  at 40ms partition {A B} | {C}')).toEqual(['10ms 1', '40ms 2', '40ms 3']);
  });

  it('can be said of cuts and isolation in the same words, and the last statement on a link counts', () => {
    const way = 'delivering what is on its way';
    for (const fault of [`cut A -> B ${way}`, `isolate A ${way}`, `isolate B ${way}`]) expect(arrivals(`  at 12ms ${fault}`)).toEqual(['10ms 1', '15ms 2', '20ms 3']);
    expect(arrivals(`  at 12ms cut A -> B ${way}\n  at 13ms cut A <-> B`)).toEqual(['10ms 1']);
    expect(arrivals(`  hold A -> B commit #1 until 30ms\n  at 12ms cut A -> B ${way}`)).toEqual(['10ms 1', '20ms 3', '30ms 2']);
  });

  it('leaves processes that it does not name all their links', () => {
    expect(run('  partition {A} | {B}', toy({})).reachableAtEnd).toEqual([[true, false, true, true], [false, true, true, true], [true, true, true, true], [true, true, true, true]]);
  });
});

describe('cuts', () => {
  it('are of one way only, or of any set of links: who reaches whom need not be transitive', () => {
    expect(run('  cut A -> B', toy({})).reachableAtEnd.map((row) => row.slice(0, 2))).toEqual([[true, false], [true, true], [true, true], [true, true]]);
    expect(run('  cut A <-> C', toy({})).reachableAtEnd.slice(0, 3).map((row) => row.slice(0, 3))).toEqual([[true, true, false], [true, true, true], [false, true, true]]);
  });
});

/** B counts on its disk what it is told, and then says so; back from a crash it says what it has. */
const counting: Hooks = {
  message(context, state, from) {
    if (context.self !== 1) return;
    state.disk = { count: state.disk.count + 1 };
    context.persist(-1, state.disk.count, -1, `count ${state.disk.count}`);
    context.send(from, toyMessage('done', `after ${state.disk.count}`));
  },
  restart(context, state) { context.send(0, toyMessage('note', `back with ${state.disk.count}`)); },
};
const counted = (statements: string, hooks = counting): Run => run(statements, sending(FIVE, hooks));
const told = (of: Run): string[] => lines(of, 'receive').filter((line) => line.includes(' A receive')).map((line) => line.replace(' A receive', '').replace(' <B', ''));

describe('a crash', () => {
  it('falls between handlers and takes what is volatile; what was sent travels on, what comes until the restart is lost', () => {
    const of = counted('  at 17ms crash B\n  at 27ms restart B');
    expect(told(of)).toEqual(['20ms done after 1', '25ms done after 2', '37ms note back with 2', '40ms done after 3']);
    expect(lines(of, 'lost')).toEqual(['20ms A lost propose 3 >B (B is down)', '25ms A lost propose 4 >B (B is down)']);
    expect(of.finalViews[1]!.values.get('got')).toMatch(/^5/);
  });

  it('on a fifo link takes along what is on its way from and to the node', () => {
    expect(told(counted('  network fifo\n  at 17ms crash B'))).toEqual([]);
  });

  it('loses what a slow disk has not synced, or keeps the first of it', () => {
    const slow = (words: string): string => told(counted(`  at 0ms disk B slow 100ms\n  at 32ms crash B${words}\n  at 40ms restart B`)).at(-1)!;
    expect(slow('')).toBe('50ms note back with -1');
    expect(slow(' losing unsynced')).toBe('50ms note back with -1');
    expect(slow(' losing unsynced but the first 2')).toBe('50ms note back with 2');
    expect(slow(' losing unsynced but the first 9')).toBe('50ms note back with 5');
  });

  it('loses what a disk lied about, or keeps the first of it, and tells which writes are there', () => {
    const lying = (words: string): Run => counted(`  at 12ms disk B lies\n  at 32ms crash B${words}\n  at 40ms restart B`);
    expect(told(lying(' losing unsynced')).at(-1)).toBe('50ms note back with 1');
    const torn = lying(' losing unsynced but the first 2');
    expect(told(torn).at(-1)).toBe('50ms note back with 3');
    expect(lines(torn, 'persist', 'crash').filter((line) => line.includes(' B '))).toEqual([
      '10ms B persist count 1', '32ms B persist count 2', '32ms B persist count 3', '32ms B crash losing what was unsynced but the first 2',
    ]);
  });
});

describe('a point of a crash', () => {
  const at = (point: string): string[] => {
    const of = counted(`  when A -> B commit #1 crash B ${point}\n  at 50ms restart B`);
    return [...told(of).slice(1, 2), told(of).at(-1)!];
  };
  it('is before the fsync, after it and before the sends, or after some of the sends', () => {
    expect(at('before fsync')).toEqual(['60ms note back with 1', '60ms note back with 1']);
    expect(at('after fsync')).toEqual(['60ms note back with 2', '60ms note back with 2']);
    expect(at('after 1 send')).toEqual(['25ms done after 2', '60ms note back with 2']);
    expect(told(counted('  when A -> B commit #1 crash B'))).toEqual(['20ms done after 1']);
  });
});

describe('a restart', () => {
  it('reads the disk, as a new incarnation; or a blank one, under the same name', () => {
    const of = counted('  at 17ms crash B\n  at 18ms restart B\n  at 22ms crash B losing disk\n  at 23ms restart B\n  at 80ms crash B\n  at 81ms restart B blank');
    const { log } = of, restarts = Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.restart);
    expect(restarts.map((i) => log.a(i))).toEqual([1, 2, 3]);
    expect(told(of).filter((line) => line.includes('back'))).toEqual(['28ms note back with 2', '33ms note back with -1', '91ms note back with -1']);
  });

  it('begins new streams on fifo links', () => {
    const of = run('  network fifo\n  at 3ms slow A -> B by 200ms\n  at 7ms heal A -> B\n  at 12ms crash B\n  at 13ms restart B', sending(FIVE));
    expect(heard(of)).toEqual(['10ms 1', '25ms 4', '30ms 5']);
  });
});

describe('a pause', () => {
  /** B sets timers for 22 ms, 30 ms and 90 ms of its clock, and says what it handles when, by each of its clocks. */
  const noting: Hooks = {
    start(context) { if (context.self === 1) for (const ms of [22, 30, 90]) context.setTimer('tick', ms * MS, ms); },
    timer(context, _state, _name, argument) { note(context, `timer ${argument}`); },
    message(context, _state, _from, message) { note(context, message.content); },
  };
  const note = (context: Context<ToyMessage>, what: string): void => {
    context.emit('apply', { text: what, detail: (['monotonic', 'wall', 'ticks'] as const).map((clock) => context.clockUs(clock) / MS).join(' ') });
  };
  const handled = (statements: string): string[] => lines(run(statements, sending(FIVE, noting)), 'apply').map((line) => line.replace(' B apply', ''));

  it('handles what came and what was due as it ends, by due time, timers first at the same time; ticks stand still', () => {
    expect(handled('  at 17ms pause B\n  at 60ms resume B')).toEqual([
      '10ms 1 (10 10 10)', '15ms 2 (15 15 15)', '60ms 3 (60 60 17)', '60ms timer 22 (60 60 17)', '60ms 4 (60 60 17)', '60ms timer 30 (60 60 17)', '60ms 5 (60 60 17)',
      '90ms timer 90 (90 90 47)',
    ]);
  });

  it('messages first handles all that came, and then what was due', () => {
    const first = handled('  at 17ms pause B\n  at 60ms resume B, messages first');
    expect(first.slice(2, 7).map((line) => line.split(' (')[0])).toEqual(['60ms 3', '60ms 4', '60ms 5', '60ms timer 22', '60ms timer 30']);
    expect(handled('  at 17ms pause B for 43ms, messages first')).toEqual(first);
  });

  it('as a suspension stops all clocks of the node, and its timers with them', () => {
    const suspended = [
      '10ms 1 (10 10 10)', '15ms 2 (15 15 15)', '60ms 3 (17 17 17)', '60ms 4 (17 17 17)', '60ms 5 (17 17 17)', '65ms timer 22 (22 22 22)', '73ms timer 30 (30 30 30)',
      '133ms timer 90 (90 90 90)',
    ];
    expect(handled('  at 17ms suspend B\n  at 60ms resume B')).toEqual(suspended);
    expect(handled('  at 17ms suspend B for 43ms')).toEqual(suspended);
    expect(handled('  at 17ms suspend B\n  at 20ms clock B runs 0.5x\n  at 60ms resume B').slice(5)).toEqual(['70ms timer 22 (22 22 22)', '86ms timer 30 (30 30 30)', '206ms timer 90 (90 90 90)']);
  });

  it('that ends in a crash leaves no timer behind, and clocks go on', () => {
    expect(handled('  at 17ms suspend B\n  at 20ms crash B\n  at 29ms restart B').slice(2)).toEqual(['30ms 5 (27 27 27)']);
  });
});

describe('a clock', () => {
  const clocks: Hooks = {
    start(context) { if (context.self === 1) context.setTimer('tick', 40 * MS); },
    timer(context) { context.emit('apply', { text: `${context.clockUs('monotonic') / MS} ${context.clockUs('wall') / MS}` }); },
  };
  it('that runs takes timers along, and one that jumps is the wall clock only', () => {
    const ticks = (statement: string): string[] => lines(run(statement, toy(clocks)), 'apply');
    expect(ticks('  clock B runs 2x')).toEqual(['20ms B apply 40 40']);
    expect(ticks('  at 10ms clock B jumps -1s')).toEqual(['40ms B apply 40 -960']);
  });
});

describe('a disk', () => {
  it('that is slow keeps back what is sent after a write, and one that lies keeps nothing', () => {
    expect(told(counted('  at 0ms disk B slow 30ms')).slice(0, 2)).toEqual(['50ms done after 1', '80ms done after 2']);
    expect(told(counted('  at 0ms disk B lies\n  at 60ms crash B\n  at 70ms restart B')).at(-1)).toBe('80ms note back with -1');
  });
});

describe('a record', () => {
  it('that decays is the one written last, and reads otherwise from the next restart on; written again, it is whole', () => {
    const base = sending(FIVE, {
      message(context, state, _from, { content, slot }) {
        const { log } = state.disk as { log?: PersistentMap<number, { content: string }> };
        state.disk = Object.assign({ count: 0 }, { log: (log ?? PersistentMap.empty()).set(slot, { content }) });
        context.persist(-1, slot, -1, content);
      },
    });
    const read = (statements: string): readonly string[] => {
      const found: string[] = [];
      run(statements, { ...base, restart(context, node, disk) {
        if (node === 1) found.push([...(disk as { log: PersistentMap<number, { content: string }> }).log].map(([slot, { content }]) => `${slot}: ${content}`).join(', '));
        return base.restart(context, node, disk);
      } });
      return found.slice(0, 1);
    };
    expect(read('  at 27ms disk B corrupts\n  at 28ms crash B\n  at 29ms restart B')).toEqual(['1: 2, 2: 3, 7: "4?"']);
    expect(read('  at 27ms disk B corrupts\n  at 38ms crash B\n  at 39ms restart B')).toEqual(['1: 2, 2: 3, 7: 5']);
  });
});

describe('a message', () => {
  it('that is corrupted arrives changed; one that is replayed is sent anew; a lie is sent instead', () => {
    expect(arrivals('  corrupt A -> B * {2,7}')).toEqual(['10ms 1', '15ms 2', '20ms 3', '25ms 4?', '30ms 5?']);
    expect(arrivals('  at 40ms replay A -> B propose {2,7}')).toEqual(['10ms 1', '15ms 2', '20ms 3', '25ms 4', '30ms 5', '50ms 4']);
    const { log } = run('  A lies to B: propose {9}', sending(FIVE));
    expect(Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.receive).map((i) => log.epoch(i))).toEqual([9, 1, 9, 9, 2]);
  });
});

describe('a client', () => {
  const silent = toy({ request() { /* hears, and says nothing */ } });
  const asked = (statement: string): string[] => lines(run(`  ${statement}\n  run to 250ms`, silent), 'send', 'info').map((line) => line.replace(/ write .*>/, ' >'));
  it('asks the next node after silence, asks the same one again, or gives up without knowing', () => {
    expect(asked('at 0ms c1 writes k = 1')).toEqual(['0ms c1 send >A', '100ms c1 send >B', '200ms c1 send >C']);
    expect(asked('at 0ms c1 writes k = 1 to B within 100ms retrying')).toEqual(['0ms c1 send >B', '100ms c1 send >B', '200ms c1 send >B']);
    expect(asked('at 0ms c1 writes k = 1 to C within 30ms')[0]).toBe('0ms c1 send >C');
    expect(asked('at 0ms c1 writes k = 1 to C within 30ms').at(-1)).toMatch(/^30ms c1 info/);
  });
});

describe('chance', () => {
  it('of one link is not shifted by what happens on others', () => {
    const chatter = toy({
      start(context) { context.setTimer('tick', 0); },
      timer(context) {
        for (const to of [0, 1, 2]) if (to !== context.self) context.send(to, toyMessage('note', String(context.nowUs)));
        if (context.nowUs < 300 * MS) context.setTimer('tick', 10 * MS);
      },
    });
    const others = (faults: string): string[] => lines(run(`  network loss 10%\n  network delay 1ms..9ms\n  seed 7\n${faults}`, chatter), 'receive', 'lost')
      .filter((line) => line.includes('C receive') || (line.includes('lost') && line.includes('>C')));
    const quiet = others('');
    expect(quiet.length).toBeGreaterThan(50);
    for (const fault of ['drop A -> B *', 'at 50ms cut A -> B delivering what is on its way', 'at 50ms swap A -> B note and note #9', 'duplicate A -> B *']) expect(others(`  ${fault}`)).toEqual(quiet);
  });
});

describe('stability', () => {
  it('ends what was wrong: links carry, held messages go on, and nothing begins any more', () => {
    expect(arrivals('  at 2ms cut A -> B holding what is on its way\n  stable from 17ms\n  run to 1s')).toEqual(['17ms 1', '20ms 3', '25ms 4', '30ms 5']);
  });
});
