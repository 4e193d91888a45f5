// What the coordinator needs of the groups: offsets that wait for the outcome of a transaction.

import type { Change } from '../journal.ts'

export interface StagedOffsets {
  /**
   * The changes that turn the producer's staged offsets into committed ones. Nothing happens until they are written:
   * they go into the same write that completes the transaction, so that the two cannot come apart.
   */
  commit(producerId: number): readonly Change[]
  /** The changes that forget the producer's staged offsets. */
  abort(producerId: number): readonly Change[]
}
