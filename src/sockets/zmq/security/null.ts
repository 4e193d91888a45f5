// NULL (RFC 37): a READY each way. With a ZAP domain the handler is asked before ours is sent, by address alone.

import { AuthenticationError, type AuthenticationStatus, ProtocolError } from '../errors.ts'
import { command, errorCommand, errorReason, parseCommand, parseMetadata } from '../wire/command.ts'
import type { Mechanism, MechanismContext, Step, Verdict } from './mechanism.ts'

export function nullMechanism({ metadata, asksZap }: MechanismContext): Mechanism {
  const ready: Step = { at: 'wait', send: [command('READY', metadata)] }
  return {
    name: 'NULL',
    begin: () =>
      asksZap
        ? {
            at: 'ask',
            question: { mechanism: 'NULL', credentials: [] },
            answered: verdict => (verdict.status === 200 ? ready : refusal(verdict)),
          }
        : ready,
    receive(body) {
      const { name, rest } = parseCommand(body)
      if (name === 'READY') return { at: 'ready', send: [], metadata: parseMetadata(rest) }
      if (name === 'ERROR') return refusedByPeer(rest)
      throw new ProtocolError('ERR_ZMTP_UNEXPECTED_COMMAND', `${name} in a handshake of NULL`)
    },
  }
}

/**
 * What a server says to a peer that the handler does not let in: libzmq's ERROR has the status as reason. 300 is temporary: it
 * says nothing, for a peer that is refused does not come again (zap_client.cpp).
 */
export function refusal({ status, text }: Verdict): Step {
  return {
    at: 'refused',
    send: status === 300 ? [] : [errorCommand(String(status))],
    error: new AuthenticationError(statusOf(status), text === '' ? 'the peer was refused' : text),
  }
}

/** We were refused: by a status, or for a reason of the peer's. */
export function refusedByPeer(rest: Buffer): Step {
  const reason = errorReason(rest)
  const status = statusOf(Number(reason))
  return {
    at: 'refused',
    send: [],
    error: new AuthenticationError(statusOf(status), `refused by the peer: ${reason}`),
  }
}

function statusOf(status: number): AuthenticationStatus {
  return status === 300 || status === 500 ? status : 400
}
