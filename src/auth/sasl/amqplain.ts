// SASL AMQPLAIN, the server's side: PLAIN as RabbitMQ's older clients send it, one message that is the inside of an AMQP
// 0-9-1 field table (no length before it) with the long strings LOGIN and PASSWORD. Nothing but long strings is ever in it,
// so it is read here and not by a head's codec.
//
//   response -> done | failed

import { Reader, WireError } from '../../bytes/index.ts'
import { SASL_MESSAGE_BYTES_MAX } from '../limits.ts'
import {
  type Credentials,
  failed,
  type SaslExchange,
  type SaslFailure,
  type SaslMechanism,
  type SaslStep,
} from './mechanism.ts'
import { checkLogin, isLoginName } from './password.ts'
import { decodeText } from './text.ts'

interface AmqplainMessage {
  readonly at: 'message'
  readonly login: string
  readonly password: string
}

/** The letter of a long string in a field table. */
const LONG_STRING = 0x53

/** The AMQPLAIN mechanism. Offer it on encrypted listeners only: the password travels as it is. */
export const amqplain: SaslMechanism = {
  name: 'AMQPLAIN',
  start: users => new AmqplainExchange(users),
}

class AmqplainExchange implements SaslExchange {
  readonly #users: Credentials
  #over = false

  constructor(users: Credentials) {
    this.#users = users
  }

  step(response: Buffer): SaslStep | Promise<SaslStep> {
    if (this.#over) return failed('a response after the end of the exchange')
    this.#over = true
    const message = parse(response)
    return message.at === 'failed' ? message : checkLogin(this.#users, message.login, message.password)
  }
}

function parse(response: Buffer): AmqplainMessage | SaslFailure {
  if (response.length > SASL_MESSAGE_BYTES_MAX) return malformed('it is too long')
  const entries = entriesOf(response)
  if (entries === undefined) return malformed('it is not a table of long strings')
  const login = decodeText(entries.get('LOGIN') ?? Buffer.alloc(0))
  const password = decodeText(entries.get('PASSWORD') ?? Buffer.alloc(0))
  if (login === undefined || password === undefined) return malformed('a text in it is not UTF-8')
  if (!isLoginName(login, password)) return malformed('LOGIN is missing, empty or too long')
  if (password === '') return malformed('PASSWORD is missing or empty')
  return { at: 'message', login, password }
}

function entriesOf(response: Buffer): ReadonlyMap<string, Buffer> | undefined {
  const from = new Reader(response)
  const entries = new Map<string, Buffer>()
  try {
    while (from.remaining > 0) {
      const name = from.text(from.uint8())
      if (from.uint8() !== LONG_STRING) return undefined
      entries.set(name, from.take(from.uint32()))
    }
    return entries
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

function malformed(what: string): SaslFailure {
  return failed(`AMQPLAIN message: ${what}`, `Authentication failed: malformed AMQPLAIN message: ${what}`)
}
