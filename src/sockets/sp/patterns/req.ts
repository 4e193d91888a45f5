// REQ (nng_req(7)): a request goes to one peer, by turns, under an id of its own; an answer counts only under the id of the
// latest request. A request whose peer goes away is sent again at once, and one that is not answered in time, too: so a
// request may be carried out twice.
//
//   idle --send--> asked --answer--> answered --take--> idle
//   asked --send--> asked (the earlier request is cancelled)
//   asked --the peer goes, or it is due; nobody has room--> unsent --room--> asked
//   asked --the peer goes, and nothing is sent again--> failed --take--> idle

import { Waiters } from '../../../flow/index.ts'
import type { Timer } from '../../../world/index.ts'
import { LoadBalance } from '../../routes/index.ts'
import { nextId, WORD, word } from '../backtrace.ts'
import { SpError } from '../errors.ts'
import type { Message } from '../message.ts'
import type { Host, Lane, Pattern, Verdict } from '../pattern.ts'
import type { Pipe } from '../pipe.ts'

interface State {
  readonly host: Host
  readonly balance: LoadBalance<Message, Pipe>
  /** Requests that wait for their answer, by id. */
  readonly asked: Map<number, Asker>
  readonly unsent: Set<Asker>
  readonly resendMs: number
  readonly tickMs: number
  lastId: number
  tick: Timer | undefined
}

type Request =
  | { readonly at: 'idle' }
  | {
      readonly at: 'asked'
      readonly id: number
      readonly message: Message
      readonly pipe: Pipe
      readonly due: number
    }
  | { readonly at: 'unsent'; readonly id: number; readonly message: Message }
  | { readonly at: 'answered'; readonly answer: Message }
  | { readonly at: 'failed'; readonly error: SpError }

interface Asker extends Lane {
  request: Request
  /** The latest message that was to be sent. */
  origin: Message | undefined
}

const IDLE: Request = { at: 'idle' }

function attach({ balance }: State, pipe: Pipe): void {
  balance.add(pipe)
}

function detach(state: State, pipe: Pipe): void {
  state.balance.remove(pipe)
  for (const [id, lane] of state.asked) {
    const { request } = lane
    if (request.at !== 'asked' || request.pipe !== pipe) continue
    if (state.resendMs === Number.POSITIVE_INFINITY) {
      forget(state, lane)
      lane.request = { at: 'failed', error: new SpError('ECONNRESET', `request ${id.toString(16)}`) }
      lane.arrivals.wake()
    } else ask(state, lane, request.id, request.message)
  }
}

/** The same message again is a sender who waited: it may have been sent meanwhile, or even answered. */
function send(state: State, lane: Asker, message: Message): Verdict {
  if (lane.origin !== message) {
    forget(state, lane)
    lane.origin = message
    lane.generation++
    lane.arrivals.wake()
    state.lastId = nextId(state.lastId)
    ask(state, lane, state.lastId, { header: word(state.lastId), body: message.body })
  } else if (lane.request.at === 'unsent') sendUnsent(state)
  return lane.request.at === 'unsent' ? 'full' : 'taken'
}

function receive(state: State, pipe: Pipe, payload: Buffer): void {
  if (payload.length < WORD) {
    state.host.refuse(pipe, 'an answer without an id')
    return
  }
  const lane = state.asked.get(payload.readUInt32BE())
  if (lane === undefined) return // late, or the second answer to a request that was sent twice
  forget(state, lane)
  lane.request = {
    at: 'answered',
    answer: { header: payload.subarray(0, WORD), body: payload.subarray(WORD), pipe },
  }
  lane.arrivals.wake()
}

function closed(state: State, lane: Asker): void {
  forget(state, lane)
  lane.request = IDLE
}

/** The sender gave up: what was not sent will not be. */
function withdraw(state: State, lane: Asker, message: Message): void {
  if (lane.origin !== message || lane.request.at !== 'unsent') return
  closed(state, lane)
}

function take(_: State, lane: Asker): Message | undefined {
  const { request } = lane
  switch (request.at) {
    case 'idle':
      throw new SpError('ESTATE', 'no request was sent')
    case 'asked':
    case 'unsent':
      return undefined
    case 'answered':
      lane.request = IDLE
      return request.answer
    case 'failed':
      lane.request = IDLE
      throw request.error
  }
}

/** Sends the request, or leaves it to be sent when somebody has room. */
function ask(state: State, lane: Asker, id: number, message: Message): void {
  if (state.balance.send(message)) sent(state, lane, id, message)
  else {
    lane.request = { at: 'unsent', id, message }
    state.unsent.add(lane)
  }
}

function sent(state: State, lane: Asker, id: number, message: Message): void {
  const pipe = state.balance.last as Pipe
  lane.request = { at: 'asked', id, message, pipe, due: state.host.world.monotonic() + state.resendMs }
  state.asked.set(id, lane)
  state.unsent.delete(lane)
  if (state.resendMs !== Number.POSITIVE_INFINITY) watch(state)
}

/** One timer for all requests, as long as there are any. */
function watch(state: State): void {
  state.tick ??= state.host.world.after(state.tickMs, () => {
    state.tick = undefined
    const now = state.host.world.monotonic()
    for (const [, lane] of state.asked) {
      const { request } = lane
      if (request.at === 'asked' && request.due <= now) ask(state, lane, request.id, request.message)
    }
    if (state.asked.size > 0) watch(state)
  })
}

/** The answer to what the lane has asked would come too late. */
function forget(state: State, lane: Asker): void {
  const { request } = lane
  if (request.at === 'asked' || request.at === 'unsent') state.asked.delete(request.id)
  state.unsent.delete(lane)
  if (state.asked.size > 0) return
  state.tick?.cancel()
  state.tick = undefined
}

/** A pipe has room: what could not be sent again goes first. */
function sendUnsent(state: State): void {
  for (const lane of state.unsent) {
    if (!state.balance.hasRoom) return
    if (lane.request.at === 'unsent') ask(state, lane, lane.request.id, lane.request.message)
  }
}

/** `resendMs`, `tickMs`: as NNG_OPT_REQ_RESENDTIME and NNG_OPT_REQ_RESENDTICK. */
export function req(resendMs: number, tickMs: number): Pattern<State, Asker> {
  return {
    name: 'req',
    raw: false,
    sends: true,
    receives: true,
    loses: false,
    contexts: true,
    routes: ['load-balance'],
    sendBufferOf: 'none',
    replaces: true,
    buffers: { sendBuffer: 0, receiveBuffer: 1 },
    open: host => ({
      host,
      balance: new LoadBalance(),
      asked: new Map(),
      unsent: new Set(),
      resendMs,
      tickMs,
      lastId: nextId(host.world.randomBytes(4).readUInt32BE()),
      tick: undefined,
    }),
    lane: () => ({ arrivals: new Waiters(), request: IDLE, generation: 0, origin: undefined }),
    attach: (state, pipe) => {
      attach(state, pipe)
      sendUnsent(state)
    },
    ...{ detach, send, receive, closed },
    take,
    withdraw,
    room: (state, pipe) => {
      state.balance.wake(pipe)
      sendUnsent(state)
    },
  }
}
