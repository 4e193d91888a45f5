// Keeps the process running while a client is open: the world's timers do not, and between two attempts to connect there
// is no socket that would.

import { MessageChannel } from 'node:worker_threads'

/** Holds the process until the function that is returned is called. */
export function holdProcess(): () => void {
  const { port1, port2 } = new MessageChannel()
  port1.on('message', () => {}) // a port that listens keeps the event loop turning
  return () => {
    port1.close()
    port2.close()
  }
}
