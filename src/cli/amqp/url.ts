// Where a broker, a virtual host and something in it are: amqp://user:password@host:port/vhost/queue. The form is that of
// RabbitMQ's URI specification, with what we add behind the virtual host.

import { CommandError } from '../exit.ts'

/** What stands behind the virtual host. */
export type Path =
  | { readonly to: 'nothing' }
  | { readonly to: 'queue'; readonly queue: string }
  | { readonly to: 'exchange'; readonly exchange: string; readonly routingKey: string }

export interface AmqpUrl {
  readonly tls: boolean
  readonly host: string
  readonly port: number
  readonly user: string | undefined
  readonly password: string | undefined
  readonly vhost: string
  readonly path: Path
}

const ports = { amqp: 5672, amqps: 5671 } as const
const PORT_MAX = 65_535
const FORM = 'write amqp://user:password@host:port/vhost'
const EXAMPLE = 'amqp://guest:guest@127.0.0.1:5672/%2F'

/** Reads a URL; parts are percent-encoded, so the virtual host / is %2F. Throws CommandError (usage). */
export function parseAmqpUrl(text: string): AmqpUrl {
  const match = /^(amqps?):\/\/(?:([^/@]*)@)?([^/?@]*)(?:\/(.*))?$/s.exec(text)
  const [, scheme, login, place = '', rest] = match ?? []
  if (scheme !== 'amqp' && scheme !== 'amqps')
    throw new CommandError('usage', `'${text}' is not the URL of an AMQP broker: ${FORM}`, EXAMPLE)
  const [user, password] = login?.split(/:(.*)/s) ?? []
  const [vhost = '', ...more] = rest?.split('/') ?? []
  return {
    tls: scheme === 'amqps',
    ...placeOf(place, ports[scheme], text),
    user: decoded(user, text),
    password: decoded(password, text),
    vhost: decoded(vhost, text) || '/',
    path: pathOf(
      more.map(one => decoded(one, text) ?? ''),
      text,
    ),
  }
}

function placeOf(text: string, otherwise: number, url: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(text)
  const port = match?.[3] === undefined ? otherwise : Number(match[3])
  if (match === null || port < 1 || port > PORT_MAX)
    throw new CommandError('usage', `'${url}' names no host and port: ${FORM}`, EXAMPLE)
  return { host: (match[1] ?? match[2]) || '127.0.0.1', port }
}

function pathOf(parts: readonly string[], url: string): Path {
  const [first, second] = parts
  if (parts.length > 2)
    throw new CommandError('usage', `'${url}' has too many parts: write /vhost/queue, or /vhost/exchange/key`)
  if (first === undefined || (first === '' && second === undefined)) return { to: 'nothing' }
  if (second === undefined) return { to: 'queue', queue: first }
  return { to: 'exchange', exchange: first, routingKey: second }
}

function decoded(part: string | undefined, url: string): string | undefined {
  if (part === undefined) return undefined
  try {
    return decodeURIComponent(part)
  } catch (error) {
    throw new CommandError(
      'usage',
      `'${url}' has a part that is not percent-encoded right: ${part}`,
      undefined,
      error,
    )
  }
}
