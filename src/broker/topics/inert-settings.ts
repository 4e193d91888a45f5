// Topic settings of Kafka that tools and frameworks set as a matter of course and that mean nothing in one process:
// they are checked, kept and shown, and change nothing. Refusing them would keep such tools from making their topics.
// Names, types, bounds and defaults are Kafka's (4.1). A setting that would be a promise if it were taken, such as
// tiered storage, is refused instead.

import type { SettingRow } from './settings.ts'

const LONG_MAX_TEXT = '9223372036854775807'
const INT_MAX = 0x7fff_ffff
/** `partition:broker` pairs, or `*` for all of them. */
const THROTTLED = /^(\*|\d+:\d+)$/

/** Accepted without effect; each summary says why there is none. */
export const inertSettings: readonly SettingRow[] = [
  {
    name: 'compression.gzip.level',
    kind: 'int',
    default: '-1',
    choices: ['-1', ...Array.from({ length: 9 }, (_, n) => String(n + 1))],
    broker: 'compression.gzip.level',
    summary: 'No effect: batches are compressed at the default level.',
  },
  {
    name: 'compression.lz4.level',
    kind: 'int',
    default: '9',
    min: 1,
    max: 17,
    broker: 'compression.lz4.level',
    summary: 'No effect: batches are compressed at the default level.',
  },
  {
    name: 'compression.zstd.level',
    kind: 'int',
    default: '3',
    min: -131_072,
    max: 22,
    broker: 'compression.zstd.level',
    summary: 'No effect: batches are compressed at the default level.',
  },
  {
    name: 'file.delete.delay.ms',
    kind: 'long',
    default: '60000',
    min: 0,
    broker: 'log.segment.delete.delay.ms',
    summary: 'No effect: files are deleted as soon as nobody reads them.',
  },
  {
    name: 'flush.messages',
    kind: 'long',
    default: LONG_MAX_TEXT,
    min: 1,
    broker: 'log.flush.interval.messages',
    summary: 'No effect: what is acknowledged is flushed already.',
  },
  {
    name: 'flush.ms',
    kind: 'long',
    default: LONG_MAX_TEXT,
    min: 0,
    broker: 'log.flush.interval.ms',
    summary: 'No effect: what is acknowledged is flushed already.',
  },
  {
    name: 'follower.replication.throttled.replicas',
    kind: 'list',
    default: '',
    element: THROTTLED,
    broker: '',
    summary: 'No effect: nothing is copied between brokers.',
  },
  {
    name: 'index.interval.bytes',
    kind: 'int',
    default: '4096',
    min: 0,
    max: INT_MAX,
    broker: 'log.index.interval.bytes',
    summary: 'No effect: the index chooses its own interval.',
  },
  {
    name: 'leader.replication.throttled.replicas',
    kind: 'list',
    default: '',
    element: THROTTLED,
    broker: '',
    summary: 'No effect: nothing is copied between brokers.',
  },
  {
    name: 'local.retention.bytes',
    kind: 'long',
    default: '-2',
    min: -2,
    broker: 'log.local.retention.bytes',
    summary: 'No effect: without tiered storage, retention.bytes alone counts.',
  },
  {
    name: 'local.retention.ms',
    kind: 'long',
    default: '-2',
    min: -2,
    broker: 'log.local.retention.ms',
    summary: 'No effect: without tiered storage, retention.ms alone counts.',
  },
  {
    name: 'preallocate',
    kind: 'boolean',
    default: 'false',
    broker: 'log.preallocate',
    summary: 'No effect: files grow as they are written.',
  },
  {
    name: 'remote.log.copy.disable',
    kind: 'boolean',
    default: 'false',
    broker: '',
    summary: 'No effect: there is no tiered storage.',
  },
  {
    name: 'remote.log.delete.on.disable',
    kind: 'boolean',
    default: 'false',
    broker: '',
    summary: 'No effect: there is no tiered storage.',
  },
  {
    name: 'remote.storage.enable',
    kind: 'boolean',
    default: 'false',
    choices: ['false'],
    broker: '',
    summary: 'Tiered storage; there is none, so only false is taken.',
  },
  {
    name: 'segment.index.bytes',
    kind: 'int',
    default: '10485760',
    min: 4,
    max: INT_MAX,
    broker: 'log.index.size.max.bytes',
    summary: 'No effect: the index grows with its segment.',
  },
  {
    name: 'segment.jitter.ms',
    kind: 'long',
    default: '0',
    min: 0,
    broker: 'log.roll.jitter.ms',
    summary: 'No effect: segments are sealed at segment.ms exactly.',
  },
  {
    name: 'unclean.leader.election.enable',
    kind: 'boolean',
    default: 'false',
    broker: 'unclean.leader.election.enable',
    summary: 'No effect: there is one copy, whose leader is never behind.',
  },
]
