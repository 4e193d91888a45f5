// Client quotas as administrators define them (KIP-546): by user, client id or address, each name or the default of
// its kind. A section of the metadata log. They are kept and shown; nothing slows a client down yet. The rules of what
// may be combined, and which value belongs to which kind of client, are those of Kafka 4.1.

import { BrokerError } from '../errors.ts'
import type { Change, Journal, Json, Section } from '../journal.ts'

const SECTION = 'quota'
/** Entities with quotas: each is a key of the metadata log. Ours. */
export const QUOTA_ENTITIES_MAX = 100_000

/** Whom a quota is for: a name for each kind, null for everybody of that kind without a quota of their own. */
export type QuotaEntity = ReadonlyMap<string, string | null>

/** The values of an entity, by the name of the quota. */
export type QuotaValues = Readonly<Record<string, number>>

/** One condition on the entities that are listed. */
export interface QuotaFilterPart {
  readonly kind: string
  /** A name, the default of the kind, or whatever has the kind. */
  readonly match:
    | { readonly at: 'name'; readonly name: string }
    | { readonly at: 'default' }
    | { readonly at: 'any' }
}

/** What to do to one entity's quotas; null takes a value away. */
export interface QuotaAlteration {
  readonly entity: QuotaEntity
  readonly values: Readonly<Record<string, number | null>>
}

type Unit = 'int' | 'long' | 'double'

const ofClients: Readonly<Record<string, Unit>> = {
  producer_byte_rate: 'long',
  consumer_byte_rate: 'long',
  request_percentage: 'double',
  controller_mutation_rate: 'double',
}
const ofAddresses: Readonly<Record<string, Unit>> = { connection_creation_rate: 'int' }

const unitMax: Readonly<Record<Unit, number>> = {
  int: 0x7fff_ffff,
  long: 2 ** 63,
  double: Number.MAX_VALUE,
}

/** Every kind that an entity may name. */
export const quotaKinds: readonly string[] = ['user', 'client-id', 'ip']

export class Quotas implements Section {
  readonly name = SECTION
  readonly #values = new Map<string, QuotaValues>()
  #journal: Journal | undefined

  attach(journal: Journal): void {
    this.#journal = journal
  }

  /** The entities that meet every part; `strict`: and that name no other kind. */
  *list(
    parts: readonly QuotaFilterPart[],
    strict: boolean,
  ): Generator<{ readonly entity: QuotaEntity; readonly values: QuotaValues }> {
    for (const [key, values] of this.#values) {
      const entity = entityOf(key)
      if (strict && entity.size !== parts.length) continue
      if (parts.every(part => meets(entity, part))) yield { entity, values }
    }
  }

  /** Refuses what `alter` would refuse. Errors: REQUEST_INVALID, LIMIT_EXCEEDED. */
  check({ entity, values }: QuotaAlteration): void {
    checkEntity(entity)
    const allowed = entity.has('ip') ? ofAddresses : ofClients
    for (const [name, value] of Object.entries(values)) {
      const unit = Object.hasOwn(allowed, name) ? allowed[name] : undefined
      if (unit === undefined) throw invalid(`Invalid configuration key ${name}`)
      if (value !== null) checkValue(name, unit, value)
    }
    if (this.#values.size >= QUOTA_ENTITIES_MAX && !this.#values.has(keyOf(entity)))
      throw new BrokerError(
        'LIMIT_EXCEEDED',
        `${QUOTA_ENTITIES_MAX} entities have quotas already; remove some`,
      )
  }

  /** Resolves when the change is durable. Errors: as `check`. */
  async alter(alteration: QuotaAlteration): Promise<void> {
    this.check(alteration)
    const key = keyOf(alteration.entity)
    const merged = { ...this.#values.get(key), ...alteration.values }
    const left = Object.entries(merged).filter(([, value]) => value !== null)
    const change: Change = {
      section: SECTION,
      key,
      value: left.length === 0 ? null : Object.fromEntries(left),
    }
    await this.#journal?.write([change])
  }

  apply(key: string, value: Json): void {
    if (value === null) this.#values.delete(key)
    else this.#values.set(key, value as QuotaValues)
  }
  entries(): Iterable<readonly [string, Json]> {
    return this.#values.entries()
  }
  valueOf(key: string): Json | undefined {
    return this.#values.get(key)
  }
}

/** Kinds in the order of their names, so that an entity has one key. */
function keyOf(entity: QuotaEntity): string {
  return JSON.stringify([...entity].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function entityOf(key: string): QuotaEntity {
  return new Map(JSON.parse(key) as [string, string | null][])
}

function meets(entity: QuotaEntity, { kind, match }: QuotaFilterPart): boolean {
  const name = entity.get(kind)
  if (name === undefined) return false
  if (match.at === 'any') return true
  return match.at === 'default' ? name === null : name === match.name
}

function checkEntity(entity: QuotaEntity): void {
  if (entity.size === 0) throw invalid('Invalid empty client quota entity')
  for (const [kind, name] of entity) {
    if (!quotaKinds.includes(kind)) throw invalid(`Unhandled client quota entity type: ${kind}`)
    if (name === '') throw invalid(`Empty ${kind} not supported`)
  }
  if (entity.has('ip') && entity.size > 1)
    throw invalid('a quota of an ip cannot be combined with a user or a client-id')
  const ip = entity.get('ip')
  if (typeof ip === 'string' && !isAddress(ip)) throw invalid(`${ip} is not a valid IP address`)
}

/** IPv4 or IPv6; names of hosts are not looked up. */
function isAddress(text: string): boolean {
  if (/^[0-9a-f:.]+$/i.test(text) && text.includes(':')) return URL.canParse(`http://[${text}]`)
  return /^\d+\.\d+\.\d+\.\d+$/.test(text) && text.split('.').every(part => Number(part) <= 255)
}

function checkValue(name: string, unit: Unit, value: number): void {
  if (!(value > 0)) throw invalid(`Quota ${name} must be greater than 0`)
  if (value > unitMax[unit]) throw invalid(`Quota ${name} is ${value}, the largest is ${unitMax[unit]}`)
  if (unit !== 'double' && !Number.isInteger(value)) throw invalid(`${name} cannot be a fractional value.`)
}

function invalid(message: string): BrokerError {
  return new BrokerError('REQUEST_INVALID', message)
}
