/** A few runs told by hand, each for something that a drawing must show. */
import { timelineOf } from '../../server/src/features/timeline.ts';
import type { TimelineData } from '../../server/src/features/timeline.ts';
import { Story, historyBlock, violation } from './story.ts';

/** The essay's first picture: C's accept arrives first, the client hears `ok` as soon as the commits are on their way. */
export function happy(): TimelineData {
  const on = { epoch: 1, slot: 1, op: 0, text: 'k1 = 3', line: 5 };
  return timelineOf(new Story('A B C', 'client')
    .event(0, 'A', 'leads', { epoch: 1, a: 3 })
    .operation('w', 'client', 'write k1 = 3', 0, 60, 'ok', '', 5)
    .message(0, 10, 'client', 'A', 'write', { op: 0, text: 'k1 = 3', line: 5 })
    .message(10, 25, 'A', 'B', 'propose', on).message(10, 20, 'A', 'C', 'propose', on)
    .event(25, 'B', 'accept', on).event(20, 'C', 'accept', on)
    .message(20, 30, 'C', 'A', 'accept', on).message(25, 40, 'B', 'A', 'accept', on)
    .event(40, 'A', 'commit', on).event(40, 'A', 'apply', on)
    .message(40, 50, 'A', 'C', 'commit', on).message(40, 55, 'A', 'B', 'commit', on)
    .message(50, 60, 'A', 'client', 'ok', { op: 0, line: 5 })
    .event(50, 'C', 'apply', on).event(55, 'B', 'apply', on)
    .block('two-phase commit', 60));
}

/** Six nodes in two halves; E is elected, both leaders answer their clients. */
export function partition(): TimelineData {
  const story = new Story('A B C D E F', 'c1 c2').event(0, 'A', 'leads', { epoch: 1, a: 6 });
  for (let ms = 0; ms < 950; ms += 50) {
    for (const to of ['B', 'C', 'D', 'E', 'F']) {
      const cut = ms >= 100 && ms < 900 && 'DEF'.includes(to);
      story.message(ms, cut ? ms : ms + 3, 'A', to, 'heartbeat', { epoch: 1, ...(cut ? { lost: 'partition', faultLine: 6 } : {}), ...(ms >= 900 && !cut && 'DEF'.includes(to) ? { ignored: 'older than {2}' } : {}) });
    }
    if (ms >= 350) for (const to of ['D', 'F']) story.message(ms, ms + 3, 'E', to, 'heartbeat', { epoch: 2 });
  }
  story.links(100, 'partition {A B C c1} | {D E F c2}', 6).links(900, 'heal', 9)
    .event(303, 'E', 'timeout').event(303, 'E', 'candidate', { epoch: 2 });
  for (const to of ['A', 'B', 'C']) story.message(303, 303, 'E', to, 'propose-leader', { epoch: 2, lost: 'partition', faultLine: 6 });
  for (const to of ['D', 'F']) {
    story.message(303, 306, 'E', to, 'propose-leader', { epoch: 2 }).event(306, to, 'vote', { epoch: 2, peer: 4 }).event(306, to, 'promise', { epoch: 2, peer: 4 })
      .message(306, 310, to, 'E', 'promise', { epoch: 2 });
  }
  story.event(310, 'E', 'leads', { epoch: 2, a: 3 });
  const write = (op: number, client: string, leader: string, peers: readonly string[], epoch: number, text: string, line: number): void => {
    const on = { epoch, slot: 1, op, text, line };
    story.operation(`w${op + 1}`, client, `write ${text}`, 600, 614, 'ok', '', line).message(600, 603, client, leader, 'write', { op, text, line });
    for (const peer of peers) {
      story.message(603, 606, leader, peer, 'propose', on).event(606, peer, 'accept', on).message(606, 610, peer, leader, 'accept', on)
        .message(610, 614, leader, peer, 'commit', on).event(614, peer, 'apply', on);
    }
    story.event(610, leader, 'commit', on).event(610, leader, 'apply', on).message(610, 614, leader, client, 'ok', { op, line });
  };
  write(0, 'c1', 'A', ['B', 'C'], 1, 'k = 1', 7);
  write(1, 'c2', 'E', ['D', 'F'], 2, 'k = 2', 8);
  story.event(953, 'A', 'stepsDown', { epoch: 1, detail: 'heard {2} from E' });
  return timelineOf(story.block('six nodes split in half', 1000, [
    violation('split-brain', 'A and E led at once, and both answered clients: w1 under {1}, w2 under {2}', 614, [0, 4], 8, { operations: [1, 0] }, true),
    violation('diverged', 'slot 1 is k = 1 on A and k = 2 on E', 953, [0, 4], 9),
  ], 'violated'));
}

/** One of each fate. */
export function fates(): TimelineData {
  return timelineOf(new Story('A B C', 'c1')
    .event(0, 'A', 'leads', { epoch: 1, a: 2 })
    .operation('w1', 'c1', 'write k = 1', 5, undefined, 'info', '', 4)
    .operation('r1', 'c1', 'read k', 20, 70, 'fail', '', 5)
    .operation('w2', 'c1', 'write k = 2', 90, 150, 'info', '', 6)
    .message(5, 12, 'c1', 'A', 'write', { op: 0, text: 'k = 1', line: 4 })
    .message(12, 22, 'A', 'B', 'propose', { epoch: 1, slot: 1, op: 0, text: 'k = 1', line: 4, lost: 'dropped', faultLine: 8 })
    .message(12, 12, 'A', 'C', 'propose', { epoch: 1, slot: 1, op: 0, text: 'k = 1', line: 4, lost: 'cut', faultLine: 9 })
    .message(40, 120, 'A', 'C', 'commit', { epoch: 1, slot: 1, text: 'k = 1', line: 4, held: [42, 110], faultLine: 10 })
    .message(60, 75, 'A', 'B', 'commit', { epoch: 1, slot: 1, text: 'k = 1', line: 4, ignored: 'older than {2}, which B heard of from C' })
    .message(130, 160, 'B', 'A', 'ack', { epoch: 1, slot: 1, underWay: true })
    .message(100, 160, 'B', 'C', 'query', { epoch: 1, slot: 1, held: [105, 160], underWay: true, faultLine: 11 })
    .event(75, 'B', 'promise', { epoch: 2, peer: 2 }).event(80, 'B', 'doubt', { slot: 1, peer: 0 }).event(120, 'C', 'truncate', { slot: 1 })
    .event(140, 'C', 'abort', { slot: 1, text: 'k = 1' })
    .block('what can become of a message', 160, [violation('no-progress', 'w1 is not answered', 150, [0], 4, { severity: 'warning' })]));
}

/** A leader that stops and comes back, and a follower that dies and comes back. */
export function stops(): TimelineData {
  const story = new Story('A B C', 'c1').event(0, 'A', 'leads', { epoch: 1, a: 2 });
  for (let ms = 0; ms < 100; ms += 50) for (const to of ['B', 'C']) story.message(ms, ms + 10, 'A', to, 'heartbeat', { epoch: 1 });
  story.event(100, 'A', 'pause', { line: 5 }).event(250, 'B', 'timeout').event(250, 'B', 'candidate', { epoch: 2 })
    .message(250, 260, 'B', 'C', 'propose-leader', { epoch: 2 }).event(260, 'C', 'vote', { epoch: 2, peer: 1 }).message(260, 270, 'C', 'B', 'promise', { epoch: 2 })
    .event(270, 'B', 'leads', { epoch: 2, a: 2 });
  for (let ms = 270; ms < 700; ms += 50) story.message(ms, ms + 10, 'B', 'C', 'heartbeat', ms > 430 && ms < 600 ? { epoch: 2, lost: 'C is down' } : { epoch: 2 });
  story.event(430, 'C', 'crash', { line: 6 }).event(600, 'C', 'restart', { line: 7, a: 2 })
    .event(650, 'A', 'resume', { line: 8 }).message(650, 660, 'A', 'B', 'heartbeat', { epoch: 1, ignored: 'older than {2}' })
    .message(660, 670, 'B', 'A', 'nack', { epoch: 2 }).event(670, 'A', 'stepsDown', { epoch: 1, detail: 'heard {2} from B' }).event(670, 'A', 'promise', { epoch: 2, peer: 1 });
  return timelineOf(story.block('a pause and a crash', 720));
}

export function history(): TimelineData {
  return timelineOf(historyBlock('a read from the past', `
  B   4..11   writes k = 1   ok
  C  10..19   reads  k       1
  B  18..25   writes k = 5   ok
  C  24..33   reads  k       5
  C  36..44   writes k = 8   ok
  B  45..48   reads  k       5
  D  50..     writes k = 9`, [violation('not-linearizable', 'the read of 5 began after the write of 8 was answered', 0.045, [], 6, { operations: [5] })]));
}

/** Names and values that would be markup if anyone were careless. */
export function hostile(): TimelineData {
  return timelineOf(new Story('<img/src=x> A&B', '<script>')
    .event(0, '<img/src=x>', 'leads', { epoch: 1 })
    .operation('"w"', '<script>', 'write k = <b onmouseover=alert(1)>', 0, 40, 'ok', '</text><script>', 3)
    .message(0, 10, '<script>', '<img/src=x>', 'write', { op: 0, text: '<b>k</b>', line: 3 })
    .message(10, 30, '<img/src=x>', 'A&B', 'propose', { epoch: 1, slot: 1, op: 0, text: '<svg onload=alert(1)>', line: 3, ignored: '</g><script>' })
    .links(5, '{<img/src=x>} | {A&B}', 4)
    .block('</title><script>alert(1)</script>', 50, [violation('<i>code</i>', '<u>message</u>', 30, [0], 3)]));
}

/** Many events: five nodes, a message every few µs. */
export function crowd(messages: number): TimelineData {
  const nodes = ['A', 'B', 'C', 'D', 'E'], story = new Story(nodes.join(' '), 'c1 c2').event(0, 'A', 'leads', { epoch: 1 });
  for (let i = 0; i < messages; i++) {
    const from = nodes[i % 5]!, to = nodes[(i * 3 + 1 + (i % 5)) % 5]!, ms = i * 0.07;
    if (from !== to) story.message(ms, ms + 1 + (i % 7) / 3, from, to, ['propose', 'accept', 'commit'][i % 3]!, { epoch: 1, slot: i, op: Math.floor(i / 20), line: i % 40 });
    if (i % 4 === 0) story.event(ms, from, 'apply', { slot: i, text: `k = ${i}`, epoch: 1 });
    if (i % 20 === 0) story.operation(`w${i}`, i % 40 === 0 ? 'c1' : 'c2', `write k = ${i}`, ms, ms + 2.6, 'ok', '', 4);
  }
  return timelineOf(story.block('a crowd', messages * 0.07 + 5));
}

export const FIXTURES = { happy, partition, fates, stops, history, hostile } as const;
