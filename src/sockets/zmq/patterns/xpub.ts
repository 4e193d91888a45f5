// XPUB and PUB (RFC 29): each message goes to those who have subscribed to what it begins with; a peer without room loses it.
// XPUB's user also receives the subscriptions, as messages: 1 or 0, then the prefix.
//
// `verbose` passes on subscriptions that somebody already had, `verboser` also such cancels. `manual`: a subscription counts
// only when the user repeats it by `subscribe`, for the peer whose message was received last. `invertMatching`: those get
// it who have not subscribed to it. `noDrop`: instead of losing it for a peer, nobody gets it and the sender waits.

import { FanOut, Subscriptions } from '../../routes/index.ts'
import { ZmqError } from '../errors.ts'
import { zmqLimits } from '../limits.ts'
import { type Frames, frameOf } from '../message.ts'
import type { Pipe } from '../pipe.ts'
import type { Pattern, PatternContext, PatternDefinition, Received, Sent } from './pattern.ts'

interface Note {
  readonly frames: Frames
  /** Whose it is. */
  readonly pipe: Pipe
}

interface Share {
  count: number
  bytes: number
}

class Publishing implements Pattern {
  readonly #context: PatternContext
  readonly #hasUser: boolean
  readonly #out = new FanOut<Frames, Pipe>()
  readonly #subscriptions = new Subscriptions<Pipe>()
  /** `manual`: what peers have asked for, which need not be what they get. */
  readonly #wishes = new Subscriptions<Pipe>()
  readonly #shares = new Map<Pipe, Share>()
  /** What the user has not received. */
  #notes: Note[] = []
  #last: Pipe | undefined
  pressure = false

  constructor(context: PatternContext, hasUser: boolean) {
    this.#context = context
    this.#hasUser = hasUser
  }

  attach(pipe: Pipe): void {
    this.#out.add(pipe)
    this.#shares.set(pipe, { count: 0, bytes: 0 })
    const { welcomeMessage } = this.#context.options
    if (this.#hasUser && welcomeMessage !== null) pipe.offer([frameOf(welcomeMessage)])
    this.#context.wakeSenders()
  }

  detach(pipe: Pipe): void {
    this.#forget(pipe)
  }

  send(frames: Frames): Sent {
    const { invertMatching, manualLastValue, noDrop } = this.#context.options
    const matching = this.#subscriptions.match(frames[0] as Buffer)
    let to: Iterable<Pipe> = matching
    if (invertMatching) to = [...this.#out.peers].filter(pipe => !matching.has(pipe))
    if (manualLastValue && this.#last !== undefined) to = matching.has(this.#last) ? [this.#last] : []
    if (manualLastValue) this.#last = undefined
    if (noDrop) for (const pipe of to) if (!pipe.hasRoom) return this.#wait(pipe)
    this.pressure = false
    for (const pipe of to) {
      // Frames are handed to several pipes, which may keep the array.
      if (!pipe.offer(frames.slice())) this.pressure = true
      else if (pipe.isPressed) this.pressure = true
    }
    return 'sent'
  }

  /** Has the pipe say when it has room. */
  #wait(pipe: Pipe): Sent {
    pipe.owe()
    return 'full'
  }

  receive(): Received | undefined {
    if (!this.#hasUser) throw new ZmqError('ENOTSUP')
    const note = this.#notes.shift()
    if (note === undefined) return undefined
    this.#last = note.pipe
    return note.frames
  }

  closed(): void {
    this.#notes = []
  }

  get canSend(): boolean {
    return true
  }
  get canReceive(): boolean {
    return this.#notes.length > 0
  }
  readable(): void {}
  writable(): void {
    this.#context.wakeSenders()
  }
  ending(pipe: Pipe): void {
    this.#forget(pipe)
  }

  /** Peers of 3.0 and 2.0 subscribe by messages; what else subscribers send is the user's (XPUB) or nothing. */
  arrived(pipe: Pipe, frames: Frames): boolean {
    const [first] = frames
    const kind = frames.length === 1 ? first?.[0] : undefined
    if (first !== undefined && (kind === 0 || kind === 1))
      this.subscription(pipe, kind === 1, first.subarray(1))
    else if (this.#hasUser) this.#note(pipe, frames)
    return true
  }

  subscription(pipe: Pipe, isOn: boolean, prefix: Buffer): void {
    if (!this.#shares.has(pipe)) return
    if (isOn) this.#subscribed(pipe, prefix)
    else this.#cancelled(pipe, prefix)
  }

  #subscribed(pipe: Pipe, prefix: Buffer): void {
    const share = this.#shares.get(pipe)
    if (share === undefined) return
    share.count++
    share.bytes += prefix.length
    if (
      share.count > zmqLimits.subscriptionsPerPeerMax ||
      share.bytes > zmqLimits.subscriptionBytesPerPeerMax
    ) {
      this.#context.refuse(pipe)
      return
    }
    const { manual, manualLastValue, verbose, verboser } = this.#context.options
    const isManual = this.#hasUser && (manual || manualLastValue)
    const { isFirst } = (isManual ? this.#wishes : this.#subscriptions).add(prefix, pipe)
    if (isFirst || verbose || verboser || isManual) this.#note(pipe, [noteOf(1, prefix)])
  }

  #cancelled(pipe: Pipe, prefix: Buffer): void {
    const share = this.#shares.get(pipe)
    const { manual, manualLastValue, verboser } = this.#context.options
    const isManual = this.#hasUser && (manual || manualLastValue)
    const removed = removeWhole(isManual ? this.#wishes : this.#subscriptions, prefix, pipe)
    if (removed.count === 0 || share === undefined) return
    share.count -= removed.count
    share.bytes -= removed.count * prefix.length
    if (removed.isLast || verboser || isManual) this.#note(pipe, [noteOf(0, prefix)])
  }

  /** `manual`: the user decides for the peer whose subscription was received last. */
  subscribe(isOn: boolean, prefix: Buffer): void {
    if (!this.#hasUser || this.#last === undefined || !this.#shares.has(this.#last)) return
    if (isOn) this.#subscriptions.add(prefix, this.#last)
    else removeWhole(this.#subscriptions, prefix, this.#last)
  }

  #note(pipe: Pipe, frames: Frames): void {
    if (!this.#hasUser) return
    const max = this.#context.options.receiveHighWaterMark
    // A user who does not read loses the oldest: the table of subscriptions is right all the same.
    if (max > 0 && this.#notes.length >= Math.max(max, MIN_NOTES)) this.#notes.shift()
    this.#notes.push({ frames, pipe })
    this.#context.wakeReceivers()
  }

  #forget(pipe: Pipe): void {
    if (!this.#shares.delete(pipe)) return
    this.#out.remove(pipe)
    const { manual, manualLastValue } = this.#context.options
    const isManual = this.#hasUser && (manual || manualLastValue)
    const note = (prefix: Buffer): void => this.#note(pipe, [noteOf(0, prefix)])
    this.#subscriptions.removeAll(pipe, isManual ? () => {} : note)
    this.#wishes.removeAll(pipe, isManual ? note : () => {})
    if (this.#last === pipe) this.#last = undefined
    this.#context.wakeSenders()
  }
}

/**
 * One cancel ends a peer's subscription, however often it was made: libzmq's subscribers pass on every subscription, and a
 * cancel only with the last (its xsub.cpp); its publishers don't count either (mtrie.hpp).
 */
function removeWhole(
  subscriptions: Subscriptions<Pipe>,
  prefix: Buffer,
  pipe: Pipe,
): { readonly count: number; readonly isLast: boolean } {
  for (let count = 0; ; count++) {
    const outcome = subscriptions.remove(prefix, pipe)
    if (outcome === undefined) return { count, isLast: false }
    if (outcome.isGone) return { count: count + 1, isLast: outcome.isLast }
  }
}

/** Notes that are kept even if the high-water mark is lower. */
const MIN_NOTES = 1000

function noteOf(kind: 0 | 1, prefix: Buffer): Buffer {
  return Buffer.concat([Buffer.from([kind]), prefix])
}

export const xpub: PatternDefinition = {
  name: 'XPUB',
  id: 9,
  peers: ['SUB', 'XSUB'],
  sends: true,
  receives: true,
  isMultipart: true,
  hasRoutingId: false,
  waitsForPeer: false,
  open: context => new Publishing(context, true),
}

export const pub: PatternDefinition = {
  ...xpub,
  name: 'PUB',
  id: 1,
  receives: false,
  open: context => new Publishing(context, false),
}
