// ITEM and END: what a stream of ours says to its reader.

import type { Writer } from '../../bytes/index.ts'
import type { References } from '../refs/references.ts'
import { ValueWriter } from '../value/index.ts'
import { writeFault } from './faults.ts'
import { endings, frames } from './frames.ts'
import type { Outbox } from './outbox.ts'

/** Sends an item; gives the bytes of its frame. Errors: ValueError, CallError CALL_TOO_LARGE; nothing is sent then. */
export function sendItem(outbox: Outbox, references: References, id: number, value: unknown): number {
  const to = outbox.begin(frames.item)
  const before = to.bytes
  try {
    to.uvarint(id)
    new ValueWriter(to, references).write(value, 'item')
    const bytes = to.bytes - before + 1 // with the kind
    outbox.end(to)
    references.settle(true)
    return bytes
  } catch (error) {
    outbox.undo(to)
    references.settle(false)
    throw error
  }
}

/** Sends the end; `failed` has what was thrown. */
export function sendEnd(
  outbox: Outbox,
  references: References,
  id: number,
  failed: { readonly reason: unknown } | undefined,
): void {
  const to = outbox.begin(frames.end)
  to.uvarint(id)
  if (failed === undefined) to.byte(endings.well)
  else writeReason(to, references, failed.reason)
  outbox.end(to)
}

/** What was thrown and cannot be sent goes as an Error that says what it was. */
function writeReason(to: Writer, references: References, reason: unknown): void {
  const before = to.bytes
  try {
    writeFault(to, new ValueWriter(to, references), reason)
    references.settle(true)
  } catch (error) {
    to.truncate(before)
    references.settle(false)
    writeFault(to, new ValueWriter(to), new Error(`${String(reason)} (${String(error)})`))
  }
}
