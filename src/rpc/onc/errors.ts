// What can go wrong with a call. Those that the server answered come from its reply (RFC 5531, section 9); the others we
// found out by ourselves, and then nobody knows whether the procedure ran.

/** What each code means, and what to do. */
export const oncErrors = {
  RPC_PROGRAM_UNAVAILABLE: {
    meaning: 'the server does not have the program',
    next: 'check the port: each program has its own',
  },
  RPC_PROGRAM_MISMATCH: {
    meaning: 'the server has the program in other versions',
    next: 'take a version of those that the message names',
  },
  RPC_PROCEDURE_UNAVAILABLE: {
    meaning: 'the program has no such procedure at the server',
    next: 'compare the .x files of both sides',
  },
  RPC_GARBAGE_ARGUMENTS: {
    meaning: 'the server could not decode the argument',
    next: 'compare the .x files of both sides',
  },
  RPC_SYSTEM_ERROR: {
    meaning: 'the server failed while it carried out the call',
    next: 'look at what the server reported (`onFault`)',
    retriable: true,
  },
  RPC_MISMATCH: { meaning: 'the server speaks another version of RPC', next: 'it is no server of ONC RPC 2' },
  RPC_AUTH_ERROR: {
    meaning: 'the server refused the credential',
    next: 'give a `credential` that it takes: the message says what was wrong',
  },
  RPC_TIMEOUT: {
    meaning: 'no answer in time',
    next: 'the procedure may have run: call again only what may run twice, or with a larger `timeoutMs`',
    retriable: true,
  },
  RPC_CONNECTION_LOST: {
    meaning: 'the connection ended before the answer came',
    next: 'the procedure may have run: connect anew, and call again only what may run twice',
    retriable: true,
  },
  RPC_CLOSED: { meaning: 'the connection was closed by its owner', next: 'connect anew' },
  RPC_TOO_MANY_CALLS: {
    meaning: 'too many calls wait for their answers',
    next: 'await some of them first',
    retriable: true,
  },
  RPC_MESSAGE_INVALID: {
    meaning: 'the other side does not keep to the protocol',
    next: 'compare the .x files of both sides; the message says what was wrong',
  },
  RPC_TLS_UNAVAILABLE: {
    meaning: 'the server offers no TLS',
    next: 'give the server `startTls`, or connect without it; somebody in between may have taken the offer away',
  },
  RPC_NOT_REGISTERED: {
    meaning: 'rpcbind knows no such program',
    next: 'start the server of the program, or give its port',
    retriable: true,
  },
  RPC_REGISTRATION_REFUSED: {
    meaning: 'rpcbind did not take the registration',
    next: 'the message says whether the program is there already: stop its other server, or register with `replace`',
  },
  RPC_RECORD_TOO_LARGE: {
    meaning: 'a message is longer than is allowed',
    next: 'send less at a time, or raise `recordBytesMax`',
  },
} as const

export type OncErrorCode = keyof typeof oncErrors

/** The lowest and the highest version of a program that a server has. */
export interface VersionRange {
  readonly low: number
  readonly high: number
}

export class OncError extends Error {
  override readonly name = 'OncError'
  readonly code: OncErrorCode
  /** What there is, of RPC_PROGRAM_MISMATCH and RPC_MISMATCH when the server said so. */
  readonly versions: VersionRange | undefined

  /** `detail` names the thing, the value and the limit. */
  constructor(
    code: OncErrorCode,
    detail: string,
    { versions, ...options }: ErrorOptions & { readonly versions?: VersionRange } = {},
  ) {
    super(`${code}: ${oncErrors[code].meaning}: ${detail}`, options)
    this.code = code
    this.versions = versions
  }
}
