// A load of AMQP clients (amqplib): publishers with confirms, consumers that acknowledge, some that reject into a dead
// letter queue. After a crash:
//
//   a confirmed message was delivered and acknowledged, or is in its queue, or among the dead letters
//   an acknowledged one does not come again, once its acknowledgement was flushed. Acknowledgements have no answer, and
//   one that waits for the write of earlier ones is written after it: it counts as flushed when the broker has read it
//   and then, one after the other, two rounds of messages were published and confirmed
//   a rejected one whose rejection was flushed is among the dead letters, or there twice, never nowhere
//   queues, exchanges and bindings are there

import amqplib, { type ChannelModel, type ConfirmChannel } from 'amqplib'
import type { Luck } from './luck.ts'
import type { Violations } from './violations.ts'

const PREFETCH = 50
/** Messages that are under way at most, so that a run stays small. */
const UNCONFIRMED_MAX = 60
/** What a message weighs, now and then. */
const LARGE_BYTES = 4000
const REJECTED = 0.1

/** What is known of one message. */
interface Fate {
  confirmed: boolean
  settled: 'no' | 'acked' | 'rejected'
  /** Rounds that were confirmed since the broker read the settlement. */
  rounds: number
}

/** Rounds after which a settlement is on the disk. */
const FLUSHED_ROUNDS = 2

export class AmqpLoad {
  readonly #exchange: string
  readonly #queue: string
  readonly #dead: string
  readonly #luck: Luck
  readonly #fates = new Map<number, Fate>()
  #declared = false
  #channel: ConfirmChannel | undefined
  #confirmed = 0
  #next = 0

  constructor(name: string, luck: Luck) {
    this.#exchange = `${name}-exchange`
    this.#queue = `${name}-queue`
    this.#dead = `${name}-dead`
    this.#luck = luck
  }

  /** Messages that were confirmed, in the lives that were looked at. */
  get acked(): number {
    return this.#confirmed
  }

  /** Publishes and consumes until the broker is gone; `verify` came before. */
  async load(gone: Promise<void>): Promise<void> {
    let isGone = false
    const over = gone.then(() => {
      isGone = true
    })
    try {
      while (!isGone && this.#channel !== undefined) await this.#publishSome(this.#channel, over)
    } catch {
      // the broker is gone, sooner than was thought
    }
    await over
  }

  /**
   * Holds what is stored against what was promised, and settles it, so that the next life begins anew: with a connection for
   * publishing and consuming, so that what comes after a settlement is read after it.
   */
  async verify(port: number, violations: Violations): Promise<void> {
    const connection = await amqplib.connect(`amqp://guest:guest@127.0.0.1:${port}`)
    connection.on('error', () => {})
    const channel = await connection.createConfirmChannel()
    channel.on('error', () => {})
    this.#channel = channel
    try {
      if (this.#declared) await this.#look(channel, violations)
      await this.#declare(channel)
      await this.#consume(connection)
    } catch (error) {
      violations.add(`${this.#queue}: ${error instanceof Error ? error.message : error}`)
    }
  }

  async #look(channel: ConfirmChannel, violations: Violations): Promise<void> {
    await channel.checkExchange(this.#exchange)
    const ready = new Set(await drained(channel, this.#queue))
    const dead = new Set(await drained(channel, this.#dead))
    for (const [id, fate] of this.#fates) {
      if (fate.confirmed) this.#confirmed++
      this.#judge(id, fate, ready.has(id), dead.has(id), violations)
    }
    this.#fates.clear()
    channel.publish(this.#exchange, 'load.probe', body(-1, 0))
    const probe = await drained(channel, this.#queue)
    if (probe.length !== 1) violations.add(`${this.#queue}: its binding is gone (${probe.length} messages)`)
  }

  #judge(
    id: number,
    { confirmed, settled, rounds }: Fate,
    isReady: boolean,
    isDead: boolean,
    violations: Violations,
  ): void {
    const where = `${this.#queue} message ${id}`
    if (settled === 'no' && confirmed && !isReady) violations.add(`${where}: confirmed, and not there`)
    if (settled === 'acked' && rounds >= FLUSHED_ROUNDS && isReady)
      violations.add(`${where}: acknowledged and flushed, and there again`)
    if (settled === 'rejected' && !isReady && !isDead)
      violations.add(`${where}: rejected, and neither in its queue nor among the dead letters`)
    if (settled !== 'rejected' && isDead) violations.add(`${where}: among the dead letters, and not rejected`)
  }

  async #declare(channel: ConfirmChannel): Promise<void> {
    await channel.assertExchange(this.#exchange, 'topic', { durable: true })
    await channel.assertQueue(this.#dead, { durable: true })
    await channel.assertQueue(this.#queue, {
      durable: true,
      deadLetterExchange: '',
      deadLetterRoutingKey: this.#dead,
    })
    await channel.bindQueue(this.#queue, this.#exchange, 'load.#')
    this.#declared = true
  }

  async #consume(connection: ChannelModel): Promise<void> {
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    await channel.prefetch(PREFETCH)
    await channel.consume(this.#queue, message => {
      if (message === null) return
      const fate = this.#fates.get(idOf(message.content))
      if (fate === undefined) {
        channel.ack(message) // of the life before: the check has taken it, which need not be on the disk
        return
      }
      if (fate.settled === 'no') fate.settled = this.#luck.chance(REJECTED) ? 'rejected' : 'acked'
      if (fate.settled === 'rejected') channel.reject(message, false)
      else channel.ack(message)
    })
  }

  async #publishSome(channel: ConfirmChannel, over: Promise<void>): Promise<void> {
    const isCounted = ({ settled, rounds }: Fate) => settled !== 'no' && rounds < FLUSHED_ROUNDS
    const settled = [...this.#fates.values()].filter(isCounted)
    await new Promise(resolve => setTimeout(resolve, this.#luck.whole(0, 5)))
    await Promise.race([over, channel.checkExchange(this.#exchange)])
    const count = this.#luck.whole(1, UNCONFIRMED_MAX)
    for (let n = 0; n < count; n++) this.#publish(channel)
    const confirmed = channel.waitForConfirms().then(
      () => true,
      () => false,
    )
    if ((await Promise.race([confirmed, over])) !== true) return
    for (const fate of settled) fate.rounds++
  }

  #publish(channel: ConfirmChannel): void {
    const id = this.#next++
    const fate: Fate = { confirmed: false, settled: 'no', rounds: 0 }
    this.#fates.set(id, fate)
    const size = this.#luck.chance(0.1) ? LARGE_BYTES : 20
    channel.publish(this.#exchange, 'load.x', body(id, size), { persistent: true }, error => {
      if (error === null || error === undefined) fate.confirmed = true
    })
  }
}

/** Ids of everything in the queue, which is taken. */
async function drained(
  channel: Awaited<ReturnType<ChannelModel['createChannel']>>,
  queue: string,
): Promise<number[]> {
  const ids: number[] = []
  for (;;) {
    const message = await channel.get(queue, { noAck: true })
    if (message === false) return ids
    ids.push(idOf(message.content))
  }
}

function body(id: number, padding: number): Buffer {
  return Buffer.from(`${id}|${'.'.repeat(padding)}`)
}

function idOf(content: Buffer): number {
  return Number(content.toString('latin1', 0, content.indexOf('|')))
}
