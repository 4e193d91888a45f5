// What a log must hold, kept beside it: every batch that was handed in, whether somebody was told that it is durable,
// and what trims and deletes were asked for. Three states suffice: told (must be there), unknown (may be there), and
// refused (must not be there). Whoever read a batch was told, too.

import type { Log, Offset } from '../../src/log/log.ts'
import { batchesOf, type RecordBatch } from '../../src/log/record/batch.ts'

interface Entry {
  readonly base: Offset
  readonly next: Offset
  /** The bytes handed in, with offset and epoch patched. */
  readonly buffer: Buffer
  told: boolean
  /** It was there when the store was opened, which makes everything durable. */
  kept?: true
  /** The rewrite that leaves it out. */
  dropped?: Rewrite
}

/** A segment is written anew without some of its batches. Until that is acknowledged, it happened wholly or not. */
export interface Rewrite {
  done: boolean
  /** It was found done when the store was opened. */
  kept?: true
}

/** What to call with the answer to an append. */
export interface Sent {
  told(base: Offset): void
  refused(): void
}

/** What must not be: the text says what was expected and what was found. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

export class Ledger {
  readonly name: string
  /** A delete was asked for, and nobody knows whether it happened. */
  deleting = false
  #entries: Entry[] = []
  /** Unanswered batches whose offsets were given to others. */
  #displaced: Entry[] = []
  /** The log must not begin below this. */
  #startTold: Offset = 0
  /** Nor above this. */
  #startAsked: Offset = 0
  /** Where it began when it was last opened. */
  #startKept: Offset = 0
  /** Where the log ended when it was last opened. */
  #floor: Offset = 0

  constructor(name: string) {
    this.name = name
  }

  /** Where the next batch belongs. */
  get next(): Offset {
    return this.#entries.at(-1)?.next ?? this.#floor
  }

  /** Batches that somebody was told of. */
  get toldCount(): number {
    return this.#entries.filter(entry => entry.told).length
  }

  /** Power was lost under a store that acknowledges before it flushes: what came after the opening may be gone. */
  forgive(): void {
    for (const entry of this.#entries) {
      entry.told &&= entry.kept === true
      if (entry.dropped !== undefined) entry.dropped.done &&= entry.dropped.kept === true
    }
    this.#startTold = this.#startKept
  }

  /** A batch was handed to `append`, which has patched it. Gives what to call with the answer. */
  sent(batch: RecordBatch): Sent {
    // An append that reuses offsets says that those before it are being refused. Unless the answer is that nothing
    // was written, either of the two may be found.
    while ((this.#entries.at(-1)?.base ?? -1) >= batch.baseOffset) {
      const entry = this.#entries.pop()
      if (entry?.told) this.#fail(`offset ${batch.baseOffset} is given again after it was acknowledged`)
      if (entry !== undefined) this.#displaced.push(entry)
    }
    if (batch.baseOffset !== this.next)
      this.#fail(`append gives offset ${batch.baseOffset} where ${this.next} comes next`)
    const entry: Entry = {
      base: batch.baseOffset,
      next: batch.lastOffset + 1,
      buffer: Buffer.from(batch.buffer),
      told: false,
    }
    this.#entries.push(entry)
    return {
      told: base => {
        if (base !== entry.base) this.#fail(`append resolves with ${base}, the batch says ${entry.base}`)
        if (!this.#entries.includes(entry))
          this.#fail(`batch ${base} is acknowledged, its offset went to another`)
        const before = this.#entries.find(one => !one.told)
        if (before !== entry && before !== undefined && before.base < base)
          this.#fail(`batch ${base} is acknowledged before batch ${before.base}`)
        entry.told = true
      },
      refused: () => {
        this.#entries = this.#entries.filter(one => one !== entry)
        this.#displaced = this.#displaced.filter(one => one !== entry)
      },
    }
  }

  /** `trim` was called. Gives what to call when it resolved. */
  trimAsked(before: Offset): () => void {
    this.#startAsked = Math.max(this.#startAsked, before)
    return () => {
      this.#startTold = Math.max(this.#startTold, before)
    }
  }

  /** `rewrite` of [from, to) was called with the batches at these offsets. Gives what to call when it resolved or not. */
  rewriteAsked(from: Offset, to: Offset, kept: ReadonlySet<Offset>): { done(): void; refused(): void } {
    const rewrite: Rewrite = { done: false }
    const dropped = this.#entries.filter(
      ({ base, dropped }) => base >= from && base < to && !kept.has(base) && dropped === undefined,
    )
    for (const entry of dropped) entry.dropped = rewrite
    return {
      done: () => {
        rewrite.done = true
      },
      refused: () => {
        for (const entry of dropped) delete entry.dropped
      },
    }
  }

  /** What a reader of the running log got: all of it must be what was sent, and counts as told. */
  sawSlice(chunks: readonly Buffer[], from: Offset): void {
    let at = this.#entries.findIndex(entry => entry.next > from)
    for (const chunk of chunks)
      for (const batch of batchesOf(chunk)) {
        while (this.#entries[at]?.dropped !== undefined && this.#entries[at]?.base !== batch.baseOffset) at++
        const entry = this.#entries[at++]
        if (entry === undefined || !entry.buffer.equals(batch.buffer))
          this.#fail(`a reader got a batch at ${batch.baseOffset} that is not the one at ${entry?.base}`)
        if (entry.dropped?.done)
          this.#fail(`a reader got the batch at ${entry.base}, which a rewrite left out`)
        entry.told = true
      }
  }

  /**
   * The store was opened again: the log must hold all that was told, nothing that was not sent, in order. Nothing is
   * concluded from what a program sees that `isAlive` no longer calls alive.
   */
  async check(log: Log, isAlive: () => boolean): Promise<void> {
    const { start } = log
    if (start < this.#startTold || start > Math.max(this.#startAsked, this.#startTold))
      this.#fail(
        `start is ${start}, trims were acknowledged to ${this.#startTold}, asked to ${this.#startAsked}`,
      )
    const found = await everything(log)
    if (!isAlive()) return
    const there = new Set<Entry>()
    for (const batch of found) there.add(this.#matching(batch))
    this.#mustBeOrdered([...there])
    this.#mustBeComplete(log, there)
    this.#settle(log, there)
    this.#checkEpochs(log, found)
  }

  #matching(batch: RecordBatch): Entry {
    const sameBase = (entry: Entry) => entry.base === batch.baseOffset
    const candidates = [...this.#entries.filter(sameBase), ...this.#displaced.filter(sameBase)]
    const entry = candidates.find(one => one.buffer.equals(batch.buffer))
    if (entry !== undefined) return entry
    const flaw = batch.flaw() ?? 'its checksum is right'
    return this.#fail(
      candidates.length === 0
        ? `batch ${batch.baseOffset} was never appended, or was refused (${flaw})`
        : `batch ${batch.baseOffset} is not what was appended (${flaw})`,
    )
  }

  #mustBeOrdered(there: readonly Entry[]): void {
    for (const [at, entry] of there.entries())
      if (entry.base < (there[at - 1]?.next ?? 0))
        this.#fail(`batch ${entry.base} comes after ${there[at - 1]?.base}`)
  }

  /** From `start` on one batch follows the other up to `end`, but for those that a rewrite left out. */
  #mustBeComplete({ start, end }: Log, there: ReadonlySet<Entry>): void {
    const substitutes = [...there].filter(entry => !this.#entries.includes(entry))
    const cut = substitutes[0]?.base ?? Number.POSITIVE_INFINITY
    this.#entries = [...this.#entries.filter(entry => entry.base < cut || entry.told), ...substitutes]
    let next = start
    for (const entry of this.#entries) {
      if (entry.next <= start || entry.base >= end) continue
      if (entry.base > next) this.#fail(`between ${next} and ${entry.base} is nothing`)
      this.#mustBeKept(entry, there)
      next = entry.next
    }
    if (next !== end) this.#fail(`end is ${end}, the batches end at ${next}`)
    const lost = this.#entries.find(entry => entry.told && entry.next > Math.max(start, end))
    if (lost !== undefined) this.#fail(`batch ${lost.base} was acknowledged and is lost, end is ${end}`)
  }

  #mustBeKept(entry: Entry, there: ReadonlySet<Entry>): void {
    const { dropped } = entry
    if (there.has(entry)) {
      if (dropped?.done) this.#fail(`batch ${entry.base} is back, which a rewrite left out`)
      if (dropped !== undefined) delete entry.dropped
      return
    }
    if (dropped === undefined)
      this.#fail(
        `batch ${entry.base} is lost, of a log to ${this.next}${entry.told ? ', and was acknowledged' : ''}`,
      )
    dropped.done = true
  }

  /** What is there now was seen, so it stays; what is not will never come. */
  #settle({ start, end }: Log, there: ReadonlySet<Entry>): void {
    this.#startAsked = this.#startTold = this.#startKept = start
    for (const entry of there) entry.kept = entry.told = true
    for (const entry of this.#entries)
      if (entry.dropped?.done) entry.dropped.kept = entry.kept = entry.told = true
    this.#entries = this.#entries.filter(entry => entry.base < end && entry.next > this.#startTold)
    this.#displaced = []
    this.#floor = end
  }

  #checkEpochs(log: Log, found: readonly RecordBatch[]): void {
    const table = log.epochs
    for (const batch of found) {
      const at = Math.max(batch.baseOffset, log.start)
      const entry = table.findLast(one => one.start <= at)
      if (entry?.epoch !== batch.leaderEpoch)
        this.#fail(`batch ${batch.baseOffset} has epoch ${batch.leaderEpoch}, the table says ${entry?.epoch}`)
    }
  }

  #fail(what: string): never {
    throw new Violation(`${this.name}: ${what}`)
  }
}

async function everything(log: Log): Promise<RecordBatch[]> {
  const all: RecordBatch[] = []
  for (let at = log.start; at < log.end; ) {
    const { chunks, next, start } = await log.read(at, 64 * 1024)
    const batches = chunks.flatMap(chunk => [...batchesOf(chunk)])
    if (next <= at) throw new Violation(`${log.name}: read at ${at} does not get on: next is ${next}`)
    if (batches[0]?.baseOffset !== start && batches.length > 0)
      throw new Violation(
        `${log.name}: read at ${at} says it starts at ${start}, not ${batches[0]?.baseOffset}`,
      )
    if (batches.length > 0 && (batches.at(-1)?.lastOffset ?? next) >= next)
      throw new Violation(
        `${log.name}: read at ${at} says next is ${next} after ${batches.at(-1)?.lastOffset}`,
      )
    all.push(...batches)
    at = next
  }
  return all
}
