// A binding: from an exchange to a queue or another exchange, by a key and arguments. All of these are its identity,
// as in RabbitMQ: the same two may be bound by several keys.

import { type FieldTable, fieldsFromJson, fieldsToJson } from '../field-value.ts'
import type { Json } from '../journal.ts'
import { fieldsHash } from './fields-key.ts'

export type DestinationKind = 'queue' | 'exchange'

export interface Binding {
  readonly vhost: string
  /** The exchange that it leads from; '' for what every queue has from the default exchange. */
  readonly source: string
  readonly kind: DestinationKind
  readonly destination: string
  readonly key: string
  readonly arguments: FieldTable
  /** RabbitMQ's name for it between these two: the key, and a hash of the arguments if there are any. */
  readonly propertiesKey: string
}

export type NewBinding = Omit<Binding, 'propertiesKey' | 'arguments'> & { readonly arguments?: FieldTable }

export function bindingOf({ arguments: args = new Map(), ...rest }: NewBinding): Binding {
  return { ...rest, arguments: args, propertiesKey: propertiesKeyOf(rest.key, args) }
}

/** Its key in the metadata log. */
export function bindingId({ vhost, source, kind, destination, propertiesKey }: Binding): string {
  return JSON.stringify([vhost, source, kind, destination, propertiesKey])
}

export function bindingToJson({ vhost, source, kind, destination, key, arguments: args }: Binding): Json {
  return { vhost, source, kind, destination, key, arguments: fieldsToJson(args) }
}

/** What `bindingToJson` gave. */
export function bindingFromJson(json: Json): Binding {
  const { arguments: args, ...rest } = json as unknown as Omit<Binding, 'arguments'> & { arguments: Json }
  return bindingOf({ ...rest, arguments: fieldsFromJson(args) })
}

/** `~` for no key and no arguments, the key as in a query string, and `~` and a hash for arguments. */
export function propertiesKeyOf(key: string, args: FieldTable): string {
  if (key === '' && args.size === 0) return '~'
  return args.size === 0 ? quoted(key) : `${quoted(key)}~${fieldsHash(args)}`
}

/** As in a query string; half a character, which no URI can say, is U+FFFD. */
function quoted(key: string): string {
  return encodeURIComponent(Buffer.from(key).toString())
    .replace(/[!'()*~]/g, one => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}
