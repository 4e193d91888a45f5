// The place that `posthorn cat` reads from or writes to: kafka://host:port/topic.

import { CommandError } from '../exit.ts'

export interface Target {
  readonly topic: string
  /** Undefined when the URL names no broker: then --brokers says where. */
  readonly brokers: string | undefined
}

const EXAMPLE = 'posthorn cat kafka://127.0.0.1:9092/orders'

/** Reads the URL. Throws CommandError (usage). */
export function parseTarget(text: string): Target {
  const match = /^kafka:\/\/([^/?#]*)\/([^/?#]+)$/.exec(text)
  const [, brokers = '', path] = match ?? []
  if (path === undefined)
    throw new CommandError(
      'usage',
      `'${text}' is not the URL of a topic: write kafka://host:port/topic`,
      EXAMPLE,
    )
  if (brokers.includes('@'))
    throw new CommandError(
      'usage',
      'a URL must not hold a password: give --user and --password-file',
      EXAMPLE,
    )
  return { topic: decodeURIComponent(path), brokers: brokers === '' ? undefined : brokers }
}
