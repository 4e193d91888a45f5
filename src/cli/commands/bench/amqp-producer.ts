// One producer of a measurement: as fast as the confirm window or the connection lets it, or at a fixed rate. What is sent
// in a turn is one write, and nothing is allocated for a single message.

import { setImmediate as turn } from 'node:timers/promises'
import { BasicQos, BasicQosOk, ConfirmSelect, ConfirmSelectOk } from '../../../heads/amqp091/wire/index.ts'
import type { World } from '../../../world/index.ts'
import type { Channel } from '../../amqp/channel.ts'
import { CommandError } from '../../exit.ts'
import type { MessageBlock } from './amqp-messages.ts'
import type { Histogram } from './histogram.ts'

export interface ProducerOptions {
  readonly channel: Channel
  readonly block: MessageBlock
  readonly world: World
  /** Messages that may be out without a confirm; 0 for no confirms. */
  readonly window: number
  /** Messages in all; Infinity for as many as there is time for. */
  readonly count: number
  /** Messages a second; undefined for as many as possible. */
  readonly rate: number | undefined
  /** Until the confirm, in ms. */
  readonly latencies: () => Histogram
  readonly onSent: (count: number) => void
}

/** Messages that are made before the event loop gets its turn. */
const BURST = 1024
/**
 * Without confirms a broker is asked for an answer after so many messages, and so many answers may be out: otherwise
 * what is counted as sent, seconds of it, lies in the buffers of the system.
 */
const CHECK_MESSAGES = 8192
const CHECKS_MAX = 2
const TICK_MS = 1

export class Producer {
  readonly #options: ProducerOptions
  readonly #confirms: boolean
  /** When the message of a tag was due, at tag modulo the ring's length. */
  readonly #due: Float64Array
  readonly #isConfirmed: Uint8Array
  readonly #mask: number
  #sent = 0
  /** All tags up to here are confirmed. */
  #low = 0
  #confirmed = 0
  #began = 0
  #isRunning = false
  /** Messages since the last question, and questions without an answer. */
  #unchecked = 0
  #checks = 0
  #isWaiting = false
  #refused = 0

  constructor(options: ProducerOptions) {
    this.#options = options
    const { window, channel } = options
    this.#confirms = window > 0
    const ring = 2 ** Math.ceil(Math.log2(Math.max(2, window + 1)))
    this.#due = new Float64Array(ring)
    this.#isConfirmed = new Uint8Array(ring)
    this.#mask = ring - 1
    if (!this.#confirms) return
    channel.receiver = {
      ...channel.receiver,
      confirmed: (tag, multiple, isStored) => this.#onConfirm(tag, multiple, isStored),
      turn: () => this.#pump(),
    }
  }

  get isDone(): boolean {
    return this.#sent >= this.#options.count && (!this.#confirms || this.#confirmed >= this.#sent)
  }
  /** Messages that the broker refused. */
  get refused(): number {
    return this.#refused
  }

  /** Makes the channel ready. Errors: AmqpFault. */
  async open(): Promise<void> {
    if (this.#confirms) await this.#options.channel.call(ConfirmSelect, {}, ConfirmSelectOk)
  }

  /** Sends until all is sent, or until it is stopped. Errors: whatever ended the connection. */
  async run(): Promise<void> {
    const { world, rate, channel, count } = this.#options
    this.#began = world.monotonic()
    this.#isRunning = true
    while (this.#isRunning && this.#sent < count) {
      if (channel.ended !== undefined) throw channel.ended
      this.#pump()
      await channel.connection.drained
      if (rate !== undefined || this.#confirms) await tick(world)
      else await turn()
    }
  }

  stop(): void {
    this.#isRunning = false
  }

  /** Resolves when the broker has taken everything that was sent. */
  async barrier(): Promise<void> {
    // An answer on the same channel comes behind all messages.
    await this.#options.channel.call(BasicQos, { prefetchSize: 0, prefetchCount: 0 }, BasicQosOk)
  }

  /** Sends what may be sent now. */
  #pump(): void {
    const { channel, block, window, count, rate, world, onSent } = this.#options
    const { drained } = channel.connection
    if (!this.#isRunning) return
    if (drained !== undefined) {
      this.#pumpWhen(drained)
      return
    }
    const now = world.monotonic()
    let some = Math.min(BURST, count - this.#sent)
    if (this.#confirms) some = Math.min(some, window - (this.#sent - this.#confirmed))
    if (rate !== undefined)
      some = Math.min(some, Math.floor(((now - this.#began) / 1000) * rate) - this.#sent)
    else if (!this.#confirms && this.#checks >= CHECKS_MAX) return
    if (some <= 0 || channel.ended !== undefined) return
    const first = this.#sent
    const dueAt = rate === undefined ? () => now : (n: number) => this.#began + ((first + n) / rate) * 1000
    channel.connection.frames(block.take(some, dueAt))
    if (this.#confirms)
      for (let n = 0; n < some; n++) {
        const at = (first + n + 1) & this.#mask
        this.#due[at] = dueAt(n)
        this.#isConfirmed[at] = 0
      }
    this.#sent += some
    onSent(some)
    if (this.#confirms) return
    this.#unchecked += some
    if (this.#unchecked >= CHECK_MESSAGES) this.#check()
  }

  #check(): void {
    this.#unchecked = 0
    this.#checks++
    this.barrier().then(
      () => {
        this.#checks--
      },
      () => {}, // `run` finds why the channel ended
    )
  }

  #pumpWhen(drained: Promise<void>): void {
    if (this.#isWaiting) return
    this.#isWaiting = true
    void drained.then(() => {
      this.#isWaiting = false
      this.#pump()
    })
  }

  #onConfirm(tag: number, multiple: boolean, isStored: boolean): void {
    if (!isStored) this.#refused += multiple ? tag - this.#low : 1
    if (tag > this.#sent)
      throw new CommandError('unreachable', `the broker confirmed message ${tag}, which was not sent`)
    const now = this.#options.world.monotonic()
    const latencies = this.#options.latencies()
    if (!multiple) this.#settle(tag, now, latencies)
    else for (let one = this.#low + 1; one <= tag; one++) this.#settle(one, now, latencies)
    while (this.#low < this.#sent && this.#isConfirmed[(this.#low + 1) & this.#mask] === 1) this.#low++
  }

  #settle(tag: number, now: number, latencies: Histogram): void {
    const at = tag & this.#mask
    if (tag <= this.#low || this.#isConfirmed[at] === 1) return
    this.#isConfirmed[at] = 1
    this.#confirmed++
    latencies.add(now - (this.#due[at] ?? now))
  }
}

function tick(world: World): Promise<void> {
  return new Promise(resolve => world.after(TICK_MS, resolve))
}
