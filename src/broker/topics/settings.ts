// How a topic is kept. Every setting is declared once, under the name that Kafka's tools know it by, with its type,
// default and bounds; the typed view that the code reads is made from the same row.

import { BrokerError } from '../errors.ts'
import { inertSettings } from './inert-settings.ts'

/** What the code reads. */
export interface TopicSettings {
  readonly deletes: boolean
  readonly compacts: boolean
  /** ms; -1 keeps for ever. */
  readonly retentionMs: number
  /** Bytes a partition; -1 without bound. */
  readonly retentionBytes: number
  readonly segmentBytes: number
  readonly segmentMs: number
  /** Largest batch in bytes. */
  readonly maxMessageBytes: number
  readonly deleteRetentionMs: number
  readonly minCompactionLagMs: number
  readonly maxCompactionLagMs: number
  readonly minCleanableDirtyRatio: number
  readonly timestampType: 'CreateTime' | 'LogAppendTime'
  readonly timestampBeforeMaxMs: number
  readonly timestampAfterMaxMs: number
  readonly compression: 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  readonly minInsyncReplicas: number
}

export type SettingKind = 'boolean' | 'int' | 'long' | 'double' | 'string' | 'list'

export interface SettingRow {
  readonly name: string
  readonly kind: SettingKind
  readonly default: string
  readonly min?: number
  readonly max?: number
  readonly choices?: readonly string[]
  /** What each element of a list looks like. */
  readonly element?: RegExp
  /** The broker-wide setting that gives the default (Kafka's name for it); empty when there is none. */
  readonly broker: string
  /**
   * Tools set it for single brokers, and it does nothing: so it is taken for one of several virtual brokers, too, and kept
   * for all of them.
   */
  readonly isPerBroker?: true
  readonly summary: string
}

const LONG_MAX = 9223372036854775807n
const INT_MAX = 0x7fff_ffff

/** The settings that decide how a topic is kept. */
const effectiveSettings: readonly SettingRow[] = [
  row(
    'cleanup.policy',
    'list',
    'delete',
    'log.cleanup.policy',
    'Forget old segments (delete), keep the last record of each key (compact), or both.',
    { choices: ['delete', 'compact'] },
  ),
  row(
    'compression.type',
    'string',
    'producer',
    'compression.type',
    'Keep batches as the producer sent them, or compress them anew.',
    { choices: ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] },
  ),
  row(
    'delete.retention.ms',
    'long',
    '86400000',
    'log.cleaner.delete.retention.ms',
    'How long a compacted topic keeps the mark of a deleted key.',
    { min: 0 },
  ),
  row(
    'max.compaction.lag.ms',
    'long',
    `${LONG_MAX}`,
    'log.cleaner.max.compaction.lag.ms',
    'Longest that a record may wait for compaction.',
    { min: 1 },
  ),
  row('max.message.bytes', 'int', '1048588', 'message.max.bytes', 'Largest batch, in bytes.', {
    min: 0,
    max: INT_MAX,
  }),
  row(
    'message.timestamp.after.max.ms',
    'long',
    '3600000',
    'log.message.timestamp.after.max.ms',
    'How far a timestamp may lie in the future.',
    { min: 0 },
  ),
  row(
    'message.timestamp.before.max.ms',
    'long',
    `${LONG_MAX}`,
    'log.message.timestamp.before.max.ms',
    'How far a timestamp may lie in the past.',
    { min: 0 },
  ),
  row(
    'message.timestamp.type',
    'string',
    'CreateTime',
    'log.message.timestamp.type',
    "The producer's time, or the time of the append.",
    { choices: ['CreateTime', 'LogAppendTime'] },
  ),
  row(
    'min.cleanable.dirty.ratio',
    'double',
    '0.5',
    'log.cleaner.min.cleanable.ratio',
    'Share of uncompacted bytes at which compaction starts.',
    { min: 0, max: 1 },
  ),
  row(
    'min.compaction.lag.ms',
    'long',
    '0',
    'log.cleaner.min.compaction.lag.ms',
    'Shortest time before a record may be compacted away.',
    { min: 0 },
  ),
  row('min.insync.replicas', 'int', '1', 'min.insync.replicas', 'In-sync replicas that acks=all asks for.', {
    min: 1,
    max: INT_MAX,
  }),
  row(
    'retention.bytes',
    'long',
    '-1',
    'log.retention.bytes',
    'Bytes that a partition keeps; -1 without bound.',
    { min: -1 },
  ),
  row('retention.ms', 'long', '604800000', 'log.retention.ms', 'How long records are kept; -1 for ever.', {
    min: -1,
  }),
  row('segment.bytes', 'int', '134217728', 'log.segment.bytes', 'Size at which a segment is sealed.', {
    min: 1024,
    max: INT_MAX,
  }),
  row('segment.ms', 'long', '604800000', 'log.roll.ms', 'Age at which a segment is sealed.', { min: 1 }),
]

/** Every topic setting: those that do something, and those that are only kept and shown. All others are refused. */
export const topicSettings: readonly SettingRow[] = [...effectiveSettings, ...inertSettings]

const byName = new Map(topicSettings.map(one => [one.name, one]))

/** The row of a setting; undefined when there is none of that name. */
export function settingRow(name: string): SettingRow | undefined {
  return byName.get(name)
}

/** Refuses an unknown name or a value outside its bounds (CONFIG_INVALID). */
function checkSetting(name: string, value: string): void {
  const found = byName.get(name)
  if (found === undefined)
    throw new BrokerError(
      'CONFIG_INVALID',
      `there is no topic setting '${name}'; known are ${[...byName.keys()].join(', ')}`,
    )
  const problem = flawOf(found, value)
  if (problem !== undefined)
    throw new BrokerError('CONFIG_INVALID', `Invalid value ${value} for configuration ${name}: ${problem}`)
}

/** What a topic is to have of its own. Errors: CONFIG_INVALID. */
export function checkSettings(own: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(own)) checkSetting(name, value)
  const { minCompactionLagMs, maxCompactionLagMs } = resolveSettings(new Map(Object.entries(own)), new Map())
  if (minCompactionLagMs > maxCompactionLagMs)
    throw new BrokerError(
      'CONFIG_INVALID',
      `conflict topic config setting min.compaction.lag.ms (${minCompactionLagMs}) > max.compaction.lag.ms (${maxCompactionLagMs})`,
    )
}

/** The value as it is kept: Kafka takes blanks around any, and true and false in any case (Python writes True). */
export function plainValue(kind: SettingKind | undefined, value: string): string {
  const trimmed = value.trim()
  return kind === 'boolean' ? trimmed.toLowerCase() : trimmed
}

/** The typed view of a topic's own values over the broker's defaults. Values must have been checked. */
export function resolveSettings(
  own: ReadonlyMap<string, string>,
  defaults: ReadonlyMap<string, string>,
): TopicSettings {
  const text = (name: string): string =>
    own.get(name) ?? defaults.get(name) ?? byName.get(name)?.default ?? ''
  const number = (name: string): number => Number(text(name))
  const policy = listOf(text('cleanup.policy'))
  return {
    deletes: policy.includes('delete'),
    compacts: policy.includes('compact'),
    retentionMs: number('retention.ms'),
    retentionBytes: number('retention.bytes'),
    segmentBytes: number('segment.bytes'),
    segmentMs: number('segment.ms'),
    maxMessageBytes: number('max.message.bytes'),
    deleteRetentionMs: number('delete.retention.ms'),
    minCompactionLagMs: number('min.compaction.lag.ms'),
    maxCompactionLagMs: number('max.compaction.lag.ms'),
    minCleanableDirtyRatio: number('min.cleanable.dirty.ratio'),
    timestampType: text('message.timestamp.type') as TopicSettings['timestampType'],
    timestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
    timestampAfterMaxMs: number('message.timestamp.after.max.ms'),
    compression: text('compression.type') as TopicSettings['compression'],
    minInsyncReplicas: number('min.insync.replicas'),
  }
}

/** A list setting's elements. */
export function listOf(value: string): string[] {
  return value
    .split(',')
    .map(one => one.trim())
    .filter(one => one !== '')
}

/** What is wrong with `value` for this setting, or undefined. */
export function flawOf(setting: SettingRow, value: string): string | undefined {
  const { kind, choices } = setting
  if (kind === 'list') return listFlaw(setting, value)
  if (kind === 'boolean' && value !== 'true' && value !== 'false') return 'must be true or false'
  if (choices !== undefined && !choices.includes(value)) return `must be one of ${choices.join(', ')}`
  return kind === 'boolean' || kind === 'string' ? undefined : numberFlaw(setting, value)
}

function listFlaw({ choices, element }: SettingRow, value: string): string | undefined {
  for (const one of listOf(value)) {
    if (choices !== undefined && !choices.includes(one)) return `must be of ${choices.join(', ')}`
    if (element !== undefined && !element.test(one)) return `an element must match ${element.source}`
  }
  return undefined
}

function numberFlaw({ kind, min, max }: SettingRow, value: string): string | undefined {
  const pattern = kind === 'double' ? /^-?\d+(\.\d+)?([eE]-?\d+)?$/ : /^-?\d+$/
  if (!pattern.test(value)) return `must be a${kind === 'double' ? '' : ' whole'} number`
  if (kind === 'long' && BigInt(value) > LONG_MAX) return `must be at most ${LONG_MAX}`
  if (min !== undefined && Number(value) < min) return `must be at least ${min}`
  if (max !== undefined && Number(value) > max) return `must be at most ${max}`
  return undefined
}

function row(
  name: string,
  kind: SettingKind,
  value: string,
  broker: string,
  summary: string,
  bounds: { readonly min?: number; readonly max?: number; readonly choices?: readonly string[] } = {},
): SettingRow {
  return { name, kind, default: value, broker, summary, ...bounds }
}
