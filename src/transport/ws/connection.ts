// An open WebSocket over any byte stream, either side (RFC 6455 sections 5 to 7).
//
//   open --we send Close--> closing --the peer's Close, or its end--> closed
//   open --the peer's Close, which is answered; a breach; an end--> closed
//
// A pump reads the stream into a bounded queue of messages and answers pings; when the queue is full, or the peer does
// not read its pongs, the pump stops, and with it the peer. After both Close frames the server ends the connection and
// the client waits for that (section 7.1.1); who waits longer than `closeMs` cuts it.

import { BoundedQueue, deferred, Waiters } from '../../flow/index.ts'
import type { Timer, World } from '../../world/index.ts'
import { SocketError } from '../errors.ts'
import { isPrompt, type Peer, type Stream } from '../stream.ts'
import { closePayload, closeStatuses } from './close.ts'
import { WsError, wsErrors } from './errors.ts'
import { frameOf, framesOf, type MaskSource, opcodes } from './frame.ts'
import { IncomingFrames } from './incoming.ts'
import type { WsLimits } from './limits.ts'
import type { MessageStream, WsClosing } from './message-stream.ts'

export interface WsConnectionOptions {
  readonly stream: Stream
  /** What followed the handshake in the same chunk. */
  readonly rest: Buffer
  readonly side: 'client' | 'server'
  readonly protocol: string
  readonly limits: WsLimits
  readonly world: World
}

const ABNORMAL: WsClosing = { status: 1006, reason: '' }

export class WsConnection implements MessageStream {
  readonly peer: Peer
  readonly protocol: string
  readonly messages: BoundedQueue<Buffer>
  readonly #stream: Stream
  readonly #side: 'client' | 'server'
  readonly #limits: WsLimits
  readonly #world: World
  readonly #mask: MaskSource | undefined
  readonly #frames: IncomingFrames
  readonly #closed = deferred<WsClosing>()
  #state: 'open' | 'closing' | 'closed' = 'open'
  readonly #forPong = new Waiters()
  #pongs = 0
  #cut: Timer | undefined

  constructor({ stream, rest, side, protocol, limits, world }: WsConnectionOptions) {
    this.peer = stream.peer
    this.protocol = protocol
    this.messages = new BoundedQueue<Buffer>({
      itemsMax: limits.queueMessagesMax,
      bytesMax: limits.queueBytesMax,
      bytesOf: payload => payload.length,
    })
    this.#stream = stream
    this.#side = side
    this.#limits = limits
    this.#world = world
    this.#mask = side === 'client' ? maskSource(world) : undefined
    this.#frames = new IncomingFrames(limits, { masked: side === 'server' })
    this.#frames.push(rest)
    void this.#pump()
  }

  get closed(): Promise<WsClosing> {
    return this.#closed.promise
  }

  send(chunks: readonly Buffer[], { text = false, now = false } = {}): Promise<void> | undefined {
    if (this.#state !== 'open') return undefined
    const opcode = text ? opcodes.text : opcodes.binary
    const frames = framesOf(opcode, chunks, this.#mask, this.#limits.sendFrameBytesMax)
    return now && isPrompt(this.#stream) ? this.#stream.writeNow(frames) : this.#stream.write(frames)
  }

  async ping(signal?: AbortSignal): Promise<void> {
    const before = this.#pongs
    if (this.#state === 'open') {
      this.#write(opcodes.ping, [])
      await this.#forPong.wait(signal)
    }
    if (this.#pongs === before) throw new SocketError('ECONNABORTED', 'the WebSocket has ended')
  }

  async close(status: number = closeStatuses.normal, reason = ''): Promise<void> {
    const payload = closePayload(status, reason)
    if (this.#state === 'open') {
      this.#state = 'closing'
      this.#write(opcodes.close, [payload])
      this.messages.close()
      this.#cutLater()
    }
    await this.#closed.promise
  }

  abort(reason: Error = new SocketError('ECONNABORTED', 'the WebSocket was aborted')): void {
    this.#state = 'closed'
    this.messages.abort(reason)
    this.#stream.abort(reason)
    this.#over(ABNORMAL)
  }

  #write(opcode: number, chunks: readonly Buffer[]): Promise<void> | undefined {
    return this.#stream.write(frameOf(opcode, chunks, this.#mask))
  }

  async #pump(): Promise<void> {
    try {
      if (await this.#drainFrames()) return
      for await (const chunk of this.#stream.bytes) {
        this.#frames.push(chunk)
        if (await this.#drainFrames()) return
      }
      if (this.#state === 'open')
        throw new WsError('WS_ENDED_ABNORMALLY', 'the connection ended without a Close frame')
      if (this.#state === 'closing') await this.#finish(ABNORMAL)
    } catch (error) {
      await this.#broken(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Handles what has arrived; waits where the taker or the peer is slow. True when the stream has been closed. */
  async #drainFrames(): Promise<boolean> {
    for (let event = this.#frames.next(); event !== undefined; event = this.#frames.next()) {
      if (event.at === 'message') {
        if (!this.messages.push(event.payload)) await this.#pushLater(event.payload)
      } else if (event.at === 'close') await this.#peerCloses(event)
      else if (event.at === 'ping' && this.#state === 'open') {
        const slow = this.#write(opcodes.pong, [event.payload])
        if (slow !== undefined) await slow
      } else if (event.at === 'pong') {
        this.#pongs++
        this.#forPong.wake()
      }
      if (this.#state === 'closed') return true
    }
    return this.#state === 'closed'
  }

  /** Waits until the message has room; drops it when nobody takes any more. */
  async #pushLater(payload: Buffer): Promise<void> {
    for (;;) {
      const room = this.messages.room(payload.length)
      if (room !== undefined) await room
      if (this.messages.push(payload) || this.messages.room(payload.length) === undefined) return
    }
  }

  async #peerCloses({ status, reason }: WsClosing): Promise<void> {
    if (this.#state === 'open') {
      const payload = status === 1005 ? [] : [closePayload(status, '')]
      this.#write(opcodes.close, payload)
      this.messages.close()
      this.#cutLater()
    }
    this.#state = 'closed'
    if (this.#side === 'client') for await (const _ of this.#stream.bytes); // the server ends first
    await this.#finish({ status, reason })
  }

  /** A breach of the peer's, or a connection that broke: the peer is told why where it can be. */
  async #broken(reason: Error): Promise<void> {
    if (this.#state === 'closed') return this.#over(ABNORMAL)
    const status = reason instanceof WsError ? wsErrors[reason.code].status : 0
    const isTold = this.#state === 'open' && status !== 0
    if (isTold) this.#write(opcodes.close, [closePayload(status, '')])
    this.#state = 'closed'
    this.messages.close(reason)
    this.#cutLater()
    await this.#finish(isTold ? { status, reason: reason.message } : ABNORMAL)
  }

  async #finish(closing: WsClosing): Promise<void> {
    this.#state = 'closed'
    await this.#stream.close()
    this.#over(closing)
  }

  #over(closing: WsClosing): void {
    this.#cut?.cancel()
    this.#forPong.wake()
    this.#closed.resolve(closing)
  }

  #cutLater(): void {
    const { closeMs } = this.#limits
    this.#cut ??= this.#world.after(closeMs, () => {
      this.#state = 'closed'
      this.#stream.abort(
        new WsError('WS_CLOSE_TIMEOUT', `the peer did not end within ${closeMs} ms of a Close frame`),
      )
      this.#over(ABNORMAL) // what had arrived can still be taken
    })
  }
}

/** Keys are cut from larger blocks: asking the system for four bytes at a time costs more than the masking. */
const MASK_BLOCK_BYTES = 4096

function maskSource(world: World): MaskSource {
  let block: Buffer = Buffer.alloc(0)
  let at = 0
  return () => {
    if (at === block.length) {
      block = world.randomBytes(MASK_BLOCK_BYTES)
      at = 0
    }
    at += 4
    return block.subarray(at - 4, at)
  }
}
