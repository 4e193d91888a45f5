// Direct reply-to (RabbitMQ's extension): a requester consumes from a queue that does not exist and puts its name into its
// requests; answers go straight to the requester's channel, without a queue, a log or a promise. Names are not to be
// guessed: whoever knows one may send there.

import type { World } from '../../world/index.ts'
import type { Delivered } from './message.ts'

/** What clients consume from, and what they put into reply-to. */
export const REPLY_QUEUE = 'amq.rabbitmq.reply-to'
const PREFIX = `${REPLY_QUEUE}.`
const NAME_BYTES = 18

/** Takes answers; false when it cannot any more. */
export type ReplyTaker = (answer: Delivered) => boolean

export class DirectReplies {
  readonly #world: World
  readonly #takers = new Map<string, ReplyTaker>()

  constructor(world: World) {
    this.#world = world
  }

  /** Whether a routing key of the default exchange is such a name. */
  static isName(key: string): boolean {
    return key.startsWith(PREFIX)
  }

  /** A name of its own for the taker. */
  open(taker: ReplyTaker): string {
    const name = `${PREFIX}${this.#world.randomBytes(NAME_BYTES).toString('base64url')}`
    this.#takers.set(name, taker)
    return name
  }

  has(name: string): boolean {
    return this.#takers.has(name)
  }

  close(name: string): void {
    this.#takers.delete(name)
  }

  /** Gives an answer to whoever waits for it; false when nobody does. */
  send(name: string, answer: Delivered): boolean {
    return this.#takers.get(name)?.(answer) ?? false
  }
}
