// A stream of messages that leaves: the next one is asked for when there is room, so that a slow reader stops who produces.

import type { Writable } from 'node:stream'
import { deferred, withSignal } from '../../flow/index.ts'

/** Messages to send. */
export type Messages = AsyncIterable<unknown> | Iterable<unknown>

export function isMessages(value: unknown): value is Messages {
  return (
    typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
  )
}

/**
 * Writes all messages and resolves when the last one has room; does not end the sink. When `signal` aborts, the producer's
 * `return` is called. Errors: those of the producer; the signal's reason.
 */
export async function sendAll(messages: Messages, sink: Writable, signal: AbortSignal): Promise<void> {
  const iterator = iteratorOf(messages)
  for (;;) {
    const next = await withSignal(Promise.resolve(iterator.next()), signal).catch(async (error: unknown) => {
      if (signal.aborted) leave(iterator)
      throw error
    })
    if (next.done === true) return
    if (sink.write(next.value)) continue
    try {
      await room(sink, signal)
    } catch (error) {
      leave(iterator)
      throw error
    }
  }
}

function iteratorOf(messages: Messages): AsyncIterator<unknown> | Iterator<unknown> {
  return Symbol.asyncIterator in messages ? messages[Symbol.asyncIterator]() : messages[Symbol.iterator]()
}

/** A generator that waits for something hears of it only when that comes: nobody waits for its answer. */
function leave(iterator: AsyncIterator<unknown> | Iterator<unknown>): void {
  void Promise.resolve(iterator.return?.()).catch(() => undefined) // the call is over, and has its reason
}

async function room(sink: Writable, signal: AbortSignal): Promise<void> {
  const drained = deferred()
  sink.once('drain', drained.resolve)
  try {
    await withSignal(drained.promise, signal)
  } finally {
    sink.off('drain', drained.resolve)
  }
}
