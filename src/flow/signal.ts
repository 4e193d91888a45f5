// Waiting that can be called off. A listener on a signal that outlives the wait is a leak (signals live as long as
// programs), so these helpers take theirs off when the wait is over.

import type { Timer, World } from '../world/index.ts'

/**
 * Settles as the promise does, or rejects with the signal's reason when the signal is first. The work behind the
 * promise goes on: whoever started it ends it.
 */
export function withSignal<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** A controller that aborts when another signal does, too. */
export interface Following {
  readonly controller: AbortController
  /** From now on only the controller itself aborts. Idempotent. */
  release(): void
}

/**
 * A controller that aborts with its parent, for the same reason, until it is released. `AbortSignal.any` would do, but
 * leaves something of each call at a parent that lives long (Node 20: fifty bytes).
 */
export function following(parent: AbortSignal | undefined): Following {
  const controller = new AbortController()
  const follow = (): void => controller.abort(parent?.reason)
  if (parent?.aborted) follow()
  else parent?.addEventListener('abort', follow, { once: true })
  return { controller, release: () => parent?.removeEventListener('abort', follow) }
}

/** A moment at which a signal aborts, unless it is cancelled before. */
export interface Deadline {
  /** Aborts with a DOMException named TimeoutError at the moment, or with the parent's reason when that aborts. */
  readonly signal: AbortSignal
  /** Takes timer and listener away; the signal will not abort any more. Idempotent. */
  cancel(): void
}

/** A deadline `ms` from now; undefined means that only the parent ends it. */
export function deadline(world: World, ms: number | undefined, parent?: AbortSignal): Deadline {
  const controller = new AbortController()
  let timer: Timer | undefined
  const follow = (): void => {
    timer?.cancel()
    controller.abort(parent?.reason)
  }
  const cancel = (): void => {
    timer?.cancel()
    parent?.removeEventListener('abort', follow)
  }
  if (parent?.aborted) controller.abort(parent.reason)
  else {
    parent?.addEventListener('abort', follow, { once: true })
    if (ms !== undefined)
      timer = world.after(ms, () => {
        cancel()
        controller.abort(new DOMException(`nothing happened within ${ms} ms`, 'TimeoutError'))
      })
  }
  return { signal: controller.signal, cancel }
}
