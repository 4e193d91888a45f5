// ITEM and END: what a stream of ours says to its reader.

import type { References } from '../refs/references.ts'
import { ValueWriter } from '../value/index.ts'
import { EngineFault, unsendable, writeFault } from './faults.ts'
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

/** Sends the end; `failed` has what was thrown. What cannot be sent goes as an error that says why. */
export function sendEnd(
  outbox: Outbox,
  references: References,
  id: number,
  failed: { readonly reason: unknown } | undefined,
): void {
  try {
    writeEnd(outbox, references, id, failed)
  } catch (error) {
    writeEnd(outbox, references, id, { reason: new EngineFault(unsendable(error)) })
  }
}

function writeEnd(
  outbox: Outbox,
  references: References,
  id: number,
  failed: { readonly reason: unknown } | undefined,
): void {
  const to = outbox.begin(frames.end)
  try {
    to.uvarint(id)
    if (failed === undefined) to.byte(endings.well)
    else writeFault(to, new ValueWriter(to, references), failed.reason)
    outbox.end(to)
    references.settle(true)
  } catch (error) {
    outbox.undo(to)
    references.settle(false)
    throw error
  }
}
