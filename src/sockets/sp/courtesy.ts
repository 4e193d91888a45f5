// Protocols that send to all lose what a slow peer has no room for. Within one turn of the event loop no peer can make room,
// so a sender gives a turn before it loses the first message, and then again after every so many: a loop that never waits
// would keep the peers from reading at all.

import type { Pipe } from './pipe.ts'

/** Messages that a peer loses between two turns. */
const LOST_PER_TURN = 64

/** Whether a turn should pass before sending to these. */
export function asksForTurn(pipes: Iterable<Pipe>): boolean {
  let asks = false
  for (const pipe of pipes) if (!pipe.hasRoom && pipe.refusals++ % LOST_PER_TURN === 0) asks = true
  return asks
}
