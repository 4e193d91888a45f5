// Publisher confirms of one channel (RabbitMQ's extension): messages are numbered from 1 on, and each number is confirmed
// once, when its message is as durable as all its queues keep it. What was stored in one flush is confirmed together:
// once for a run of numbers where everything before is confirmed too.

import type { Receipt } from '../../broker/queues/message.ts'

/** One number that waits, or a run of them that is confirmed. */
type State = 'waiting' | 'stored' | 'refused' | 'told'

export interface ConfirmSink {
  ack(tag: number, multiple: boolean): void
  nack(tag: number, multiple: boolean): void
  /** There is something to tell: call `tell` before the end of the turn. */
  wanted(): void
  /** Why a message was not stored. */
  refused(error: unknown): void
}

export class Confirms {
  readonly #sink: ConfirmSink
  /** States of the numbers from `#first` on. */
  #states: State[] = []
  #at = 0
  #first = 1
  #next = 1
  /** Numbers that were settled out of order and are not told yet. */
  #settled: number[] = []
  #closed = false

  constructor(sink: ConfirmSink) {
    this.#sink = sink
  }

  /** Messages that are not confirmed. */
  get waiting(): number {
    return this.#next - this.#first
  }

  /** The next number's receipt. */
  receipt(): Receipt {
    const tag = this.#next++
    this.#states.push('waiting')
    return new Confirm(this, tag)
  }

  settle(tag: number, error: unknown): void {
    if (this.#closed) return
    const at = this.#at + tag - this.#first
    if (this.#states[at] !== 'waiting') return
    this.#states[at] = error === undefined ? 'stored' : 'refused'
    if (error !== undefined) this.#sink.refused(error)
    if (this.#settled.length === 0) this.#sink.wanted()
    this.#settled.push(tag)
  }

  /** Confirms what was settled since the last time. */
  tell(): void {
    if (this.#closed) return
    this.#tellFromFirst()
    for (const tag of this.#settled) {
      const at = this.#at + tag - this.#first
      const state = tag < this.#first ? 'told' : this.#states[at]
      if (state === 'stored') this.#sink.ack(tag, false)
      else if (state === 'refused') this.#sink.nack(tag, false)
      else continue
      this.#states[at] = 'told'
    }
    this.#settled = []
  }

  /** Nobody is told any more. */
  close(): void {
    this.#closed = true
  }

  /** The numbers from the first on, as far as they are settled: runs of one outcome at once. */
  #tellFromFirst(): void {
    while (this.#first < this.#next) {
      const state = this.#states[this.#at]
      if (state === undefined || state === 'waiting') break
      let last = this.#first
      while (last + 1 < this.#next && this.#states[this.#at + last + 1 - this.#first] === state) last++
      const isRun = last > this.#first
      if (state === 'stored') this.#sink.ack(last, isRun)
      else if (state === 'refused') this.#sink.nack(last, isRun)
      this.#pass(last)
    }
  }

  #pass(last: number): void {
    this.#at += last + 1 - this.#first
    this.#first = last + 1
    if (this.#at < 1024 || this.#at * 2 < this.#states.length) return
    this.#states = this.#states.slice(this.#at)
    this.#at = 0
  }
}

class Confirm implements Receipt {
  readonly #confirms: Confirms
  readonly #tag: number

  constructor(confirms: Confirms, tag: number) {
    this.#confirms = confirms
    this.#tag = tag
  }

  done(error?: unknown): void {
    this.#confirms.settle(this.#tag, error)
  }
}
