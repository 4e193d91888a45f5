// The eleven sockets. Each is a pattern with a face: what its protocol can do, and no more.

import { bytesOf, Context, type Payload, type WaitOptions } from './context.ts'
import type { Core } from './core.ts'
import { SpError } from './errors.ts'
import {
  atLeastZero,
  type Pair1Options,
  type ReqOptions,
  type SpOptions,
  type SubOptions,
  type SurveyorOptions,
} from './options.ts'
import type { Lane, Pattern } from './pattern.ts'
import { bus } from './patterns/bus.ts'
import { pair0 } from './patterns/pair0.ts'
import { pair1, pair1Polyamorous, pair1Raw } from './patterns/pair1.ts'
import { pub } from './patterns/pub.ts'
import { pull } from './patterns/pull.ts'
import { push } from './patterns/push.ts'
import { rep } from './patterns/rep.ts'
import { req } from './patterns/req.ts'
import { respondent } from './patterns/respondent.ts'
import { type Subscriber, sub } from './patterns/sub.ts'
import { surveyor } from './patterns/surveyor.ts'
import { xrep, xrespondent } from './patterns/xrep.ts'
import { xreq } from './patterns/xreq.ts'
import { xsub } from './patterns/xsub.ts'
import { xsurveyor } from './patterns/xsurveyor.ts'
import { DuplexSocket, ReceivingSocket, SendingSocket } from './socket.ts'

/** A pattern whose types of state have been forgotten: a socket may be one of two. */
type AnyPattern = Pattern<unknown, Lane>
// A core gives a pattern only what the same pattern has made, which the type system cannot follow.
const forgotten = <S, L extends Lane>(pattern: Pattern<S, L>): AnyPattern => pattern as unknown as AnyPattern

/** One to one. */
export class Pair0 extends DuplexSocket {
  constructor(options: SpOptions = {}) {
    super(forgotten(pair0), options)
  }
}

/** One to one through devices; polyamorous: one to many, each by name. */
export class Pair1 extends DuplexSocket {
  constructor(options: Pair1Options = {}) {
    const { polyamorous = false, raw = false } = options
    if (polyamorous && raw) throw new SpError('EINVAL', 'a raw PAIR1 is not polyamorous')
    super(forgotten(raw ? pair1Raw : polyamorous ? pair1Polyamorous : pair1), options)
  }
}

/** One to all who want it. */
export class Pub extends SendingSocket {
  constructor(options: SpOptions = {}) {
    super(forgotten(pub), options)
  }
}

/** A part of what publishers say. */
export class SubContext extends Context<unknown, Lane> {
  /** Takes what begins with the prefix; an empty one takes all. Errors: SpError ENOTSUP above the limit, or raw. */
  subscribe(prefix: Payload = ''): void {
    subscriberOf(this).subscribe(Buffer.from(bytesOf(prefix)))
  }

  /** Errors: SpError ENOENT when it had not subscribed to exactly this. */
  unsubscribe(prefix: Payload = ''): void {
    if (!subscriberOf(this).unsubscribe(bytesOf(prefix)))
      throw new SpError('ENOENT', `there is no subscription to ${JSON.stringify(String(bytesOf(prefix)))}`)
  }
}

function subscriberOf({ lane }: Context<unknown, Lane>): Subscriber {
  if ('subscribe' in lane) return lane as Subscriber
  throw new SpError('ENOTSUP', 'a raw SUB takes everything')
}

/** Takes what publishers say. */
export class Sub extends ReceivingSocket {
  readonly #face: SubContext

  constructor(options: SubOptions = {}) {
    super(options.raw === true ? forgotten(xsub) : forgotten(sub(options.preferNew ?? true)), options)
    this.#face = new SubContext(this.core, this.own.lane)
  }

  /** As `SubContext.subscribe`. */
  subscribe(prefix: Payload = ''): void {
    this.#face.subscribe(prefix)
  }
  unsubscribe(prefix: Payload = ''): void {
    this.#face.unsubscribe(prefix)
  }
  /** A further set of subscriptions with a buffer of its own. */
  context(): SubContext {
    return new SubContext(this.core, contextLane(this.core))
  }
}

/** Asks one of those who answer. */
export class Req extends DuplexSocket {
  constructor(options: ReqOptions = {}) {
    const { resendMs = 60_000, resendTickMs = 1000 } = options
    atLeastZero('resendMs', resendMs)
    atLeastZero('resendTickMs', resendTickMs)
    super(options.raw === true ? forgotten(xreq) : forgotten(req(resendMs, resendTickMs)), options)
  }

  /** A further request at the same time. */
  context(): Context {
    return new Context(this.core, contextLane(this.core))
  }

  /** Sends in a context of its own, and resolves with the answer. Errors: as `send` and `receive`. */
  async request(body: Payload, options?: WaitOptions): Promise<Buffer> {
    await using context = this.context()
    await context.send(body, options)
    return await context.receive(options)
  }
}

/** Answers. */
export class Rep extends DuplexSocket {
  constructor(options: SpOptions = {}) {
    super(forgotten(options.raw === true ? xrep : rep), options)
  }

  /** A further request that is answered at the same time. */
  context(): Context {
    return new Context(this.core, contextLane(this.core))
  }
}

/** Gives work to one of many. */
export class Push extends SendingSocket {
  constructor(options: SpOptions = {}) {
    super(forgotten(push), options)
  }
}

/** Takes work. */
export class Pull extends ReceivingSocket {
  constructor(options: SpOptions = {}) {
    super(forgotten(pull), options)
  }
}

/** Asks all, for a time. */
export class Surveyor extends DuplexSocket {
  constructor(options: SurveyorOptions = {}) {
    const { surveyMs = 1000 } = options
    atLeastZero('surveyMs', surveyMs)
    super(options.raw === true ? forgotten(xsurveyor) : forgotten(surveyor(surveyMs)), options)
  }

  /** A further survey at the same time. */
  context(): Context {
    return new Context(this.core, contextLane(this.core))
  }

  /** Sends in a context of its own, and gives the answers until the time is over. */
  async *survey(body: Payload, options?: WaitOptions): AsyncGenerator<Buffer, undefined> {
    await using context = this.context()
    await context.send(body, options)
    try {
      for (;;) yield await context.receive(options)
    } catch (error) {
      if (!(error instanceof SpError && error.code === 'ETIMEDOUT')) throw error
    }
  }
}

/** Answers surveys. */
export class Respondent extends DuplexSocket {
  constructor(options: SpOptions = {}) {
    super(forgotten(options.raw === true ? xrespondent : respondent), options)
  }

  /** A further survey that is answered at the same time. */
  context(): Context {
    return new Context(this.core, contextLane(this.core))
  }
}

/** Each to all others. */
export class Bus extends DuplexSocket {
  constructor(options: SpOptions = {}) {
    super(forgotten(bus), options)
  }
}

/** Errors: SpError ENOTSUP for a raw socket, ECLOSED. */
function contextLane(core: Core<unknown, Lane>): Lane {
  if (!core.pattern.contexts) throw new SpError('ENOTSUP', 'a raw socket has no contexts')
  if (core.isClosed) throw new SpError('ECLOSED')
  return core.openLane()
}
