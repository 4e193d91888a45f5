// What a method's handler is: a verb file exports one value made here. It runs on one open channel; methods of a channel
// are handled one after the other, those of different channels do not wait for each other.

import type { Fields, OutOf } from '../../bytes/index.ts'
import type { Channel } from './channel.ts'
import type { Method } from './wire/method.ts'

/** A verb as the dispatcher sees it. */
export interface Verb {
  readonly method: Method
  handle(args: object, channel: Channel): void | Promise<void>
}

/**
 * Makes a verb. What `handle` throws closes the channel, or the connection, as the error's reply code says; a broker's
 * error gets its code from errors.ts.
 */
export function verb<F extends Fields>(
  method: Method<F>,
  handle: (args: OutOf<F>, channel: Channel) => void | Promise<void>,
): Verb {
  return { method: method as unknown as Method, handle: handle as Verb['handle'] }
}
