// Writes down what happens in one call, with the moment of each event: what the engine tells of its frames, and what the
// interceptors see. Nothing is printed meanwhile, for that would be what is measured.

import { frames } from '../../../../rpc/engine/frames.ts'
import type { FrameObserver, ServeInterceptor } from '../../../../rpc/index.ts'
import type { World } from '../../../../world/index.ts'
import { type Dissected, Dissector, framesOf } from './dissect.ts'

/** A message as it was on the wire. */
export interface Message {
  /** With its length. */
  readonly bytes: Buffer
  readonly frame: Dissected
}

/** The moments of a call in ms of the world's clock; those of the server only where it is ours. */
export interface Moments {
  called?: number
  callPacked?: number
  callSent?: number
  callReceived?: number
  methodBegan?: number
  methodEnded?: number
  resultPacked?: number
  resultSent?: number
  resultReceived?: number
  returned?: number
}

interface Passed {
  readonly isOurs: boolean
  readonly frame: Buffer
}

export class Recorder {
  readonly #world: World
  readonly #dissector = new Dissector()
  readonly #method: string
  readonly moments: Moments = {}
  call: Message | undefined
  result: Message | undefined
  /** Frames that have passed, in their order, not yet taken apart: that takes as long as the call itself. */
  readonly #passed: Passed[] = []
  #callNumber: number | undefined
  #isOn = false

  constructor(world: World, method: string) {
    this.#world = world
    this.#method = method
  }

  /** From now on it is written down. */
  begin(): void {
    for (const { frame } of this.#passed.splice(0)) this.#dissector.frame(frame)
    this.#isOn = true
    this.moments.called = this.#world.monotonic()
  }

  /** The caller has its result. */
  end(): void {
    this.moments.returned = this.#world.monotonic()
    this.#isOn = false
    for (const passed of this.#passed.splice(0)) this.#note(passed)
  }

  /** At the caller. */
  readonly client: FrameObserver = event => {
    const now = this.#world.monotonic()
    if (event.at === 'packed') this.#packed('callPacked', event.kind === frames.call, now)
    else if (event.at === 'sent') {
      if (this.moments.callPacked !== undefined) this.#first('callSent', now)
      for (const frame of framesOf(event.batch)) this.#passed.push({ isOurs: true, frame })
    } else {
      const { frame } = event
      if (isAnswer(frame)) this.#first('resultReceived', now)
      this.#passed.push({ isOurs: false, frame: Buffer.from(frame) })
    }
  }

  /** At the callee. */
  readonly server: FrameObserver = event => {
    const now = this.#world.monotonic()
    if (event.at === 'packed')
      this.#packed('resultPacked', event.kind === frames.result || event.kind === frames.fault, now)
    else if (event.at === 'received' && event.frame[0] === frames.call) this.#first('callReceived', now)
    else if (event.at === 'sent' && this.moments.resultPacked !== undefined) this.#first('resultSent', now)
  }

  /** Around the method, inside of everything else. */
  readonly aroundMethod: ServeInterceptor = (call, args, next) => {
    if (!this.#isOn || call.method !== this.#method) return next(args)
    this.#first('methodBegan', this.#world.monotonic())
    const ended = (): void => this.#first('methodEnded', this.#world.monotonic())
    try {
      const result = next(args)
      if (!(result instanceof Promise)) ended()
      else result.then(ended, ended)
      return result
    } catch (error) {
      ended()
      throw error
    }
  }

  #packed(moment: 'callPacked' | 'resultPacked', isIt: boolean, now: number): void {
    if (isIt) this.#first(moment, now)
  }

  /** All frames are taken apart, for names and references build on earlier ones; the call and its answer are kept. */
  #note({ isOurs, frame }: Passed): void {
    const dissected = this.#dissector.frame(frame)
    if (isOurs && dissected.name === 'CALL' && this.call === undefined) {
      this.#callNumber = dissected.call
      this.call = message(frame, dissected)
    } else if (!isOurs && isAnswer(frame) && dissected.call === this.#callNumber)
      this.result = message(frame, dissected)
  }

  #first(moment: keyof Moments, now: number): void {
    if (this.#isOn) this.moments[moment] ??= now
  }
}

function isAnswer(frame: Buffer): boolean {
  return frame[0] === frames.result || frame[0] === frames.fault
}

/** With its length before it, as it was on the wire. */
function message(frame: Buffer, dissected: Dissected): Message {
  const bytes = Buffer.alloc(4 + frame.length)
  bytes.writeUInt32BE(frame.length)
  frame.copy(bytes, 4)
  return { bytes, frame: dissected }
}
