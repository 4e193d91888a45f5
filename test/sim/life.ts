// One life of a store: what a broker does to it between an opening and an end. Nothing waits for an append before the
// next thing is tried, except now and then; answers count only while the program is alive.

import { LogError, type LogErrorCode } from '../../src/log/errors.ts'
import type { Log, LogStore } from '../../src/log/log.ts'
import { batchesOf, RecordBatch } from '../../src/log/record/batch.ts'
import type { Dice, SimDisk } from '../../src/sim/disk/index.ts'
import type { ManualWorld } from '../../src/world/manual.ts'
import { makeBatch } from './batches.ts'
import { type Ledger, type Sent, Violation } from './ledger.ts'
import type { Ledgers } from './ledgers.ts'

/** Names are few, so that logs are deleted and made anew. */
const NAMES = 5
/** Bytes on their way before somebody waits. */
const PENDING_BYTES_MAX = 1 << 20

/** LOG_OFFSET_OUT_OF_RANGE: a rewrite whose segment was trimmed away meanwhile. */
const expected: readonly LogErrorCode[] = ['LOG_DISK_FULL', 'LOG_DELETED', 'LOG_OFFSET_OUT_OF_RANGE']

export interface Scene {
  readonly store: LogStore
  readonly disk: SimDisk
  readonly world: ManualWorld
  readonly dice: Dice
  readonly ledgers: Ledgers
  /** Logs are deleted, too. */
  readonly deletes: boolean
}

export class Life {
  readonly #store: LogStore
  readonly #disk: SimDisk
  readonly #world: ManualWorld
  readonly #dice: Dice
  readonly #ledgers: Ledgers
  readonly #deletes: boolean
  readonly #large: boolean
  readonly #pending = new Set<Promise<void>>()
  readonly #busy = new Set<string>()
  #pendingBytes = 0
  #refusals = 0
  #rewriting = false
  /** What an answer revealed; thrown by whoever works next. */
  #violation: Violation | undefined

  constructor({ store, disk, world, dice, ledgers, deletes }: Scene) {
    this.#store = store
    this.#disk = disk
    this.#world = world
    this.#dice = dice
    this.#ledgers = ledgers
    this.#deletes = deletes
    this.#large = dice.chance(0.15)
  }

  /** That many random things. */
  async work(count: number): Promise<void> {
    for (let at = 0; at < count; at++) {
      await this.#something()
      if (this.#violation) throw this.#violation
      if (!this.#alive) return
      if (this.#pendingBytes > PENDING_BYTES_MAX) await this.quiet()
    }
  }

  /** Waits for all answers. */
  async quiet(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
    if (this.#violation) throw this.#violation
  }

  /** The store has failed: an append is refused with this code. */
  async mustRefuse(code: LogErrorCode): Promise<void> {
    const log = await this.#store.open(this.#anyName()).catch(refusedWith(code))
    if (log === undefined) return
    const answer = await log.append(makeBatch(this.#dice)).catch(refusedWith(code))
    if (answer !== undefined) throw new Violation(`append is acknowledged where ${code} is due`)
  }

  /** There is room again: appends work again, at the latest after some time. */
  async mustAcceptAgain(): Promise<void> {
    for (let attempt = 0; attempt < 30; attempt++) {
      const name = this.#anyName()
      if (this.#busy.has(name)) continue
      const before = this.#refusals
      await this.#open(name, log => this.#append(log, this.#ledgers.opened(name)))
      await this.quiet()
      if (this.#refusals === before) return
      this.#world.advance('1s')
      await rounds(2)
    }
    throw new Violation('there is room again, and appends are still refused')
  }

  async #something(): Promise<void> {
    const luck = this.#dice.roll()
    const name = this.#anyName()
    if (this.#busy.has(name)) return
    if (luck < 0.55) await this.#open(name, (log, ledger) => this.#burst(log, ledger))
    else if (luck < 0.7) await this.#open(name, (log, ledger) => this.#read(log, ledger))
    else if (luck < 0.76) await this.#open(name, (log, ledger) => this.#trim(log, ledger))
    else if (luck < 0.79) await this.#open(name, log => this.#later(log.roll()))
    else if (luck < 0.82) await this.#open(name, (log, ledger) => this.#rewrite(log, ledger))
    else if (luck < 0.84) this.#deletes && this.#delete(name)
    else if (luck < 0.9) this.#world.advance(this.#dice.pick(['1ms', '10ms', '1s', '1m'] as const))
    else if (luck < 0.95) await this.quiet()
    else await rounds(this.#dice.between(1, 5))
  }

  #anyName(): string {
    return `log ${this.#dice.below(NAMES)}`
  }

  async #open(name: string, use: (log: Log, ledger: Ledger) => void | Promise<void>): Promise<void> {
    const ledger = this.#ledgers.opened(name)
    const log = await this.#store.open(name, { segmentBytes: 16 * 1024 }).catch(error => this.#refused(error))
    if (log === undefined) return
    try {
      await use(log, ledger)
    } catch (error) {
      if (!this.#isReadError(error)) throw error
    }
  }

  #burst(log: Log, ledger: Ledger): void {
    const count = this.#dice.chance(0.2) ? this.#dice.between(2, 12) : 1
    for (let at = 0; at < count; at++) this.#append(log, ledger)
  }

  #append(log: Log, ledger: Ledger): void {
    if (!this.#alive) return
    const batch = makeBatch(this.#dice, this.#large)
    const answer = log.append(batch)
    const sent = this.#sent(batch, ledger)
    this.#pendingBytes += batch.bytes
    this.#later(
      answer.then(
        base => {
          if (!this.#alive) return
          if (log.end <= base) throw new Violation(`${log.name}: ${base} is acknowledged, end is ${log.end}`)
          sent?.told(base)
        },
        error => {
          if (this.#alive && error instanceof LogError && error.code === 'LOG_DISK_FULL') sent?.refused()
          this.#refused(error)
        },
      ),
    )
    void answer.catch(() => {}).then(() => (this.#pendingBytes -= batch.bytes))
  }

  /** Undefined when the append was refused at once, which leaves the offset of -1 that the batch was made with. */
  #sent(batch: RecordBatch, ledger: Ledger): Sent | undefined {
    try {
      return batch.baseOffset < 0 ? undefined : ledger.sent(batch)
    } catch (error) {
      if (this.#alive && error instanceof Violation) this.#violation ??= error
      return undefined
    }
  }

  async #read(log: Log, ledger: Ledger): Promise<void> {
    const { start, end } = log
    const from = this.#dice.between(start, end)
    const slice = await log.read(from, this.#dice.pick([1, 5000, 1 << 20]))
    if (!this.#alive) return
    if (slice.next > log.end) throw new Violation(`${log.name}: read to ${slice.next}, beyond end ${log.end}`)
    if (from < end && slice.next <= from)
      throw new Violation(`${log.name}: read at ${from} gives nothing, end ${end}`)
    ledger.sawSlice(slice.chunks, from)
  }

  #trim(log: Log, ledger: Ledger): void {
    const before = this.#dice.between(log.start, log.end)
    const told = ledger.trimAsked(before)
    this.#later(log.trim(before).then(() => this.#alive && told()))
  }

  /** Leaves out some batches of a sealed segment. */
  async #rewrite(log: Log, ledger: Ledger): Promise<void> {
    const sealed = log.segments.filter(one => one.sealed && one.end > one.base)
    if (sealed.length === 0 || this.#rewriting) return
    const { base, end } = this.#dice.pick(sealed)
    const kept: RecordBatch[] = []
    for (let at = Math.max(base, log.start); at < end; ) {
      const slice = await log.read(at, 1 << 20)
      for (const chunk of slice.chunks)
        for (const batch of batchesOf(chunk))
          if (batch.baseOffset < end && this.#dice.chance(0.5))
            kept.push(new RecordBatch(Buffer.from(batch.buffer)))
      at = slice.next
    }
    if (!this.#alive) return
    this.#rewriting = true
    const { done, refused } = ledger.rewriteAsked(base, end, new Set(kept.map(batch => batch.baseOffset)))
    const answer = log.rewrite(base, slowly(kept)).then(
      () => this.#alive && done(),
      error => {
        if (error instanceof LogError && error.code === 'LOG_DISK_FULL' && this.#alive) refused()
        return this.#refused(error)
      },
    )
    this.#later(answer.finally(() => (this.#rewriting = false)))
  }

  #delete(name: string): void {
    const ledger = this.#ledgers.opened(name)
    ledger.deleting = true
    this.#busy.add(name)
    const told = this.#store.delete(name).then(() => this.#alive && this.#ledgers.deleted(name))
    this.#later(told.finally(() => this.#busy.delete(name)))
  }

  get #alive(): boolean {
    return this.#disk.ending === 'running'
  }

  #later(answer: Promise<unknown>): void {
    const settled = answer
      .catch(error => this.#refused(error))
      .catch(error => {
        if (this.#alive && error instanceof Violation) this.#violation ??= error
      })
      .then(() => {
        this.#pending.delete(settled)
      })
    this.#pending.add(settled)
  }

  /** A store gives up only when a flush failed. */
  #isExpected(code: LogErrorCode): boolean {
    return expected.includes(code) || (code === 'LOG_STORE_FAILED' && this.#disk.failedSyncs > 0)
  }

  #isReadError(error: unknown): boolean {
    const isError = error instanceof Error && 'code' in error && error.code === 'EIO'
    return isError && (this.#disk.faults.readError ?? 0) > 0
  }

  /** Errors that this disk may lead to are fine; anything else is not. */
  #refused(error: unknown): undefined {
    if (error instanceof Violation || !this.#alive) throw error
    this.#refusals++
    if (error instanceof LogError && this.#isExpected(error.code)) return undefined
    if (this.#isReadError(error)) return undefined
    throw new Violation(`unexpected ${(error as Error)?.stack ?? error}`)
  }
}

/** Batches that come one a turn. */
async function* slowly(batches: readonly RecordBatch[]): AsyncGenerator<RecordBatch> {
  for (const batch of batches) {
    await undefined
    yield batch
  }
}

/** Swallows a LogError of this code. */
export function refusedWith(code: LogErrorCode): (error: unknown) => undefined {
  return error => {
    if (error instanceof LogError && error.code === code) return undefined
    throw new Violation(`${code} is due, not ${error}`)
  }
}

/** Lets everything that is ready happen, that many times. */
export async function rounds(count: number): Promise<undefined> {
  for (let at = 0; at < count; at++) await new Promise<void>(resolve => setImmediate(resolve))
  return undefined
}
