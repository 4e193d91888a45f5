// The batches of a fetched piece of a partition that its reader may see: whole ones, from the asked offset on, without
// control batches and without those of aborted transactions (KIP-98, "Consumer").

import { BATCH_HEADER_BYTES, batchBytesAt, RecordBatch } from '../../log/index.ts'
import { CommandError } from '../exit.ts'

/** A transaction that was aborted: batches of this producer are hidden from `firstOffset` to its marker. */
export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

const MAGIC_AT = 16
const MAGIC = 2

/**
 * Whole batches in order, each checked; what is cut off at the end is left out. Throws CommandError when a batch is
 * damaged or of a format before Kafka 0.11.
 */
export function* wholeBatches(records: Buffer, where: string): Generator<RecordBatch> {
  for (let at = 0; ; ) {
    const bytes = batchBytesAt(records, at)
    if (bytes === undefined || at + Math.max(bytes, MAGIC_AT + 1) > records.length) return
    if (records[at + MAGIC_AT] !== MAGIC)
      throw new CommandError(
        'notFound',
        `${where} holds records of format ${records[at + MAGIC_AT]}, not ${MAGIC}`,
      )
    const batch = new RecordBatch(records.subarray(at, at + Math.max(bytes, BATCH_HEADER_BYTES)))
    const flaw = batch.flaw()
    if (flaw !== undefined) throw new CommandError('notFound', `${where} holds a damaged batch: ${flaw}`)
    yield batch
    at += bytes
  }
}

/** Whether each batch, given in the order of offsets, may be seen. */
export class Visibility {
  readonly #coming: AbortedTransaction[]
  readonly #aborted = new Set<number>()

  constructor(aborted: readonly AbortedTransaction[] | null) {
    this.#coming = [...(aborted ?? [])].sort((a, b) => a.firstOffset - b.firstOffset)
  }

  isVisible(batch: RecordBatch): boolean {
    while (this.#coming[0] !== undefined && this.#coming[0].firstOffset <= batch.lastOffset)
      this.#aborted.add(this.#coming.shift()?.producerId ?? -1)
    if (batch.isControl) {
      // Only a marker ends the hiding; which kind it is does not matter, as the next one is on the list again.
      this.#aborted.delete(batch.producerId)
      return false
    }
    return !(batch.isTransactional && this.#aborted.has(batch.producerId))
  }
}
