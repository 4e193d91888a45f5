// What a broker is told once, when it opens, and what can be changed while it runs: broker-wide defaults.

import { BrokerError } from './errors.ts'
import { migrationPolicies } from './groups/migration/policy.ts'
import type { Change, Journal, Json, Section } from './journal.ts'
import { flawOf, type SettingRow, topicSettings } from './topics/settings.ts'

const SECTION = 'setting'

/** Settings of the broker itself, beside the defaults of topics. */
export const brokerSettings: readonly SettingRow[] = [
  {
    name: 'auto.create.topics.enable',
    kind: 'boolean',
    default: 'true',
    broker: '',
    summary: 'Make a topic when a client first asks for it.',
  },
  {
    name: 'num.partitions',
    kind: 'int',
    default: '1',
    min: 1,
    max: 10_000,
    broker: '',
    summary: 'Partitions of a topic that does not say.',
  },
  {
    name: 'default.replication.factor',
    kind: 'int',
    default: '1',
    min: 1,
    max: 32_767,
    broker: '',
    summary: 'Replicas of a topic that does not say.',
  },
  {
    name: 'delete.topic.enable',
    kind: 'boolean',
    default: 'true',
    broker: '',
    summary: 'Let clients delete topics.',
  },
  {
    name: 'offsets.retention.minutes',
    kind: 'int',
    default: '10080',
    min: 1,
    broker: '',
    summary: 'How long an empty group keeps its offsets.',
  },
  {
    name: 'offset.metadata.max.bytes',
    kind: 'int',
    default: '4096',
    min: 0,
    broker: '',
    summary: 'Longest note with a committed offset.',
  },
  {
    name: 'group.initial.rebalance.delay.ms',
    kind: 'int',
    default: '0',
    min: 0,
    broker: '',
    summary: 'How long a new group waits for more members.',
  },
  {
    name: 'group.min.session.timeout.ms',
    kind: 'int',
    default: '6000',
    min: 1,
    broker: '',
    summary: 'Shortest session timeout of a member.',
  },
  {
    name: 'group.max.session.timeout.ms',
    kind: 'int',
    default: '1800000',
    min: 1,
    broker: '',
    summary: 'Longest session timeout of a member.',
  },
  {
    name: 'group.max.size',
    kind: 'int',
    default: '10000',
    min: 1,
    broker: '',
    summary: 'Members of one group.',
  },
  {
    name: 'group.consumer.session.timeout.ms',
    kind: 'int',
    default: '45000',
    min: 1,
    broker: '',
    summary: 'Session timeout of members of the new protocol.',
  },
  {
    name: 'group.consumer.heartbeat.interval.ms',
    kind: 'int',
    default: '5000',
    min: 1,
    broker: '',
    summary: 'Heartbeat interval of members of the new protocol.',
  },
  {
    name: 'group.consumer.migration.policy',
    kind: 'string',
    default: 'bidirectional',
    choices: migrationPolicies,
    broker: '',
    summary:
      'Whether a group with members may move to the new protocol (upgrade), back (downgrade), both or neither (disabled).',
  },
  {
    name: 'group.share.session.timeout.ms',
    kind: 'int',
    default: '45000',
    min: 1,
    broker: '',
    summary: 'Session timeout of members of share groups.',
  },
  {
    name: 'group.share.heartbeat.interval.ms',
    kind: 'int',
    default: '5000',
    min: 1,
    broker: '',
    summary: 'Heartbeat interval of members of share groups.',
  },
  {
    name: 'group.share.max.size',
    kind: 'int',
    default: '200',
    min: 1,
    max: 10_000,
    broker: '',
    summary: 'Members of one share group.',
  },
  {
    name: 'group.share.max.share.sessions',
    kind: 'int',
    default: '2000',
    min: 1,
    broker: '',
    summary: 'Share sessions of one virtual broker.',
  },
  {
    name: 'group.share.delivery.count.limit',
    kind: 'int',
    default: '5',
    min: 2,
    max: 10,
    broker: '',
    summary: 'Deliveries of a record after which a share group gives it up.',
  },
  {
    name: 'group.share.partition.max.record.locks',
    kind: 'int',
    default: '2000',
    min: 100,
    max: 10_000,
    broker: '',
    summary: 'Records of one partition that a share group may have in flight.',
  },
  {
    name: 'group.share.record.lock.duration.ms',
    kind: 'int',
    default: '30000',
    min: 1000,
    max: 3_600_000,
    broker: '',
    summary: 'How long a record is locked for the member of a share group that has it.',
  },
  {
    name: 'group.share.min.record.lock.duration.ms',
    kind: 'int',
    default: '15000',
    min: 1000,
    max: 30_000,
    broker: '',
    summary: 'Shortest lock that a share group may set for itself.',
  },
  {
    name: 'group.share.max.record.lock.duration.ms',
    kind: 'int',
    default: '60000',
    min: 30000,
    max: 3_600_000,
    broker: '',
    summary: 'Longest lock that a share group may set for itself.',
  },
  {
    name: 'transaction.max.timeout.ms',
    kind: 'int',
    default: '900000',
    min: 1,
    broker: '',
    summary: 'Longest that a transaction may stay open.',
  },
  {
    name: 'transactional.id.expiration.ms',
    kind: 'int',
    default: '604800000',
    min: 1,
    broker: '',
    summary: 'How long an idle transactional id is remembered.',
  },
  {
    name: 'producer.id.expiration.ms',
    kind: 'int',
    default: '86400000',
    min: 1,
    broker: '',
    summary: 'How long a partition remembers an idle producer.',
  },
  {
    name: 'log.retention.check.interval.ms',
    kind: 'long',
    default: '300000',
    min: 1,
    broker: '',
    summary: 'How often old segments are looked for.',
  },
  {
    name: 'log.cleaner.backoff.ms',
    kind: 'long',
    default: '15000',
    min: 1,
    broker: '',
    summary: 'How often work for compaction is looked for.',
  },
  {
    name: 'memory.persistent.messages',
    kind: 'string',
    default: 'accept',
    choices: ['accept', 'refuse'],
    broker: '',
    summary: 'Whether durable queues of a broker that has no folder take persistent messages.',
  },
  throttle('leader.replication.throttled.rate', 'nothing is copied between brokers'),
  throttle('follower.replication.throttled.rate', 'nothing is copied between brokers'),
  throttle('replica.alter.log.dirs.io.max.bytes.per.second', 'there is one directory'),
]

/** What tools that move replicas set, in bytes a second. */
function throttle(name: string, reason: string): SettingRow {
  return {
    name,
    kind: 'long',
    default: '9223372036854775807',
    min: 0,
    broker: '',
    isPerBroker: true,
    summary: `No effect: ${reason}.`,
  }
}

const withBroker = topicSettings.filter(row => row.broker !== '')
const rows = new Map<string, SettingRow>([
  ...brokerSettings.map(row => [row.name, row] as const),
  ...withBroker.map(row => [row.broker, { ...row, name: row.broker }] as const),
])
const topicNameOf = new Map(withBroker.map(row => [row.broker, row.name]))

/** Which settings an administrator changes: those of all brokers, or of the one that a process shows itself as, which win. */
export type SettingLevel = 'all' | 'one'

/** A value of a setting, and where it stands. */
export interface LeveledValue {
  readonly value: string
  readonly origin: SettingLevel | 'given' | 'default'
}

/** Before the names of settings of the one broker in the metadata log. */
const ONE = 'one/'

/** Broker-wide settings: given at start, changed by administrators, kept in the metadata log. */
export class Settings implements Section {
  readonly name = SECTION
  readonly #given: ReadonlyMap<string, string>
  readonly #changed = { all: new Map<string, string>(), one: new Map<string, string>() } as const
  readonly #listeners: (() => void)[] = []
  #journal: Journal | undefined
  #topicDefaults: ReadonlyMap<string, string> | undefined

  /** Errors: CONFIG_INVALID for a name or value that is not known. */
  constructor(given: Readonly<Record<string, string | number | boolean>> = {}) {
    const entries = Object.entries(given).map(([name, value]) => [name, String(value)] as const)
    for (const [name, value] of entries) checkBrokerSetting(name, value)
    this.#given = new Map(entries)
  }

  attach(journal: Journal): void {
    this.#journal = journal
  }

  get(name: string): string {
    return (
      this.#changed.one.get(name) ??
      this.#changed.all.get(name) ??
      this.#given.get(name) ??
      rows.get(name)?.default ??
      ''
    )
  }
  number(name: string): number {
    return Number(this.get(name))
  }
  boolean(name: string): boolean {
    return this.get(name) === 'true'
  }
  /** Every value that the setting has, the one that counts first; none for a name that is not known. */
  values(name: string): LeveledValue[] {
    const levels = [
      { value: this.#changed.one.get(name), origin: 'one' },
      { value: this.#changed.all.get(name), origin: 'all' },
      { value: this.#given.get(name), origin: 'given' },
      { value: rows.get(name)?.default, origin: 'default' },
    ] as const
    return levels.flatMap(({ value, origin }) => (value === undefined ? [] : [{ value, origin }]))
  }
  /** What administrators changed, by name; not what only another version knows. */
  changed(level: SettingLevel): Record<string, string> {
    return Object.fromEntries([...this.#changed[level]].filter(([name]) => rows.has(name)))
  }
  /** Every broker-wide setting. */
  rows(): Iterable<SettingRow> {
    return rows.values()
  }
  row(name: string): SettingRow | undefined {
    return rows.get(name)
  }

  /** Values that topics fall back on, under the topics' names for them. */
  topicDefaults(): ReadonlyMap<string, string> {
    this.#topicDefaults ??= new Map(
      [...topicNameOf]
        .filter(([name]) => this.values(name)[0]?.origin !== 'default')
        .map(([name, topicName]) => [topicName, this.get(name)]),
    )
    return this.#topicDefaults
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Null takes a change back. Errors: CONFIG_INVALID. */
  async change(values: Readonly<Record<string, string | null>>, level: SettingLevel = 'all'): Promise<void> {
    const changes: Change[] = Object.entries(values).map(([name, value]) => {
      if (value !== null) checkBrokerSetting(name, value)
      return { section: SECTION, key: level === 'one' ? ONE + name : name, value }
    })
    await this.#journal?.write(changes)
  }

  apply(key: string, value: Json): void {
    const [values, name] = this.#place(key)
    if (typeof value === 'string') values.set(name, value)
    else values.delete(name)
    this.#topicDefaults = undefined
    for (const listener of this.#listeners) listener()
  }
  entries(): Iterable<readonly [string, Json]> {
    const { all, one } = this.#changed
    return [...all, ...[...one].map(([name, value]) => [ONE + name, value] as const)]
  }
  valueOf(key: string): Json | undefined {
    const [values, name] = this.#place(key)
    return values.get(name)
  }

  /** Where a key of the metadata log belongs. */
  #place(key: string): readonly [values: Map<string, string>, name: string] {
    const { all, one } = this.#changed
    return key.startsWith(ONE) ? [one, key.slice(ONE.length)] : [all, key]
  }
}

/** Errors: CONFIG_INVALID. */
export function checkBrokerSetting(name: string, value: string): void {
  const row = rows.get(name)
  if (row === undefined) throw new BrokerError('CONFIG_INVALID', `there is no broker setting '${name}'`)
  const problem = flawOf(row, value)
  if (problem !== undefined)
    throw new BrokerError('CONFIG_INVALID', `Invalid value ${value} for configuration ${name}: ${problem}`)
}
