// The grammar of listeners, for the command line and for strings in the file:
//
//   kafka=tcp://127.0.0.1:9092
//   kafka.outside=tls://0.0.0.0:9093?cert=server.pem&key=server.key&sasl=SCRAM-SHA-512
//   amqp=tcp://127.0.0.1:5672
//   kafka=off
//   management=tcp://127.0.0.1:15672
//
// What stands after the question mark has the names of the file's fields; the schema checks both. The port may be left
// out (9092, 5672, 9644 and 15672), and 0 takes a free one. Secrets have no place in it: command lines are seen by everybody.

import { ServerError } from '../errors.ts'
import type { Json } from './jsonc.ts'

/** A listener as the file's object form has it; `address` is without options. */
export type ListenerFields = { readonly address: string } & { readonly [field: string]: Json }

/** Where a listener is. */
export interface Address {
  readonly tls: boolean
  readonly host: string
  readonly port: number
}

export const KAFKA_PORT = 9092
export const AMQP_PORT = 5672
export const AMQPS_PORT = 5671
export const HTTP_PORT = 9644
export const MANAGEMENT_PORT = 15_672
export const MANAGEMENT_TLS_PORT = 15_671
const PORT_MAX = 65_535

const addressForm = /^(tcp|tls):\/\/(\[[0-9A-Fa-f:.]+\]|[^\s:/?#[\]]+)(?::(\d{1,5}))?\/?$/

/** 'kafka=tcp://…' into its name and the rest. Throws SERVER_CONFIG_INVALID naming `source`. */
export function nameAndAddress(
  text: string,
  source: string,
): { readonly name: string; readonly address: string } {
  const match = /^(http|management|(?:kafka|amqp)(?:\.[a-z0-9-]+)?)=(.+)$/.exec(text)
  if (match?.[1] !== undefined && match[2] !== undefined) return { name: match[1], address: match[2] }
  throw invalid(
    source,
    'write name=address, such as kafka=tcp://127.0.0.1:9092; names are kafka, kafka.<word>, amqp, amqp.<word>, http, management',
  )
}

/** 'tls://host:port?cert=…' into fields. Throws SERVER_CONFIG_INVALID naming `source`, never a value that may be secret. */
export function fieldsOf(text: string, source: string): ListenerFields {
  const [address = '', query = ''] = text.split('?', 2)
  const fields: Record<string, Json> = {}
  for (const [name, value] of new URLSearchParams(query)) {
    if (/passphrase|password|secret/i.test(name))
      throw invalid(source, `'${name}' does not belong into an address: write it in the file, as \${NAME}`)
    if (name === 'address') throw invalid(source, "'address' cannot be an option of itself")
    fields[name] = name === 'sasl' ? mechanisms(fields[name], value) : value
  }
  return { ...fields, address }
}

/** Scheme, host and port; `defaultPorts` by whether it is TLS. Throws SERVER_CONFIG_INVALID naming `source`. */
export function addressOf(
  text: string,
  defaultPorts: number | { readonly tcp: number; readonly tls: number },
  source: string,
): Address {
  const match = addressForm.exec(text)
  const tls = match?.[1] === 'tls'
  const byDefault =
    typeof defaultPorts === 'number' ? defaultPorts : tls ? defaultPorts.tls : defaultPorts.tcp
  const port = match?.[3] === undefined ? byDefault : Number(match[3])
  if (match?.[2] === undefined || port > PORT_MAX)
    throw invalid(source, `'${text}' is not an address: write tcp://host:port or tls://host:port`)
  return { tls, host: match[2].replace(/^\[|\]$/g, ''), port }
}

/** 'host', 'host:port' or '[::1]:port'. Throws SERVER_CONFIG_INVALID naming `source`. */
export function advertised(
  text: string,
  source: string,
): { advertisedHost: string; advertisedPort?: number } {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[^\s:/?#[\]]+)(?::(\d{1,5}))?$/.exec(text)
  const port = Number(match?.[2] ?? 1)
  if (match?.[1] === undefined || port < 1 || port > PORT_MAX)
    throw invalid(source, `'${text}' is not host or host:port`)
  const advertisedHost = match[1].replace(/^\[|\]$/g, '')
  return match[2] === undefined ? { advertisedHost } : { advertisedHost, advertisedPort: port }
}

export function invalid(source: string, what: string): ServerError {
  return new ServerError('SERVER_CONFIG_INVALID', `${source}: ${what}`, { source })
}

function mechanisms(known: Json | undefined, text: string): Json {
  return [...(Array.isArray(known) ? known : []), ...text.split(',').map(one => one.trim().toUpperCase())]
}
