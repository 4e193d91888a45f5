// Protocols that send to all lose what a slow peer has no room for. Within one turn of the event loop no peer can make room,
// so a sender gives some turns before it loses the first message, and then one again after every so many: a loop that never
// waits would keep a peer in the same process from reading at all.

import type { Pipe } from './pipe.ts'

/** Turns that a peer is given to make room; reading what a pipe holds takes about a quarter of them. */
const PATIENCE_TURNS = 16
/** Messages that a peer without room loses between two further turns. */
const LOST_PER_TURN = 64

/** Whether a turn should pass before sending to these. */
export function asksForTurn(pipes: Iterable<Pipe>): boolean {
  let asks = false
  for (const pipe of pipes) {
    if (pipe.hasRoom) continue
    const refusals = pipe.refusals++
    if (refusals < PATIENCE_TURNS || refusals % LOST_PER_TURN === 0) asks = true
  }
  return asks
}
