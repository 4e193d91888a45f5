// Endpoints of sockets without a broker, as `cat` takes them:
//
//   FAMILY+PATTERN://[@|>]ENDPOINT[,[@|>]ENDPOINT]...      zmq+push://tcp://127.0.0.1:5555    zmq+pull://@tcp://*:5555
//
// `@` binds, `>` connects, and without either it connects: the signs of czmq's command-line endpoints.

import { CommandError } from '../../exit.ts'

export const socketFamilies = ['zmq', 'sp'] as const
export type SocketFamily = (typeof socketFamilies)[number]

export interface SocketEndpoint {
  readonly how: 'bind' | 'connect'
  readonly address: string
}

export interface SocketTarget {
  readonly family: SocketFamily
  /** In lower case: 'push'. */
  readonly pattern: string
  /** One at least. */
  readonly endpoints: readonly SocketEndpoint[]
}

const form = /^(zmq|sp)\+([a-z0-9]+):\/\/(.*)$/is

/** Whether the URL is one of these. */
export function isSocketTarget(url: string): boolean {
  return form.test(url)
}

/** Throws CommandError (usage). */
export function parseSocketTarget(url: string): SocketTarget {
  const [, family = '', pattern = '', places = ''] = form.exec(url) ?? []
  // A comma may stand in a file name: it ends an endpoint only where another begins.
  const endpoints = places.split(/,(?=[@>]?[a-z+]+:\/\/)/i).map(endpointOf)
  return { family: family.toLowerCase() === 'sp' ? 'sp' : 'zmq', pattern: pattern.toLowerCase(), endpoints }
}

function endpointOf(text: string): SocketEndpoint {
  const [, sign, address = ''] = /^([@>]?)(.*)$/s.exec(text) ?? []
  if (!address.includes('://'))
    throw new CommandError(
      'usage',
      `'${text}' is no endpoint: after the pattern comes transport://where`,
      'posthorn cat zmq+pull://@tcp://127.0.0.1:5555',
    )
  return { how: sign === '@' ? 'bind' : 'connect', address }
}
