// The one stream interface: what TCP, TLS and the others give to a protocol head.

/** Who is at the other end. */
export interface Peer {
  /** IP address, or the name of the transport where there is none. */
  readonly address: string
  readonly port: number
  /** Set when the peer showed a certificate that was verified. */
  readonly certificate?: { readonly distinguishedName: string; readonly commonName?: string }
  /** Whether what is sent can be read on the way. */
  readonly encrypted: boolean
}

/** A connection: bytes in order, both ways. */
export interface Stream {
  readonly peer: Peer
  /**
   * What arrives. Not reading stops the peer. Ends when the peer ends; throws what broke the connection. One reads at a
   * time; leaving a loop early leaves the rest to the next.
   */
  readonly bytes: AsyncIterable<Buffer>
  /**
   * Sends the chunks in order; they are kept until they are sent. Everything written in one turn of the event loop
   * goes out together when it ends (flow/turn.ts). A promise means that the peer reads slowly: write again when it resolves.
   */
  write(chunks: readonly Buffer[]): Promise<void> | undefined
  /**
   * Sends what was written, then ends, and resolves when the peer has ended too; what still arrives is thrown away.
   * A peer that never ends is the caller's to abort. Idempotent.
   */
  close(): Promise<void>
  /** Ends now; what was not sent is lost. Idempotent. */
  abort(reason?: Error): void
}

/** A stream whose directions end one by one: TCP, TLS, Unix-domain sockets and pairs in one process. */
export interface DuplexStream extends Stream {
  /**
   * Sends what was written, then ends our direction; reading goes on (POSIX shutdown with SHUT_WR). What is written
   * afterwards is lost. Idempotent.
   */
  end(): void
}

/** A stream over a socket of the system: it has an address of its own, and options. */
export interface SystemStream extends DuplexStream {
  /** Our side: address and port; of Unix-domain sockets the path and 0. */
  readonly local: { readonly host: string; readonly port: number }
  /** Whether what is written now would be sent, as far as is known. */
  readonly isWritable: boolean
  /** What broke the connection. */
  readonly failure: Error | undefined
  /** TCP_NODELAY; does nothing where there is no such thing. */
  setNoDelay(on: boolean): void
  /** SO_KEEPALIVE, with the ms of silence before the first probe; 0 leaves what the system has. */
  setKeepAlive(on: boolean, initialDelayMs: number): void
}

/** Who is handed what arrives, instead of asking for it. */
export interface FlowSink {
  /** A chunk is looked at before `chunk` returns, and what is kept of it is copied: then it need not be a copy itself. */
  readonly borrows?: boolean
  /** True: no more before `resume`. */
  chunk(chunk: Buffer): boolean
  /** The peer has ended; or, with a reason, the connection broke. Called once, after the last chunk. */
  ended(reason?: Error): void
}

/** A stream that need not wait for the turn to end: for protocols that gather their own writes. */
export interface PromptStream extends Stream {
  /**
   * As `write`, but the chunks go to the system at once; undefined says that it took them all, and so does the promise when it
   * resolves: then their memory may be used again.
   */
  writeNow(chunks: readonly Buffer[]): Promise<void> | undefined
}

/** A stream that can also be driven without a promise for each chunk: for protocols with many small messages. */
export interface FlowingStream extends DuplexStream, PromptStream {
  /** From now on what arrives goes to the sink; `bytes` must not be read any more. `resume` goes on after a pause. */
  flow(sink: FlowSink): { resume(): void }
}

/** Whether a stream can write at once. */
export function isPrompt(stream: Stream): stream is PromptStream {
  return 'writeNow' in stream
}

/** Whether a stream can be driven. */
export function isFlowing(stream: Stream): stream is FlowingStream {
  return 'flow' in stream && isPrompt(stream)
}

/** A place where connections arrive. */
export interface Listener {
  /** Where it listens: the port is the real one, also when 0 was asked for. */
  readonly host: string
  readonly port: number
  /** Takes no more connections; those that are there stay. Idempotent. */
  close(): Promise<void>
}
