// One simulated connection: bytes that take their time, come in other pieces than they went, are cut off anywhere, or never
// come, by a seed. Each direction is a pipe that is fed by timers of the world.
//
//   write --in flight, each delayed, in order--> pipe --> reader        cut: the reader gets a part, then both ends break
//                          \-- silent: from now on nothing comes, and nobody is told (half open)

import { type Deferred, deferred } from '../../flow/index.ts'
import { type DuplexStream, type Peer, SocketError } from '../../transport/index.ts'
import { Pipe } from '../../transport/pipe.ts'
import type { World } from '../../world/index.ts'
import type { Dice } from '../disk/index.ts'

/** What befalls bytes on a link. */
export interface LinkFaults {
  /** Ms that each piece is under way, at most. */
  readonly delayMsMax: number
  /** Bytes after which a direction is cut; undefined: never. */
  readonly cutAt?: number | undefined
  /** Bytes after which a direction says nothing any more. */
  readonly silentAt?: number | undefined
}

/** Bytes in flight above which a writer is asked to wait. */
const IN_FLIGHT_MAX = 4096

export class StreamLink {
  /** The end of who connected, and the end of who was connected to. */
  readonly ends: readonly [DuplexStream, DuplexStream]
  readonly #there: Direction
  readonly #back: Direction

  constructor(world: World, dice: Dice, name: string, faults: readonly [LinkFaults, LinkFaults]) {
    const cut = (): void => this.cut()
    this.#there = new Direction(world, dice, faults[0], cut)
    this.#back = new Direction(world, dice, faults[1], cut)
    const peer: Peer = { address: name, port: 0, encrypted: false }
    this.ends = [new LinkEnd(peer, this.#back, this.#there), new LinkEnd(peer, this.#there, this.#back)]
  }

  /** Both ends break, whatever is in flight. */
  cut(): void {
    for (const direction of [this.#there, this.#back])
      direction.fail(new SocketError('ECONNRESET', 'the link was cut'))
  }

  /** From now on nothing comes, either way. */
  silence(): void {
    this.#there.silence()
    this.#back.silence()
  }
}

class LinkEnd implements DuplexStream {
  readonly peer: Peer
  readonly bytes: AsyncIterable<Buffer>
  readonly #in: Direction
  readonly #out: Direction

  constructor(peer: Peer, incoming: Direction, outgoing: Direction) {
    this.peer = peer
    this.#in = incoming
    this.#out = outgoing
    this.bytes = { [Symbol.asyncIterator]: () => incoming.pipe.read() }
  }

  write(chunks: readonly Buffer[]): Promise<void> | undefined {
    return this.#out.write(Buffer.concat(chunks))
  }

  end(): void {
    this.#out.end()
  }

  close(): Promise<void> {
    this.#out.end()
    this.#in.pipe.discard()
    return this.#in.pipe.finished
  }

  abort(reason: Error = new SocketError('ECONNABORTED', 'the stream was aborted')): void {
    this.#in.pipe.fail(reason)
    this.#out.reset()
  }
}

class Direction {
  readonly pipe = new Pipe(Number.POSITIVE_INFINITY)
  readonly #world: World
  readonly #dice: Dice
  readonly #faults: LinkFaults
  readonly #cut: () => void
  #written = 0
  #inFlight = 0
  #lastAt = 0
  #isSilent = false
  #isOver = false
  #room: Deferred<void> | undefined

  constructor(world: World, dice: Dice, faults: LinkFaults, cut: () => void) {
    this.#world = world
    this.#dice = dice
    this.#faults = faults
    this.#cut = cut
  }

  write(bytes: Buffer): Promise<void> | undefined {
    if (this.#isOver) return undefined
    const { cutAt = Number.POSITIVE_INFINITY, silentAt = Number.POSITIVE_INFINITY } = this.#faults
    const from = this.#written
    this.#written += bytes.length
    if (this.#written > silentAt) this.#isSilent = true
    if (this.#isSilent) return undefined
    const whole = bytes.subarray(0, Math.max(0, cutAt - from))
    const middle = this.#dice.chance(0.3) ? this.#dice.below(whole.length + 1) : whole.length
    for (const piece of [whole.subarray(0, middle), whole.subarray(middle)]) this.#send(piece)
    if (whole.length < bytes.length) this.#later(() => this.#cut())
    if (this.#inFlight <= IN_FLIGHT_MAX) return undefined
    this.#room ??= deferred()
    return this.#room.promise
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    if (!this.#isSilent) this.#later(() => this.pipe.end())
  }

  /** The writer is gone: the reader hears of it, after what is in flight. */
  reset(): void {
    this.#isOver = true
    if (!this.#isSilent)
      this.#later(() => this.pipe.fail(new SocketError('ECONNRESET', 'the other end is gone')))
    this.#freeWriter()
  }

  fail(reason: Error): void {
    this.#isOver = true
    if (!this.#isSilent) this.pipe.fail(reason)
    this.#freeWriter()
  }

  silence(): void {
    this.#isSilent = true
  }

  #send(piece: Buffer): void {
    if (piece.length === 0) return
    this.#inFlight += piece.length
    this.#later(() => {
      this.#inFlight -= piece.length
      void this.pipe.write([piece])
      if (this.#inFlight === 0) this.#freeWriter()
    })
  }

  /** After what went before; nothing, when the direction is silent by then. */
  #later(run: () => void): void {
    const now = this.#world.monotonic()
    this.#lastAt = Math.max(this.#lastAt, now + this.#dice.below(this.#faults.delayMsMax + 1))
    this.#world.after(this.#lastAt - now, () => {
      if (!this.#isSilent) run()
    })
  }

  #freeWriter(): void {
    this.#room?.resolve()
    this.#room = undefined
  }
}
