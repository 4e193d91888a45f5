// Settings of one group, by Kafka's names (KIP-848, KIP-932): kept in the metadata log under the group's id, whether or
// not there is such a group yet. What a group does not have of its own is the broker's.

import { BrokerError } from './errors.ts'
import type { Json } from './journal.ts'
import { KeptTable } from './kept-table.ts'
import type { Settings } from './settings.ts'
import { flawOf, type SettingRow } from './topics/settings.ts'
import { Writes } from './writes.ts'

/** Groups that may have settings of their own. */
const GROUPS_MAX = 100_000
/** Characters of a group's id. */
const ID_LENGTH_MAX = 1024

/** A duration as ISO 8601 writes those without years and months: `P1DT2H3M4.5S`. */
const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/
const BY_DURATION = 'by_duration:'

export interface GroupSettingRow extends SettingRow {
  /** Broker-wide settings that bound it; Kafka's names. */
  readonly bounds?: { readonly min: string; readonly max: string }
}

export const groupSettings: readonly GroupSettingRow[] = [
  {
    name: 'consumer.heartbeat.interval.ms',
    kind: 'int',
    default: '5000',
    min: 1,
    broker: 'group.consumer.heartbeat.interval.ms',
    summary: 'Heartbeat interval of members of the new protocol.',
  },
  {
    name: 'consumer.session.timeout.ms',
    kind: 'int',
    default: '45000',
    min: 1,
    broker: 'group.consumer.session.timeout.ms',
    summary: 'Session timeout of members of the new protocol.',
  },
  {
    name: 'share.auto.offset.reset',
    kind: 'string',
    default: 'latest',
    broker: '',
    summary: 'Where a share group begins: earliest, latest, or by_duration: and an ISO 8601 duration.',
  },
  {
    name: 'share.delivery.count.limit',
    kind: 'int',
    default: '5',
    min: 2,
    max: 10,
    broker: 'group.share.delivery.count.limit',
    summary: 'Deliveries of a record after which a share group gives it up.',
  },
  {
    name: 'share.heartbeat.interval.ms',
    kind: 'int',
    default: '5000',
    min: 1,
    broker: 'group.share.heartbeat.interval.ms',
    summary: 'Heartbeat interval of members of a share group.',
  },
  {
    name: 'share.isolation.level',
    kind: 'string',
    default: 'read_uncommitted',
    choices: ['read_committed', 'read_uncommitted'],
    broker: '',
    summary: 'Whether a share group sees records of transactions that are open or were aborted.',
  },
  {
    name: 'share.partition.max.record.locks',
    kind: 'int',
    default: '2000',
    min: 100,
    max: 10_000,
    broker: 'group.share.partition.max.record.locks',
    summary: 'Records of one partition that a share group may have in flight.',
  },
  {
    name: 'share.record.lock.duration.ms',
    kind: 'int',
    default: '30000',
    min: 1000,
    max: 3_600_000,
    broker: 'group.share.record.lock.duration.ms',
    bounds: {
      min: 'group.share.min.record.lock.duration.ms',
      max: 'group.share.max.record.lock.duration.ms',
    },
    summary: 'How long a record is locked for the member that has it.',
  },
  {
    name: 'share.renew.acknowledge.enable',
    kind: 'boolean',
    default: 'true',
    broker: '',
    summary: 'Whether members may renew the locks of records.',
  },
  {
    name: 'share.session.timeout.ms',
    kind: 'int',
    default: '45000',
    min: 1,
    broker: 'group.share.session.timeout.ms',
    summary: 'Session timeout of members of a share group.',
  },
]

const rows = new Map(groupSettings.map(row => [row.name, row]))
export type GroupValues = Readonly<Record<string, string>>
const NONE: GroupValues = {}

/** Where a share group begins to read a partition. */
export type OffsetReset =
  | { readonly at: 'earliest' }
  | { readonly at: 'latest' }
  | { readonly at: 'time'; readonly agoMs: number }

/** Section `group-setting` of the metadata log: a group's own values, by its id. */
export class GroupSettings {
  readonly #settings: Settings
  readonly #own = new KeptTable<GroupValues>('group-setting', { read: json => json as GroupValues })
  readonly #writes = new Writes()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  get sections(): readonly [KeptTable<GroupValues>] {
    return [this.#own]
  }
  attach(journal: Parameters<Writes['attach']>[0]): void {
    this.#writes.attach(journal)
  }

  /** Groups that have settings of their own. */
  groups(): Iterable<string> {
    return this.#own.keys()
  }
  /** What the group has of its own. */
  own(groupId: string): GroupValues {
    return this.#own.get(groupId) ?? NONE
  }

  /** The value that counts, within the bounds that the broker sets now. */
  get(groupId: string, name: string): string {
    const row = rows.get(name)
    if (row === undefined) return ''
    const own = this.own(groupId)[name]
    if (own === undefined) return row.broker === '' ? row.default : this.#settings.get(row.broker)
    return row.bounds === undefined ? own : String(this.#clamped(Number(own), row.bounds))
  }
  number(groupId: string, name: string): number {
    return Number(this.get(groupId, name))
  }
  offsetReset(groupId: string): OffsetReset {
    const value = this.get(groupId, 'share.auto.offset.reset')
    if (value === 'earliest' || value === 'latest') return { at: value }
    return { at: 'time', agoMs: durationMs(value.slice(BY_DURATION.length)) ?? 0 }
  }

  /** Errors: CONFIG_INVALID. */
  check(values: GroupValues): void {
    for (const [name, value] of Object.entries(values)) {
      const problem = this.#flaw(name, value)
      if (problem !== undefined)
        throw new BrokerError(
          'CONFIG_INVALID',
          `Invalid value ${value} for configuration ${name}: ${problem}`,
        )
    }
  }

  /** The group has exactly these of its own afterwards. Errors: CONFIG_INVALID, GROUP_ID_INVALID, LIMIT_EXCEEDED. */
  async replace(groupId: string, values: GroupValues): Promise<void> {
    this.check(values)
    if (groupId.length > ID_LENGTH_MAX)
      throw new BrokerError(
        'GROUP_ID_INVALID',
        `a group id of ${groupId.length} characters is longer than ${ID_LENGTH_MAX}`,
      )
    if (!this.#own.has(groupId) && this.#own.size >= GROUPS_MAX)
      throw new BrokerError('LIMIT_EXCEEDED', `there are settings of ${GROUPS_MAX} groups already`)
    const value: Json = Object.keys(values).length === 0 ? null : values
    await this.#writes.write([{ section: 'group-setting', key: groupId, value }])
  }

  #flaw(name: string, value: string): string | undefined {
    const row = rows.get(name)
    if (row === undefined)
      return `there is no such setting of groups; known are ${[...rows.keys()].join(', ')}`
    if (name === 'share.auto.offset.reset') return resetFlaw(value)
    const flaw = flawOf(row, value)
    if (flaw !== undefined || row.bounds === undefined) return flaw
    const { min, max } = row.bounds
    if (this.#clamped(Number(value), row.bounds) === Number(value)) return undefined
    return `must be between ${min} (${this.#settings.get(min)}) and ${max} (${this.#settings.get(max)})`
  }

  #clamped(value: number, { min, max }: { readonly min: string; readonly max: string }): number {
    return Math.max(this.#settings.number(min), Math.min(this.#settings.number(max), value))
  }
}

/** Every setting of a group that the broker knows. */
export function groupSettingRow(name: string): GroupSettingRow | undefined {
  return rows.get(name)
}

function resetFlaw(value: string): string | undefined {
  if (value === 'earliest' || value === 'latest') return undefined
  const ms = value.startsWith(BY_DURATION) ? durationMs(value.slice(BY_DURATION.length)) : undefined
  return ms === undefined ? 'must be earliest, latest, or by_duration: and an ISO 8601 duration' : undefined
}

/** Undefined when the text is no duration, or none that names a length. */
function durationMs(text: string): number | undefined {
  const match = DURATION.exec(text)
  if (match === null) return undefined
  const [, ...parts] = match
  if (parts.every(part => part === undefined)) return undefined
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map(part => Number(part ?? 0))
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
}
