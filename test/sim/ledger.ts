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
  /** The log must not begin below this. */
  #startTold: Offset = 0
  /** Nor above this. */
  #startAsked: Offset = 0
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

  /** A batch was handed to `append`, which has patched it. Gives what to call with the answer. */
  sent(batch: RecordBatch): Sent {
    // An append that reuses offsets says that those before it will be refused: they count as gone from here on.
    this.#entries = this.#entries.filter(entry => {
      if (entry.base < batch.baseOffset) return true
      if (entry.told) this.#fail(`offset ${batch.baseOffset} is given again after it was acknowledged`)
      return false
    })
    if (batch.baseOffset !== this.next)
      this.#fail(`append gives offset ${batch.baseOffset} where ${this.next} comes next`)
    const entry: Entry = {
      base: batch.baseOffset,
      next: batch.lastOffset + 1,
      buffer: batch.buffer,
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

  /** What a reader of the running log got: all of it must be what was sent, and counts as told. */
  sawSlice(chunks: readonly Buffer[], from: Offset): void {
    let at = this.#entries.findIndex(entry => entry.next > from)
    for (const chunk of chunks)
      for (const batch of batchesOf(chunk)) {
        const entry = this.#entries[at++]
        if (entry === undefined || !entry.buffer.equals(batch.buffer))
          this.#fail(`a reader got a batch at ${batch.baseOffset} that is not the one at ${entry?.base}`)
        entry.told = true
      }
  }

  /**
   * The store was opened again: the log must hold all that was told, nothing that was not sent, in order. Nothing is
   * concluded from what a program sees that `isAlive` no longer calls alive.
   */
  async check(log: Log, isAlive: () => boolean): Promise<void> {
    const { start, end } = log
    if (start < this.#startTold || start > Math.max(this.#startAsked, this.#startTold))
      this.#fail(
        `start is ${start}, trims were acknowledged to ${this.#startTold}, asked to ${this.#startAsked}`,
      )
    const found = await everything(log)
    if (!isAlive()) return
    const expected = this.#entries.filter(entry => entry.next > start)
    for (const [at, batch] of found.entries()) {
      const entry = expected[at]
      if (entry === undefined) this.#fail(`batch ${batch.baseOffset} was never appended`)
      if (!entry.buffer.equals(batch.buffer)) this.#fail(difference(entry, batch))
    }
    const lost = expected.slice(found.length).find(entry => entry.told)
    if (lost !== undefined)
      this.#fail(`batch ${lost.base} was acknowledged and is lost; ${found.length} are there`)
    const last = expected[found.length - 1]
    if (last !== undefined && end !== last.next)
      this.#fail(`end is ${end}, the last batch ends at ${last.next}`)
    this.#settle(log, found.length === 0 ? undefined : last)
    this.#checkEpochs(log, found)
  }

  /** What is there now was seen, so it stays; what is not will never come. */
  #settle({ start, end }: Log, last: Entry | undefined): void {
    const gone = this.#entries.find(entry => entry.told && entry.base >= end)
    if (gone !== undefined) this.#fail(`end is ${end}, batch ${gone.base} was acknowledged`)
    if (last === undefined && end < start) this.#fail(`end ${end} is below start ${start}`)
    if (
      last === undefined &&
      end !== 0 &&
      !this.#entries.some(entry => entry.next === end) &&
      end !== this.#floor
    )
      this.#fail(`end is ${end}, where no batch ended`)
    this.#entries = this.#entries.filter(entry => entry.base < end && entry.next > this.#startTold)
    for (const entry of this.#entries) if (entry.next > start) entry.told = true
    this.#floor = end
    this.#startAsked = Math.max(this.#startTold, start)
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
    if (batches.length > 0 && batches.at(-1)?.lastOffset !== next - 1)
      throw new Violation(
        `${log.name}: read at ${at} says next is ${next} after ${batches.at(-1)?.lastOffset}`,
      )
    all.push(...batches)
    at = next
  }
  return all
}

function difference(entry: Entry, batch: RecordBatch): string {
  if (entry.base !== batch.baseOffset) return `batch ${batch.baseOffset} where ${entry.base} belongs`
  return `batch ${entry.base} is not what was appended (${batch.flaw() ?? 'its checksum is right'})`
}
