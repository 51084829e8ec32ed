/** What single presets, and what protocols do besides their log, are trusted for: each in weather of its own. */
import { BANK, SHARDS } from './bank.ts';
import { DAMAGE, ONE_LIE } from './hardenedStorm.ts';
import { LEASES, WILD_CLOCKS } from './leaseStorm.ts';
import { MEMBERS } from './membershipStorm.ts';
import { SESSIONS, UNFENCED } from './sessionStorm.ts';
import type { Trusted } from './trusted.ts';
import { STORM, TURMOIL, type Knobs } from './weather.ts';

const SCHEDULES = 30;
/** As long as the wait allows: 450ms · 0.8 / 1.2. */
const LONG: Knobs = { lease: '300000', 'follower-wait': '450000' };

/** The rules of leases are the same for every protocol with a leader. */
const LEASE_GUARDS: Trusted['guards'] = [
  ['a lease within the bound', { lease: '1000000' }, 'lease-overlap'],
  ['clocks within rho', {}, 'lease-overlap', WILD_CLOCKS],
  ['a clock that nobody sets', { clock: 'wall' }, 'lease-overlap'],
  ['a clock that goes on in a pause', { clock: 'ticks' }, 'lease-overlap'],
  ['waiting after a restart', { ...LONG, 'lease-restart': 'vote' }, 'lease-overlap'],
  ['reckoning from the question', { 'lease-start': 'answered' }, 'lease-overlap'],
];

export const TRUSTED_BESIDES: readonly Trusted[] = [
  {
    under: { protocol: 'primary-backup', like: 'piggyback' }, schedules: SCHEDULES,
    weathers: [STORM, TURMOIL],
    safe: [
      { batch: '4', 'batch-linger': '200000' }, { 'commit-timeout': 'never', batch: '3' }, { 'commit-timeout': '0' }, { order: 'unordered' },
      { 'catch-up': 'up-to-date-vote', batch: '8', 'batch-linger': '100000' },
    ],
    guards: [
      ['learning from the voters', { 'catch-up': 'none' }, 'lost-write'],
      ['sessions, in slots of several', { sessions: 'off', batch: '4', 'batch-linger': '200000' }, 'duplicate-execution'],
      ['learning from the voters, in slots of several', { 'catch-up': 'none', batch: '4', 'batch-linger': '200000' }, 'lost-write'],
      ['reading at the leader', { 'read-path': 'any-local', 'commit-timeout': 'never' }, 'stale-read'],
      ['epochs on messages', { ratchet: 'none' }, 'diverged'],
    ],
  },
  {
    under: { protocol: 'primary-backup', like: 'leases' }, schedules: SCHEDULES,
    weathers: [LEASES, STORM],
    safe: [LONG, { succession: 'view-mod-n' }, { 'catch-up': 'up-to-date-vote' }, { batch: '4' }, { 'commit-prop': 'explicit' }],
    guards: LEASE_GUARDS,
  },
  {
    under: { protocol: 'raft' }, what: 'reads under a lease', base: { 'read-path': 'lease', 'check-quorum': 'on' }, schedules: SCHEDULES,
    weathers: [LEASES, STORM],
    safe: [{ 'pre-vote': 'on', 'snapshot-every': '3' }],
    guards: [['check-quorum', { 'check-quorum': 'off' }, 'lease-overlap'], ...LEASE_GUARDS],
  },
  {
    under: { protocol: 'multi-paxos' }, what: 'reads under a lease', base: { 'read-path': 'lease' }, schedules: SCHEDULES,
    weathers: [LEASES, STORM],
    safe: [{ 'commit-prop': 'piggyback' }, { q1: '3', q2: '3', ...LONG }],
    guards: LEASE_GUARDS,
  },
  {
    under: { protocol: 'primary-backup', like: 'sharded' }, schedules: SCHEDULES,
    weathers: [SHARDS, BANK],
    safe: [{ 'multi-key': 'forbid' }, { 'read-path': 'log' }, { 'commit-prop': 'explicit' }, { batch: '4' }],
    guards: [
      ['two phases', { 'multi-key': 'unsafe' }, 'not-atomic', BANK],
      ['learning from the voters', { 'catch-up': 'none' }, 'lost-write'],
      ['votes of a majority', { votes: 'reachable' }, 'diverged'],
      ['reading at the leader', { 'read-path': 'any-local' }, 'not-linearizable'],
      ['anything on disk', { persist: 'none' }, 'epoch-regression'],
    ],
  },
  {
    under: { protocol: 'primary-backup', like: 'hardened' }, schedules: SCHEDULES,
    weathers: [DAMAGE, ONE_LIE],
    safe: [{ order: 'unordered' }, { dup: 'on' }, { authentication: 'off' }, { checksum: 'off' }, { 'stop-on-evidence': 'off' }, { authentication: 'off', 'hash-chain': 'off' }],
    guards: [
      ['checksums and signatures', { checksum: 'off', authentication: 'off', echo: 'off', 'hash-chain': 'off' }, 'diverged', DAMAGE],
      ['echoes', { echo: 'off', 'hash-chain': 'off' }, 'diverged', ONE_LIE],
    ],
  },
  {
    under: { protocol: 'raft' }, what: 'changes of members', schedules: SCHEDULES,
    weathers: [MEMBERS],
    safe: [{ membership: 'joint' }, { learners: 'off' }, { 'snapshot-every': '4' }, { 'pre-vote': 'on', 'check-quorum': 'on' }],
    guards: [
      ['one server at a time (thesis 4.1)', { membership: 'at-once' }, 'diverged'],
      ['learners without a vote (thesis 4.2.1)', { learners: 'counted' }, 'diverged'],
      ['a configuration from when it is in the log (thesis 4.1)', { 'use-config': 'committed', learners: 'off' }, 'diverged'],
    ],
  },
  {
    under: { protocol: 'viewstamped-replication' }, what: 'reconfiguration', schedules: SCHEDULES,
    weathers: [MEMBERS],
    safe: [{ persistence: 'none', 'crash-vector': 'on' }],
    guards: [['the state before the part (§7.1)', { 'epoch-state': 'at-once' }, 'diverged']],
  },
  {
    under: { protocol: 'zab' }, what: 'sessions', schedules: 60,
    weathers: [SESSIONS],
    safe: [{ jitter: '40000' }],
    guards: [
      ['refusing clients that have seen more', { reconnect: 'anywhere' }, 'stale-read'],
      ['fencing', {}, 'unfenced', UNFENCED],
      ['truncating what the leader does not have', { truncate: 'off' }, 'diverged'],
    ],
  },
];
