// The transport room as a browser has it: connecting over WebSocket, and nothing else. In the browser's bundle it stands for
// transport/index.ts.
//
// A browser reads whether we do or not, so what has arrived and is not taken has a bound, beyond which the connection ends.
// It answers pings by itself and lets nobody send them.

import { BoundedQueue, type Deferred, deferred } from '../../../flow/index.ts'
import type { Address } from '../../../transport/address.ts'
import { AddressError } from '../../../transport/address-errors.ts'
import type { MessageStream, WsClosing } from '../../../transport/ws/message-stream.ts'
import { ZmqError } from '../errors.ts'
import { systemWorld } from './world.ts'

export { formatAddress, parseAddress } from '../../../transport/address.ts'
export { AddressError }

const limits = {
  /** Messages that have arrived and were not taken. */
  messagesMax: 100_000,
  /** Their bytes. */
  bytesMax: 256 << 20,
  /** Bytes that wait in the browser before who sends is asked to wait. */
  bufferedBytesMax: 1 << 20,
} as const
/** Ms from one look at what the browser has sent to the next: there is no event for it. */
const LOOK_MS = 5

/** What is used of a WebSocket of the browser (WHATWG). */
interface WebSocketLike {
  binaryType: string
  readonly protocol: string
  readonly bufferedAmount: number
  onopen: (() => void) | null
  onerror: (() => void) | null
  onmessage: ((event: { readonly data: ArrayBuffer | string }) => void) | null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null
  send(bytes: Uint8Array): void
  close(): void
}

interface WebSocketClass {
  new (url: string, protocols: string[]): WebSocketLike
}

export interface ConnectWsOptions {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly protocols: readonly string[]
  readonly tls?: object
  readonly signal?: AbortSignal
}

/** Connects. Errors: Error when the browser does not (it doesn't say why), the signal's reason. */
export async function connectWs(options: ConnectWsOptions): Promise<MessageStream> {
  const { host, port, path, protocols, tls, signal } = options
  signal?.throwIfAborted()
  const { WebSocket } = globalThis as unknown as { readonly WebSocket: WebSocketClass }
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}${path}`
  const socket = new WebSocket(`${tls === undefined ? 'ws' : 'wss'}://${place}`, [...protocols])
  socket.binaryType = 'arraybuffer'
  const opened = deferred()
  // It listens from the beginning: the server's first message may come with its consent.
  const stream = new BrowserStream(socket, { host, port })
  const halt = (): void => {
    stream.abort()
    opened.reject(signal?.reason)
  }
  socket.onopen = () => opened.resolve()
  void stream.closed.then(() => opened.reject(new Error(`cannot connect to ${place}`)))
  signal?.addEventListener('abort', halt, { once: true })
  try {
    await opened.promise
    return stream
  } finally {
    signal?.removeEventListener('abort', halt)
  }
}

class BrowserStream implements MessageStream {
  readonly peer: MessageStream['peer']
  readonly messages = new BoundedQueue<Buffer>({
    itemsMax: limits.messagesMax,
    bytesMax: limits.bytesMax,
    bytesOf: message => message.length,
  })
  readonly #socket: WebSocketLike
  readonly #ended = deferred<WsClosing>()
  #isOver = false
  #drained: Deferred<void> | undefined

  constructor(socket: WebSocketLike, { host, port }: { readonly host: string; readonly port: number }) {
    this.#socket = socket
    this.peer = { address: host, port, encrypted: false }
    socket.onmessage = ({ data }) =>
      this.#arrived(typeof data === 'string' ? Buffer.from(data) : Buffer.from(data))
    socket.onclose = ({ code, reason }) => {
      this.#over()
      this.messages.close()
      this.#ended.resolve({ status: code, reason })
    }
  }

  get protocol(): string {
    return this.#socket.protocol
  }
  get closed(): Promise<WsClosing> {
    return this.#ended.promise
  }

  #arrived(message: Buffer): void {
    if (this.#isOver || this.messages.push(message)) return
    this.abort(
      new Error(`more than ${limits.messagesMax} messages or ${limits.bytesMax} bytes wait to be received`),
    )
  }

  send(chunks: readonly Buffer[]): Promise<void> | undefined {
    if (this.#isOver) return undefined
    this.#socket.send(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
    if (this.#socket.bufferedAmount < limits.bufferedBytesMax) return undefined
    if (this.#drained === undefined) {
      this.#drained = deferred()
      this.#look()
    }
    return this.#drained.promise
  }

  #look(): void {
    if (!this.#isOver && this.#socket.bufferedAmount > 0) systemWorld.after(LOOK_MS, () => this.#look())
    else {
      this.#drained?.resolve()
      this.#drained = undefined
    }
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {
    this.#over()
    this.messages.close()
    this.#socket.close()
    await this.#ended.promise
  }

  abort(reason?: Error): void {
    this.#over()
    if (reason === undefined) this.messages.close()
    else this.messages.abort(reason)
    this.#socket.close()
  }

  #over(): void {
    this.#isOver = true
  }
}

/** Whether a stream can be driven: there are none here. */
export function isFlowing(): false {
  return false
}

export function errorCodeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return typeof code === 'string' ? code : undefined
}

export function listenHost(host: string): string {
  return host
}

// What a page can't do.

export function connect(address: Address): Promise<never> {
  return Promise.reject(refusal(address.scheme))
}

export function listen(): Promise<never> {
  return Promise.reject(refusal('listening'))
}

export function listenWs(): Promise<never> {
  return Promise.reject(refusal('listening'))
}

export function openUdp(): Promise<never> {
  return Promise.reject(refusal('udp'))
}

function refusal(what: string): ZmqError {
  return new ZmqError('EPROTONOSUPPORT', { text: `A browser has no ${what}: connect to ws:// or wss://` })
}
