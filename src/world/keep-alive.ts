// A process should not end while somebody waits for a socket that has no connection yet: timers of ours don't keep it, and
// there is no handle. A port that is referenced does; one serves all.

import { MessageChannel, type MessagePort } from 'node:worker_threads'

/** Calls when the event loop has nothing left to do: whoever holds then lets it go on. */
export function beforeExit(run: () => void): void {
  process.on('beforeExit', run)
}

/** Ms after which a port that nobody holds any more lets the process go. */
const LINGER_MS = 1

let holders = 0
let port: MessagePort | undefined
let isKept = false
let timer: NodeJS.Timeout | undefined
let isTimed = false

/** Keeps the process until `release`, as often as called. */
export function hold(): void {
  holders++
  if (isKept) return
  isKept = true
  if (port === undefined) {
    port = new MessageChannel().port1
    port.on('message', () => {})
  }
  port.ref()
}

/**
 * Lets go a little later. With each message that is waited for somebody holds and releases: letting go at once would be a
 * part of what a message costs, and an immediate for it would cost each round trip a turn of the event loop.
 */
export function release(): void {
  if (--holders > 0 || isTimed) return
  isTimed = true
  timer ??= setTimeout(letGo, LINGER_MS).unref()
  timer.refresh()
}

function letGo(): void {
  isTimed = false
  if (holders > 0) return
  isKept = false
  port?.unref()
}
