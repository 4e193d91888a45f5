// RADIO and DISH (RFC 48, draft): each message has a group, and goes to those who have joined exactly that one. On the wire
// it is two frames, group and body.

import { FanOut } from '../../routes/index.ts'
import { ZmqError } from '../errors.ts'
import { zmqLimits } from '../limits.ts'
import { type Frames, frameOf } from '../message.ts'
import type { Pipe } from '../pipe.ts'
import { FairReading } from './fair-reading.ts'
import type { MessageDetails, Pattern, PatternContext, PatternDefinition, Received, Sent } from './pattern.ts'

class RadioPattern implements Pattern {
  readonly #context: PatternContext
  readonly #out = new FanOut<Frames, Pipe>()
  readonly #groups = new Map<string, Set<Pipe>>()
  readonly #counts = new Map<Pipe, number>()
  pressure = false
  readonly canReceive = false
  readonly canSend = true

  constructor(context: PatternContext) {
    this.#context = context
  }

  attach(pipe: Pipe): void {
    this.#out.add(pipe)
    this.#counts.set(pipe, 0)
  }

  detach(pipe: Pipe): void {
    this.#forget(pipe)
  }

  send(frames: Frames, { group }: MessageDetails): Sent {
    const name = groupName(group)
    this.pressure = false
    const members = this.#groups.get(name.toString('latin1')) ?? new Set<Pipe>()
    for (const pipe of this.#out.peers)
      if (members.has(pipe) || pipe.hearsAll) {
        if (!pipe.offer([name, frames[0] as Buffer]) || pipe.isPressed) this.pressure = true
      }
    return 'sent'
  }

  receive(): Received | undefined {
    throw new ZmqError('ENOTSUP')
  }

  closed(): void {}

  readable(): void {}
  writable(): void {}
  ending(pipe: Pipe): void {
    this.#forget(pipe)
  }
  arrived(): boolean {
    return true
  }

  group(pipe: Pipe, isIn: boolean, group: Buffer): void {
    const key = group.toString('latin1')
    const count = this.#counts.get(pipe)
    if (count === undefined) return
    const members = this.#groups.get(key) ?? new Set<Pipe>()
    if (isIn === members.has(pipe)) return
    if (isIn && count >= zmqLimits.subscriptionsPerPeerMax) {
      this.#context.refuse(pipe)
      return
    }
    this.#counts.set(pipe, count + (isIn ? 1 : -1))
    if (isIn) this.#groups.set(key, members.add(pipe))
    else this.#leave(key, members, pipe)
  }

  #leave(key: string, members: Set<Pipe>, pipe: Pipe): void {
    members.delete(pipe)
    if (members.size === 0) this.#groups.delete(key)
  }

  #forget(pipe: Pipe): void {
    this.#out.remove(pipe)
    if (!this.#counts.delete(pipe)) return
    for (const [key, members] of this.#groups) if (members.has(pipe)) this.#leave(key, members, pipe)
  }
}

class DishPattern implements Pattern {
  readonly #in: FairReading
  readonly #pipes = new Set<Pipe>()
  readonly #groups = new Set<string>()
  readonly canSend = false

  constructor(context: PatternContext) {
    this.#in = new FairReading(context)
  }

  attach(pipe: Pipe): void {
    this.#pipes.add(pipe)
    this.#in.add(pipe)
    this.renewed(pipe)
  }

  detach(pipe: Pipe): void {
    this.#pipes.delete(pipe)
    this.#in.remove(pipe)
  }

  send(): Sent {
    throw new ZmqError('ENOTSUP')
  }

  receive(): Received | undefined {
    const frames = this.#in.take()
    return frames === undefined ? undefined : [frames[1] as Buffer, { group: frames[0] as Buffer }]
  }

  closed(): void {}

  get canReceive(): boolean {
    return this.#in.canTake
  }
  readable(pipe: Pipe): void {
    this.#in.wake(pipe)
  }
  writable(): void {}

  /** True for groups that have been left, and for what is not two frames. */
  arrived(_pipe: Pipe, frames: Frames): boolean {
    return frames.length !== 2 || !this.#groups.has((frames[0] as Buffer).toString('latin1'))
  }

  join(isIn: boolean, group: Buffer): void {
    const name = Buffer.from(groupName(group))
    const key = name.toString('latin1')
    if (isIn === this.#groups.has(key)) throw new ZmqError('EINVAL')
    if (isIn) this.#groups.add(key)
    else this.#groups.delete(key)
    for (const pipe of this.#pipes) pipe.join(isIn, name)
  }

  renewed(pipe: Pipe): void {
    for (const group of this.#groups) pipe.join(true, Buffer.from(group, 'latin1'))
  }
}

/** Up to the first NUL: in libzmq a group is a string of C. */
function groupName(group: Buffer | string | undefined): Buffer {
  const given = group === undefined ? undefined : frameOf(group)
  const end = given?.indexOf(0) ?? -1
  const name = end < 0 ? given : given?.subarray(0, end)
  if (name === undefined || name.length > zmqLimits.groupBytesMax) throw new ZmqError('EINVAL')
  return name
}

export const radio: PatternDefinition = {
  name: 'RADIO',
  id: 14,
  peers: ['DISH'],
  sends: true,
  receives: false,
  isMultipart: false,
  hasRoutingId: false,
  waitsForPeer: false,
  open: context => new RadioPattern(context),
}

export const dish: PatternDefinition = {
  ...radio,
  name: 'DISH',
  id: 15,
  peers: ['RADIO'],
  sends: false,
  receives: true,
  linger: 0,
  open: context => new DishPattern(context),
}
