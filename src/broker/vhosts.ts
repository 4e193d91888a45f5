// Virtual hosts: separate sets of exchanges, queues, policies and permissions in one broker. '/' is always there: it is
// where clients go that name none, and where the other protocols' heads live, so unlike RabbitMQ's it cannot be deleted.

import { BrokerError } from './errors.ts'
import type { Change, Journal, Section } from './journal.ts'
import { KeptTable } from './kept-table.ts'
import { Writes } from './writes.ts'

const VHOST = 'vhost'
export const DEFAULT_VHOST = '/'
/** Virtual hosts, '/' included. Ours. */
export const VHOSTS_MAX = 10_000
/** Longest name in UTF-8 bytes: a short string of AMQP. */
export const VHOST_NAME_BYTES_MAX = 255
/** Longest description, tag list and so on, in characters together. Ours. */
export const VHOST_TEXT_LENGTH_MAX = 4096

export type QueueType = 'classic' | 'quorum' | 'stream'
export const queueTypes: readonly QueueType[] = ['classic', 'quorum', 'stream']

export interface VhostMetadata {
  readonly description?: string
  readonly tags?: readonly string[]
  /** What a queue is that is declared without a type. */
  readonly defaultQueueType?: QueueType
}

/** Undefined or below 0: no limit. 0: none at all. */
export interface VhostLimits {
  readonly maxQueues?: number
  readonly maxConnections?: number
}

export interface Vhost extends VhostMetadata {
  readonly name: string
  readonly limits: VhostLimits
}

type VhostRecord = Omit<Vhost, 'name'>

/** Gives what must be written to the metadata log so that nothing of the virtual host is left in one part. */
export type ForgetVhost = (vhost: string) => readonly Change[]

export class Vhosts {
  readonly sections: readonly Section[]
  readonly #table: KeptTable<Vhost>
  readonly #writes = new Writes()
  readonly #parts: ForgetVhost[] = []
  readonly #removalListeners: ((vhost: string) => void | Promise<void>)[] = []

  constructor() {
    this.#table = new KeptTable<Vhost>(VHOST, {
      read: (json, name) => ({ ...(json as unknown as VhostRecord), name }),
    })
    this.sections = [this.#table]
  }

  attach(journal: Journal): void {
    this.#writes.attach(journal)
  }

  /** A part of the broker that keeps things by virtual host: its changes are written together with the deletion. */
  partOf(forget: ForgetVhost): void {
    this.#parts.push(forget)
  }

  /** Hears of a virtual host once its deletion is durable; `delete` waits for what it returns. */
  onRemoved(listener: (vhost: string) => void | Promise<void>): void {
    this.#removalListeners.push(listener)
  }

  has(name: string): boolean {
    return name === DEFAULT_VHOST || this.#table.has(name)
  }

  get(name: string): Vhost | undefined {
    return this.#table.get(name) ?? (name === DEFAULT_VHOST ? { name, limits: {} } : undefined)
  }

  /** Errors: VHOST_UNKNOWN. */
  require(name: string): Vhost {
    const vhost = this.get(name)
    if (vhost === undefined) throw new BrokerError('VHOST_UNKNOWN', `no vhost '${name}'`)
    return vhost
  }

  /** All, '/' first and the others by name. */
  list(): Vhost[] {
    const others = [...this.#table.keys()].filter(name => name !== DEFAULT_VHOST).sort()
    return [DEFAULT_VHOST, ...others].map(name => this.require(name))
  }

  /** Makes it, or changes what is given of it; whether it is new. Errors: ARGUMENT_INVALID, LIMIT_EXCEEDED, STORAGE_*. */
  async put(name: string, metadata: VhostMetadata = {}): Promise<boolean> {
    const known = this.get(name)
    checkMetadata(metadata)
    if (known === undefined) this.#checkNew(name)
    const { name: _name, ...before } = known ?? { name, limits: {} }
    await this.#write(name, { ...before, ...metadata })
    return known === undefined
  }

  /** Replaces the limits. Errors: VHOST_UNKNOWN, ARGUMENT_INVALID, STORAGE_*. */
  async setLimits(name: string, limits: VhostLimits): Promise<void> {
    for (const [what, value] of Object.entries(limits))
      if (value !== undefined && !Number.isSafeInteger(value))
        throw invalid(`${what} of vhost '${name}' must be a whole number, it is ${value}`)
    const { name: _name, ...before } = this.require(name)
    await this.#write(name, { ...before, limits })
  }

  /**
   * Deletes it with everything in it. Errors: VHOST_UNKNOWN, ARGUMENT_INVALID for '/', STORAGE_*.
   */
  async delete(name: string): Promise<void> {
    this.require(name)
    if (name === DEFAULT_VHOST) throw invalid("the vhost '/' cannot be deleted; delete what is in it")
    const changes = this.#parts.flatMap(forget => forget(name))
    await this.#writes.write([...changes, { section: VHOST, key: name, value: null }])
    for (const listener of this.#removalListeners) await listener(name)
  }

  /** Refuses one queue more than there may be; `queues` is how many there are. Errors: LIMIT_EXCEEDED. */
  checkQueues(name: string, queues: number): void {
    const limit = this.get(name)?.limits.maxQueues
    if (limit !== undefined && limit >= 0 && queues >= limit)
      throw new BrokerError('LIMIT_EXCEEDED', `queue limit in vhost '${name}' (${limit}) is reached`)
  }

  /** Refuses one connection more than there may be. Errors: LIMIT_EXCEEDED. */
  checkConnections(name: string, connections: number): void {
    const limit = this.get(name)?.limits.maxConnections
    if (limit !== undefined && limit >= 0 && connections >= limit)
      throw new BrokerError(
        'LIMIT_EXCEEDED',
        `access to vhost '${name}' refused: connection limit (${limit}) is reached`,
      )
  }

  async #write(name: string, record: VhostRecord): Promise<void> {
    const { description, tags, defaultQueueType, limits } = record
    const value = { description, tags, defaultQueueType, limits: { ...limits } }
    await this.#writes.write([{ section: VHOST, key: name, value }])
  }

  #checkNew(name: string): void {
    const bytes = Buffer.byteLength(name)
    if (bytes < 1 || bytes > VHOST_NAME_BYTES_MAX)
      throw invalid(`the name of a vhost has ${bytes} bytes; it must have 1 to ${VHOST_NAME_BYTES_MAX}`)
    if (this.list().length >= VHOSTS_MAX)
      throw new BrokerError('LIMIT_EXCEEDED', `there are ${VHOSTS_MAX} vhosts already; delete some`)
  }
}

function checkMetadata({ description = '', tags = [], defaultQueueType }: VhostMetadata): void {
  const length = description.length + tags.reduce((sum, tag) => sum + tag.length + 1, 0)
  if (length > VHOST_TEXT_LENGTH_MAX)
    throw invalid(`description and tags have ${length} characters, ${VHOST_TEXT_LENGTH_MAX} are the most`)
  if (defaultQueueType !== undefined && !queueTypes.includes(defaultQueueType))
    throw invalid(`default queue type '${defaultQueueType}' is none of ${queueTypes.join(', ')}`)
}

function invalid(message: string): BrokerError {
  return new BrokerError('ARGUMENT_INVALID', message)
}
