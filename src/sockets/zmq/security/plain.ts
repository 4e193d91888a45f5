// PLAIN (RFC 24): name and password in clear text.
//
//   client: HELLO --> WELCOME --> INITIATE --> READY      server: HELLO, ask, WELCOME --> INITIATE, READY

import { ProtocolError } from '../errors.ts'
import { zmqLimits } from '../limits.ts'
import { command, parseCommand, parseMetadata } from '../wire/command.ts'
import type { Mechanism, MechanismContext, Step, Verdict } from './mechanism.ts'
import { refusal, refusedByPeer } from './null.ts'

export interface PlainCredentials {
  readonly username: string
  readonly password: string
}

export function plainClient(context: MechanismContext, { username, password }: PlainCredentials): Mechanism {
  let state: 'hello' | 'initiate' | 'done' = 'hello'
  return {
    name: 'PLAIN',
    begin: () => ({ at: 'wait', send: [command('HELLO', text(username), text(password))] }),
    receive(body) {
      const { name, rest } = parseCommand(body)
      if (name === 'ERROR') return refusedByPeer(rest)
      if (name === 'WELCOME' && state === 'hello') {
        state = 'initiate'
        return { at: 'wait', send: [command('INITIATE', context.metadata)] }
      }
      if (name === 'READY' && state === 'initiate') {
        state = 'done'
        return { at: 'ready', send: [], metadata: parseMetadata(rest) }
      }
      throw unexpected(name)
    },
  }
}

export function plainServer(context: MechanismContext): Mechanism {
  let state: 'hello' | 'initiate' | 'done' = 'hello'
  let userId = ''
  const welcome = (verdict?: Verdict): Step => {
    state = 'initiate'
    userId = verdict?.userId ?? ''
    return { at: 'wait', send: [command('WELCOME')] }
  }
  return {
    name: 'PLAIN',
    begin: () => ({ at: 'wait', send: [] }),
    receive(body) {
      const { name, rest } = parseCommand(body)
      if (name === 'HELLO' && state === 'hello') {
        const credentials = credentialsIn(rest)
        if (!context.asksZap) return welcome()
        return {
          at: 'ask',
          question: { mechanism: 'PLAIN', credentials },
          answered: verdict => (verdict.status === 200 ? welcome(verdict) : refusal(verdict)),
        }
      }
      if (name === 'INITIATE' && state === 'initiate') {
        state = 'done'
        const metadata = parseMetadata(rest)
        return { at: 'ready', send: [command('READY', context.metadata)], metadata, userId }
      }
      throw unexpected(name)
    },
  }
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value).subarray(0, zmqLimits.plainTextBytesMax)
  return Buffer.concat([Buffer.from([bytes.length]), bytes])
}

function credentialsIn(rest: Buffer): readonly [Buffer, Buffer] {
  const nameEnd = 1 + (rest[0] ?? 256)
  const end = nameEnd + 1 + (rest[nameEnd] ?? 256)
  if (end !== rest.length)
    throw new ProtocolError('ERR_ZMTP_MALFORMED_COMMAND_HELLO', 'a HELLO of PLAIN is malformed')
  return [rest.subarray(1, nameEnd), rest.subarray(nameEnd + 1, end)]
}

function unexpected(name: string): ProtocolError {
  return new ProtocolError('ERR_ZMTP_UNEXPECTED_COMMAND', `${name} out of order in a handshake of PLAIN`)
}
