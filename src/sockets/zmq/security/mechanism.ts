// What every security mechanism is: a machine that is given the peer's commands and says what to do. It does not wait: when
// a ZAP handler has to be asked, the question is a step, and the answer comes back with the next.

import type { AuthenticationError, ProtocolError, ZmqError } from '../errors.ts'
import type { Metadata } from '../wire/command.ts'

export type MechanismName = 'NULL' | 'PLAIN' | 'CURVE'

export interface Mechanism {
  readonly name: MechanismName
  /** Before the peer has said anything. */
  begin(): Step
  /** The peer sent this command. Errors: ProtocolError. */
  receive(body: Buffer): Step
}

export type Step =
  /** Send these, if any, and wait for the peer. */
  | { readonly at: 'wait'; readonly send: readonly Buffer[] }
  /** Ask the ZAP handler; nothing is received before the answer. */
  | { readonly at: 'ask'; readonly question: Question; readonly answered: (verdict: Verdict) => Step }
  /** Send these; traffic begins. */
  | {
      readonly at: 'ready'
      readonly send: readonly Buffer[]
      readonly metadata: Metadata
      readonly cipher?: Cipher
      readonly userId?: string
    }
  /** Send these, then end. */
  | {
      readonly at: 'refused'
      readonly send: readonly Buffer[]
      readonly error: AuthenticationError | ProtocolError
    }

/** What a ZAP handler is asked (RFC 27). */
export interface Question {
  readonly mechanism: MechanismName
  /** None for NULL, name and password for PLAIN, the client's key for CURVE. */
  readonly credentials: readonly Buffer[]
}

/** What it answers. */
export interface Verdict {
  /** There is no handler, or its answer breaks RFC 27: the connection ends, and the peer, told nothing, may come again. */
  readonly flaw?: ProtocolError | ZmqError
  /** 200 allowed, 300 temporary error, 400 refused, 500 internal error. */
  readonly status: number
  readonly text: string
  readonly userId: string
}

/** Traffic under encryption: one frame is one MESSAGE. */
export interface Cipher {
  /** The body of a MESSAGE with this frame; `flags` as on the wire. */
  seal(flags: number, body: Buffer): Buffer
  /** Errors: ProtocolError. */
  open(body: Buffer): { readonly flags: number; readonly body: Buffer }
}

/** What both sides of a mechanism are given. */
export interface MechanismContext {
  /** Properties of our READY or INITIATE. */
  readonly metadata: Buffer
  /** Whether a ZAP handler is to be asked; if not, everybody who has the keys may come in. */
  readonly asksZap: boolean
}
