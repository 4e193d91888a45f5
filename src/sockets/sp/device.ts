// A device joins two raw sockets: what one receives the other sends, header and all (nng_device(3)). With one socket it
// sends back out what comes in: a reflector for BUS and PAIR.

import { SpError } from './errors.ts'
import { protocols } from './protocols.ts'
import type { SpSocket } from './socket.ts'

/**
 * Forwards both ways until one of the sockets is closed or the signal aborts, and resolves then; the sockets stay as they
 * are. Errors: SpError EINVAL when they do not fit or are not raw (sockets without headers need not be: PAIR0, PUB, PUSH,
 * PULL, BUS); what the sockets fail with.
 */
export async function device(
  first: SpSocket,
  second: SpSocket = first,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  if (protocols[first.protocol].peer !== second.protocol)
    throw new SpError('EINVAL', `${first.protocol} cannot be joined with ${second.protocol}`)
  for (const socket of [first, second])
    if (needsRaw.has(socket.protocol) && !socket.settings.raw)
      throw new SpError('EINVAL', `the ${socket.protocol} socket of a device must be raw`)
  const controller = new AbortController()
  const stop = (): void => controller.abort(signal?.reason)
  if (signal?.aborted === true) stop()
  else signal?.addEventListener('abort', stop, { once: true })
  const ways =
    first === second
      ? [[first, first]]
      : [
          [first, second],
          [second, first],
        ]
  try {
    await Promise.all(
      ways.map(([from, to]) =>
        forward(from as SpSocket, to as SpSocket, controller.signal).finally(() => controller.abort(ended)),
      ),
    )
  } catch (error) {
    const isEnd = error === ended || (error instanceof SpError && error.code === 'ECLOSED')
    if (!isEnd && signal?.aborted !== true) throw error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

/** Protocols whose messages have headers. */
const needsRaw: ReadonlySet<string> = new Set(['pair1', 'sub', 'req', 'rep', 'surveyor', 'respondent'])

const ended = new Error('the device has ended')

async function forward(from: SpSocket, to: SpSocket, signal: AbortSignal): Promise<void> {
  if (!from.receives || !to.sends)
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
    )
  for (;;) await to.sendMessage(await from.receiveMessage({ signal }), { signal })
}
