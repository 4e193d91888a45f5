// What `cat` wants of a socket, whichever family it is of.

/** What a socket of the pattern does here. */
export type SocketPart = 'sends' | 'receives' | 'asks' | 'answers' | 'both'

/** A message is its parts, one at least; a routing id or group comes first. */
export interface CatSocket {
  bind(address: string): Promise<void>
  connect(address: string): Promise<void>
  /** Of patterns that lose what nobody has asked for: resolves when there is somebody. */
  awaitPeer?(): Promise<void>
  send(parts: readonly Buffer[]): Promise<void>
  /** A question has as many answers as come: `receive` gives undefined after the last. */
  readonly hasManyAnswers?: boolean
  /** At least one message; undefined when there will be none any more. */
  receive(): Promise<readonly (readonly Buffer[])[] | undefined>
  /** Sends what waits, then ends. */
  close(): Promise<void>
  /** Ends now. Idempotent, also after `close`. */
  abort(): void
}

export interface SocketSetup {
  /** Prefixes of SUB, groups of DISH. */
  readonly subscriptions: readonly (string | Buffer)[]
  /** Ms that a send or a receive may wait; undefined: for ever. */
  readonly timeoutMs: number | undefined
  /** Of tls and wss. */
  readonly ca: string | undefined
  readonly insecure: boolean
  /** PLAIN of ZeroMQ. */
  readonly login: { readonly user: string; readonly password: string } | undefined
  /** CURVE of ZeroMQ: the server's key, Z85. */
  readonly serverKey: string | undefined
  /** Tells of what goes wrong behind. */
  readonly warn: (line: string) => void
}

export interface SocketPattern {
  readonly part: SocketPart
  /** Whether messages may have several parts. */
  readonly isMultipart: boolean
  /** Whether `subscriptions` mean something. */
  readonly subscribes?: true
  open(setup: SocketSetup): CatSocket
}
