// A process should not end while somebody waits for a socket that has no connection yet: timers of ours don't keep it, and
// there is no handle. A port that is referenced does; one serves all.

import { MessageChannel, type MessagePort } from 'node:worker_threads'

/** Calls when the event loop has nothing left to do: whoever holds then lets it go on. */
export function beforeExit(run: () => void): void {
  process.on('beforeExit', run)
}

let holders = 0
let port: MessagePort | undefined

/** Keeps the process until `release`, as often as called. */
export function hold(): void {
  if (holders++ > 0) return
  if (port === undefined) {
    port = new MessageChannel().port1
    port.on('message', () => {})
  }
  port.ref()
}

/** Lets go at once: an immediate for it would cost each round trip a turn of the event loop. */
export function release(): void {
  if (--holders === 0) port?.unref()
}
