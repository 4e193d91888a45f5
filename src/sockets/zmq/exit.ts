// The end of the process. Connections and listeners of ours don't keep it, as in `zeromq` 6; whoever waits in a call does
// (keep-alive.ts), and messages that wait to be sent do, within their socket's `linger`: when nothing else is left to do,
// they are waited for.

import { beforeExit, hold, release } from '../../world/keep-alive.ts'

/** A socket, as far as its last messages go. */
export interface Finishing {
  /** Undefined when there is nothing to wait for. */
  finish(): Promise<void> | undefined
}

/** Sockets that have endpoints: those without hold messages for nobody, and may be forgotten. */
const sockets = new Set<Finishing>()
let isWatching = false

/** Called with the first endpoint of a socket. Idempotent. */
export function finishBeforeExit(socket: Finishing): void {
  sockets.add(socket)
  if (isWatching) return
  isWatching = true
  beforeExit(finishAll)
}

/** The socket is closed. */
export function forgetAtExit(socket: Finishing): void {
  sockets.delete(socket)
}

function finishAll(): void {
  const waits = [...sockets].flatMap(socket => socket.finish() ?? [])
  if (waits.length === 0) return
  hold()
  void Promise.all(waits).then(release)
}
