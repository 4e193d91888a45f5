// SASL PLAIN (RFC 4616), the server's side: one message, `[authzid] NUL authcid NUL passwd`. Checking the password is
// slow on purpose, so the step is a promise.
// Acting for somebody else is not offered: authzid must be empty or the same as authcid.
//
//   response -> done | failed

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

interface PlainMessage {
  readonly at: 'message'
  readonly authzid: string
  readonly authcid: string
  readonly password: string
}

/** The PLAIN mechanism. Offer it on encrypted listeners only: the password travels as it is. */
export const plain: SaslMechanism = {
  name: 'PLAIN',
  start: users => new PlainExchange(users),
}

class PlainExchange implements SaslExchange {
  readonly #users: Credentials
  #over = false

  constructor(users: Credentials) {
    this.#users = users
  }

  step(response: Buffer): SaslStep | Promise<SaslStep> {
    if (this.#over) return failed('a response after the end of the exchange')
    this.#over = true
    const message = parse(response)
    return message.at === 'failed' ? message : this.#check(message)
  }

  async #check({ authzid, authcid, password }: PlainMessage): Promise<SaslStep> {
    const step = await checkLogin(this.#users, authcid, password)
    if (step.at === 'done' && authzid !== '' && authzid !== authcid) {
      const reason = `'${authcid}' asked to act as '${authzid}'`
      return failed(reason, 'Authentication failed: the authorization id differs from the user name')
    }
    return step
  }
}

function parse(response: Buffer): PlainMessage | SaslFailure {
  const text = decodeText(response)
  if (text === undefined) return malformed('it is too long or not UTF-8')
  const parts = text.split('\0')
  const [authzid, authcid, password] = parts
  if (parts.length !== 3 || authzid === undefined || authcid === undefined || password === undefined)
    return malformed(`it has ${parts.length} parts, not 3`)
  if (!isLoginName(authcid, password)) return malformed('the user name is empty or too long')
  if (password === '') return malformed('the password is empty')
  return { at: 'message', authzid, authcid, password }
}

function malformed(what: string): SaslFailure {
  return failed(`PLAIN message: ${what}`, `Authentication failed: malformed PLAIN message: ${what}`)
}
