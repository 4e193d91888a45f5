// What can go wrong with a call, beside what the method itself throws. What the other side found out travels as its code and
// its text.

/** What each code means, and what to do. */
export const callErrors = {
  CALL_TIMEOUT: {
    meaning: 'no answer in time',
    next: 'the method may have run: call again only what may run twice, or with a larger `timeoutMs`',
    retriable: true,
  },
  CALL_CANCELLED: { meaning: 'the caller gave it up', next: 'nothing: nobody waits for it' },
  CALL_CONNECTION_LOST: {
    meaning: 'the connection ended before the answer came',
    next: 'the method may have run: declare it `idempotent` or `atMostOnce`, and it is called again by itself',
    retriable: true,
  },
  CALL_UNREACHABLE: {
    meaning: 'no connection could be made',
    next: 'look whether the server runs at that address; the cause says what was wrong',
    retriable: true,
  },
  CALL_CLOSED: { meaning: 'the connection was closed by its owner', next: 'connect anew' },
  CALL_REFUSED: {
    meaning: 'the server does not take the caller',
    next: 'give the `credential` that it asks for',
  },
  CALL_DRAINING: {
    meaning: 'the server takes no more calls: it is about to close',
    next: 'call another server, or again when it is back',
    retriable: true,
  },
  CALL_TOO_MANY: {
    meaning: 'too many calls wait for their answers',
    next: 'await some of them first',
    retriable: true,
  },
  CALL_NO_METHOD: {
    meaning: 'there is no such method',
    next: '`posthorn rpc list` shows what the server offers',
  },
  CALL_BAD_ARGUMENTS: {
    meaning: 'the method does not take these arguments',
    next: 'see the message for what was wrong with them',
  },
  CALL_BAD_RESULT: {
    meaning: 'what the method gave cannot be sent',
    next: 'let the method give what can be copied, or what goes by reference; the message names the place',
  },
  CALL_NO_REFERENCE: {
    meaning: 'nothing goes by that reference',
    next: 'call only what a method gave by reference, and only while it is held',
  },
  CALL_REFERENCE_LOST: {
    meaning: 'the connection by which the reference came is over',
    next: 'ask for a new one',
  },
  CALL_REFERENCE_RELEASED: {
    meaning: 'the reference was released',
    next: 'release a reference after its last use; `using` does',
  },
  CALL_TOO_MANY_REFERENCES: {
    meaning: 'the other side holds too many references',
    next: 'release what is not needed any more, or raise `referencesMax`',
  },
  CALL_NO_TICKET: {
    meaning: 'the server has no such ticket',
    next: 'its result was taken, or kept as long as its `ttlMs` said: call again',
  },
  CALL_TOO_MANY_TICKETS: {
    meaning: 'too many results wait to be taken',
    next: 'take some, or wait until they are forgotten',
    retriable: true,
  },
  CALL_NO_QUORUM: {
    meaning: 'too many of the servers failed',
    next: '`cause.errors` of the error has what each of them said',
    retriable: true,
  },
  CALL_NAME_TAKEN: {
    meaning: 'the name is bound by somebody else',
    next: 'take another, or wait until its lease has ended',
  },
  CALL_NAME_UNKNOWN: {
    meaning: 'nothing is bound to the name',
    next: 'look whether its server runs and has registered',
    retriable: true,
  },
  CALL_TOO_MANY_NAMES: { meaning: 'the registry is full', next: 'raise `boundNamesMax`' },
  CALL_PROTOCOL: {
    meaning: 'the other side does not keep to the protocol',
    next: 'look whether both sides are of this library; the message says what was wrong',
  },
  CALL_TOO_LARGE: {
    meaning: 'a message is longer than is allowed',
    next: 'send less at a time, as a stream, or raise `frameBytesMax` on both sides',
  },
} as const

export type CallErrorCode = keyof typeof callErrors

export class CallError extends Error {
  override readonly name = 'CallError'
  readonly code: CallErrorCode
  readonly detail: string

  /** `detail` names the thing, the value and the limit. */
  constructor(code: CallErrorCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${callErrors[code].meaning}: ${detail}`, options)
    this.code = code
    this.detail = detail
  }
}

/** Whether the text is one of our codes: it may come from a peer. */
export function isCallErrorCode(code: string): code is CallErrorCode {
  return Object.hasOwn(callErrors, code)
}
