// A process should not end while somebody waits for a socket that has no connection yet: timers of ours don't keep it, and
// there is no handle. A port that is referenced does; one serves all sockets.

import { MessageChannel, type MessagePort } from 'node:worker_threads'

let holders = 0
let port: MessagePort | undefined
let isReferenced = false
let isScheduled = false

/** Keeps the process until `release`, as often as called. */
export function hold(): void {
  holders++
  if (isReferenced) return
  if (port === undefined) {
    port = new MessageChannel().port1
    port.on('message', () => {})
  }
  port.ref()
  isReferenced = true
}

/** Lets go when the turn ends: waits come and go many times in one. */
export function release(): void {
  holders--
  if (holders > 0 || isScheduled) return
  isScheduled = true
  setImmediate(letGo)
}

function letGo(): void {
  isScheduled = false
  if (holders > 0) return
  isReferenced = false
  port?.unref()
}
