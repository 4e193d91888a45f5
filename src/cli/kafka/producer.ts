// Produces to one topic: records are gathered into batches per partition, batches per leader into requests, and what a
// broker refuses for now is sent again until the time is up. Idempotent unless acks say otherwise: a batch that is
// repeated is stored once (KIP-98).

import { Partitioner } from '../../broker/topics/partitioner.ts'
import { type Deferred, deferred } from '../../flow/index.ts'
import type { ResponseOutput } from '../../heads/kafka/wire/api.ts'
import { InitProducerId, Produce } from '../../heads/kafka/wire/index.ts'
import type { Codec } from '../../log/index.ts'
import type { NewRecord } from '../../log/record/builder.ts'
import type { Timer } from '../../world/index.ts'
import { CommandError } from '../exit.ts'
import { type Client, isFault } from './client.ts'
import { BrokerFault, check, retryOf } from './faults.ts'
import { limits } from './limits.ts'
import { bytesOf, Outbox, type Parcel, type ProducerId } from './outbox.ts'
import { backoff, patiently } from './patience.ts'

export interface ProducerOptions<R extends NewRecord> {
  readonly topic: string
  /** How many replicas must have the records: -1 (all, the default), 1, or 0 (nobody says). */
  readonly acks?: -1 | 0 | 1
  readonly codec?: Codec
  /** Ms that a batch waits for more records. Default 0: it goes as soon as nothing of its partition is under way. */
  readonly lingerMs?: number
  /** Bytes of a batch before compression, at most. */
  readonly batchBytes?: number
  /** Bytes of records that may wait before `send` asks its caller to. */
  readonly bufferBytes?: number
  /** A batch that is sent again is stored once; default true with acks -1, which it needs. */
  readonly idempotent?: boolean
  /** Let the broker create the topic, if it is set up to. */
  readonly autoCreate?: boolean
  /** Told of records that are stored, with the offset of the first (-1 with acks 0). */
  readonly onStored?: (records: readonly R[], partition: number, baseOffset: number) => void
}

/** The last version whose topics go by name: what is produced is for the topic of this name, whatever its id. */
const BY_NAME_MAX = 12

type PartitionAnswer = ResponseOutput<typeof Produce>['responses'][number]['partitionResponses'][number]

/** Times that a topic is asked for which a broker is just creating. */
const CREATION_TRIES = 10

/** Opens a producer. Errors: BrokerFault when the topic does not exist or may not be written. */
export async function openProducer<R extends NewRecord>(
  client: Client,
  options: ProducerOptions<R>,
): Promise<Producer<R>> {
  const { topic, acks = -1, idempotent = acks === -1, autoCreate = false } = options
  const partitions = await partitionCount(client, topic, autoCreate)
  const id = idempotent ? await producerId(client) : undefined
  return new Producer(client, options, partitions, id)
}

export class Producer<R extends NewRecord = NewRecord> {
  readonly topic: string
  readonly partitions: number
  readonly #client: Client
  readonly #options: ProducerOptions<R>
  readonly #id: ProducerId | undefined
  readonly #outboxes: readonly Outbox<R>[]
  readonly #partitioner: Partitioner
  readonly #lingerMs: number
  readonly #bufferBytes: number
  readonly #inFlight = new Map<number, number>()
  #bufferedBytes = 0
  #roomWaited: Deferred<void> | undefined
  #emptyWaited: Deferred<void> | undefined
  #lingering: Timer | undefined
  #pausing: Timer | undefined
  #isPumping = false
  #isFlushing = false
  #attempts = 0
  #deadline: number | undefined
  #failure: Error | undefined

  constructor(client: Client, options: ProducerOptions<R>, partitions: number, id: ProducerId | undefined) {
    const {
      batchBytes = limits.batchBytesDefault,
      bufferBytes = limits.bufferBytesMax,
      lingerMs = 0,
    } = options
    this.topic = options.topic
    this.partitions = partitions
    this.#client = client
    this.#options = options
    this.#id = id
    this.#lingerMs = lingerMs
    this.#bufferBytes = bufferBytes
    this.#partitioner = new Partitioner(partitions, batchBytes, client.world)
    this.#outboxes = Array.from({ length: partitions }, (_, index) => new Outbox<R>(index, batchBytes))
  }

  /**
   * Takes a record, which must not change until it is stored. A promise means that the buffer is full: wait for it
   * before the next. Throws what made the producer fail.
   */
  send(record: R, partition?: number): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure
    const bytes = bytesOf(record)
    const outbox = this.#outbox(partition ?? this.#partitioner.choose(record.key, bytes))
    const isFirst = outbox.fillingSince === undefined
    const isFull = outbox.add(record, bytes, () => this.#client.world.monotonic())
    this.#bufferedBytes += bytes
    if (isFull || isFirst) this.#pumpSoon()
    if (this.#bufferedBytes <= this.#bufferBytes) return undefined
    this.#roomWaited ??= quiet()
    return this.#roomWaited.promise
  }

  /** Resolves when everything is stored. Throws what made the producer fail. */
  async flush(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#outboxes.every(outbox => outbox.isEmpty)) return
    this.#isFlushing = true
    this.#emptyWaited ??= quiet()
    this.#pumpSoon()
    await this.#emptyWaited.promise
  }

  #outbox(partition: number): Outbox<R> {
    const outbox = this.#outboxes[partition]
    if (outbox !== undefined) return outbox
    const last = this.partitions - 1
    throw new CommandError('usage', `topic ${this.topic} has no partition ${partition}: the last is ${last}`)
  }

  /** Once per turn: all that is sent within one goes out together. */
  #pumpSoon(): void {
    if (this.#isPumping || this.#pausing !== undefined) return
    this.#isPumping = true
    queueMicrotask(() => {
      this.#isPumping = false
      if (this.#failure === undefined) void this.#pump().catch(error => this.#fail(error))
    })
  }

  async #pump(): Promise<void> {
    this.#sealWhatIsDue()
    const ready = this.#outboxes.filter(outbox => outbox.next !== undefined)
    if (ready.length === 0) return
    const byLeader = new Map<number, Outbox<R>[]>()
    for (const outbox of ready) {
      const leader = await this.#leader(outbox.partition)
      if (leader === undefined) return
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), outbox])
    }
    for (const [leader, outboxes] of byLeader) this.#sendAll(leader, outboxes)
  }

  /** Closes batches whose time has come, and wakes up for the next one. */
  #sealWhatIsDue(): void {
    const now = this.#client.world.monotonic()
    let wait = Number.POSITIVE_INFINITY
    for (const outbox of this.#outboxes) {
      const { fillingSince } = outbox
      if (fillingSince === undefined || outbox.next !== undefined) continue
      const left = this.#isFlushing ? 0 : fillingSince + this.#lingerMs - now
      if (left > 0) wait = Math.min(wait, left)
      else if (outbox.isIdle) outbox.seal()
    }
    this.#lingering?.cancel()
    this.#lingering = undefined
    if (wait === Number.POSITIVE_INFINITY) return
    this.#lingering = this.#client.world.after(wait, () => this.#pumpSoon())
  }

  async #leader(partition: number): Promise<number | undefined> {
    try {
      return await this.#client.cluster.leader(this.topic, partition)
    } catch (error) {
      this.#later(error)
      return undefined
    }
  }

  #sendAll(leader: number, outboxes: readonly Outbox<R>[]): void {
    for (let at = 0; at < outboxes.length; ) {
      const inFlight = this.#inFlight.get(leader) ?? 0
      if (inFlight >= limits.producesInFlightMax) return
      const load: Outbox<R>[] = []
      for (let bytes = 0; at < outboxes.length && bytes < limits.produceBytesMax; at++) {
        const outbox = outboxes[at]
        if (outbox?.next === undefined) continue
        bytes += outbox.next.bytes
        load.push(outbox)
      }
      if (load.length === 0) return
      this.#inFlight.set(leader, inFlight + 1)
      void this.#post(leader, load).finally(() => {
        this.#inFlight.set(leader, (this.#inFlight.get(leader) ?? 1) - 1)
        this.#pumpSoon()
      })
    }
  }

  async #post(leader: number, load: readonly Outbox<R>[]): Promise<void> {
    const { acks = -1, codec = 'none' } = this.#options
    const parcels = new Map<number, Parcel<R>>()
    try {
      const partitionData = load.flatMap(outbox => {
        const parcel = outbox.take()
        if (parcel === undefined) return []
        parcels.set(outbox.partition, parcel)
        return [{ index: outbox.partition, records: [outbox.encode(parcel, codec, this.#id).buffer] }]
      })
      if (partitionData.length === 0) return
      const connection = await this.#client.cluster.node(leader)
      const { timeoutMs } = this.#client
      const topicData = [{ name: this.topic, partitionData }]
      const answer = await connection.request(
        Produce,
        { acks, timeoutMs, topicData },
        { answered: acks !== 0, versionMax: BY_NAME_MAX },
      )
      if (acks === 0) for (const parcel of parcels.values()) this.#stored(parcel, -1)
      else this.#judge(answer.responses[0]?.partitionResponses ?? [], parcels)
    } catch (error) {
      for (const partition of parcels.keys()) this.#outbox(partition).putBack()
      this.#later(error)
    }
  }

  #judge(answers: readonly PartitionAnswer[], parcels: ReadonlyMap<number, Parcel<R>>): void {
    const left = new Map(parcels)
    for (const answer of answers) {
      const parcel = left.get(answer.index)
      if (parcel === undefined || !left.delete(answer.index)) continue
      if (answer.errorCode === 0) this.#stored(parcel, answer.baseOffset)
      else this.#refused(parcel, answer)
    }
    for (const partition of left.keys()) this.#outbox(partition).putBack()
  }

  #stored(parcel: Parcel<R>, baseOffset: number): void {
    this.#attempts = 0
    this.#deadline = undefined
    this.#outbox(parcel.partition).acked()
    this.#bufferedBytes -= parcel.bytes
    this.#options.onStored?.(parcel.records, parcel.partition, baseOffset)
    if (this.#bufferedBytes <= this.#bufferBytes) {
      this.#roomWaited?.resolve()
      this.#roomWaited = undefined
    }
    if (this.#emptyWaited === undefined || this.#outboxes.some(outbox => !outbox.isEmpty)) return
    this.#isFlushing = false
    this.#emptyWaited.resolve()
    this.#emptyWaited = undefined
  }

  #refused(parcel: Parcel<R>, { errorCode, errorMessage, recordErrors }: PartitionAnswer): void {
    const where = `partition ${parcel.partition} of ${this.topic}`
    const detail = errorMessage ?? recordErrors[0]?.batchIndexErrorMessage
    const fault = new BrokerFault(errorCode, where, detail)
    const outbox = this.#outbox(parcel.partition)
    if (fault.is('MESSAGE_TOO_LARGE') && outbox.split()) return
    outbox.putBack()
    // A topic that was just created is not known to every broker yet.
    if (fault.is('UNKNOWN_TOPIC_OR_PARTITION') && this.#attempts < CREATION_TRIES) this.#pause()
    else this.#later(fault)
  }

  /** Sends again after a pause when that can help, and fails otherwise. */
  #later(error: unknown): void {
    const { world, timeoutMs, cluster } = this.#client
    const retry = retryOf(error)
    this.#deadline ??= world.monotonic() + timeoutMs
    if (retry === 'no') this.#fail(error)
    else if (world.monotonic() > this.#deadline) this.#fail(this.#tooLate(error))
    else {
      if (retry === 'elsewhere') cluster.forget(this.topic)
      this.#pause()
    }
  }

  #tooLate(error: unknown): Error {
    const message = error instanceof Error ? error.message : String(error)
    const text = `records for ${this.topic} were not stored within ${this.#client.timeoutMs} ms: ${message}`
    return new CommandError('tryAgain', text, undefined, error)
  }

  #pause(): void {
    if (this.#pausing !== undefined) return
    const { world } = this.#client
    this.#pausing = world.after(backoff(world, ++this.#attempts), () => {
      this.#pausing = undefined
      this.#pumpSoon()
    })
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = error instanceof Error ? error : new Error(String(error))
    this.#lingering?.cancel()
    this.#roomWaited?.reject(this.#failure)
    this.#emptyWaited?.reject(this.#failure)
  }
}

/** A promise that may fail while nobody waits for it. */
function quiet(): Deferred<void> {
  const waited = deferred()
  waited.promise.catch(() => {})
  return waited
}

/** Asked patiently only for a topic that may be created by the asking. */
async function partitionCount(client: Client, topic: string, autoCreate: boolean): Promise<number> {
  let tries = 0
  return patiently(client, async () => {
    try {
      return (await client.cluster.topic(topic, { autoCreate })).partitions.length
    } catch (error) {
      const mayCome = autoCreate && tries++ < CREATION_TRIES && isFault(error, 'UNKNOWN_TOPIC_OR_PARTITION')
      throw mayCome ? new BrokerFault(LEADER_NOT_AVAILABLE, `topic ${topic}`) : error
    }
  })
}

const LEADER_NOT_AVAILABLE = 5

async function producerId(client: Client): Promise<ProducerId> {
  const request = { transactionalId: null, transactionTimeoutMs: client.timeoutMs }
  const answer = await client.ask(InitProducerId, request, ({ errorCode }) =>
    check(errorCode, 'a producer id'),
  )
  return { id: answer.producerId, epoch: answer.producerEpoch }
}
