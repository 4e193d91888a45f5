// The beginnings and endings of Node's sockets and servers as promises, with every listener taken off again.

import type { ListenOptions, Server, Socket } from 'node:net'
import { deferred } from '../flow/index.ts'

/**
 * Resolves when the server listens; from then on `onFault` hears of connections that could not be accepted (EMFILE).
 * Errors: Node's own (EADDRINUSE, EACCES, ...).
 */
export function listening(
  server: Server,
  where: ListenOptions,
  onFault?: (reason: Error) => void,
): Promise<void> {
  const done = deferred()
  server.once('error', done.reject)
  server.listen(where, () => {
    server.removeListener('error', done.reject)
    server.on('error', error => onFault?.(error)) // the next one may succeed: no reason to end the process
    done.resolve()
  })
  return done.promise
}

/** Takes no more connections and lets those that are there go on. Idempotent. */
export function stopListening(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve()
  server.close()
  return Promise.resolve()
}

/** Resolves at the event; when the signal or an error comes first, the socket is destroyed and the promise rejected. */
export async function connecting(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal | undefined,
): Promise<void> {
  const done = deferred()
  const abort = (): void => {
    socket.destroy()
    done.reject(signal?.reason)
  }
  const ready = (): void => done.resolve()
  socket.once(event, ready)
  socket.once('error', done.reject)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    await done.promise
  } finally {
    signal?.removeEventListener('abort', abort)
    socket.removeListener(event, ready)
    socket.removeListener('error', done.reject)
  }
}
