// A message inside a socket: what the protocol adds in front, and what the user sees.

import type { Pipe } from './pipe.ts'

export interface Message {
  /** Words of the protocol (backtrace, hop count) that travel in front of the body. */
  readonly header: Buffer
  /** The user's bytes. */
  readonly body: Buffer
  /** Where it came from, or the pipe that it must go to. */
  readonly pipe?: Pipe
}

export const NO_HEADER: Buffer = Buffer.alloc(0)
