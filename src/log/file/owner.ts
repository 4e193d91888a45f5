// What a log asks of its store.

import type { LogError } from '../errors.ts'
import type { Epoch, Offset } from '../log.ts'
import type { Append } from './append.ts'
import type { FileLog } from './file-log.ts'
import type { Segment, Surroundings } from './segment.ts'

export interface Owner {
  readonly surroundings: Surroundings
  readonly epoch: Epoch
  /** Ms since some start. */
  readonly monotonic: () => number
  /** Why nothing can be appended now. */
  refusal(log: FileLog): LogError | undefined
  commit(append: Append): void
  trim(log: FileLog, before: Offset): Promise<void>
  rewrite(log: FileLog, fresh: Segment): Promise<void>
  /** Bytes came into (or left) the tail of a log. */
  tailChanged(log: FileLog, bytes: number): void
  /** Removes a file that nothing durable names. */
  discard(segment: Segment): void
  /** Removes a file once it is durable that it is not needed. */
  retire(segment: Segment): void
  /** What a disk's error means for the store; other errors as they are. */
  diskError(error: unknown): unknown
}
