// SURVEYOR (nng_surveyor(7)): a survey goes to all peers under an id of its own; answers under the id of the latest survey
// are received until its time is over, and then receiving times out. Late answers are thrown away.
//
//   idle --send--> open --the time is over--> over           open, over --send--> open (of the new survey)

import { Waiters } from '../../../flow/index.ts'
import type { Timer } from '../../../world/index.ts'
import { FanOut } from '../../routes/index.ts'
import { nextId, WORD, word } from '../backtrace.ts'
import { asksForTurn } from '../courtesy.ts'
import { SpError } from '../errors.ts'
import { LossyInbox } from '../lossy-inbox.ts'
import type { Message } from '../message.ts'
import type { Host, Lane, Pattern, Verdict } from '../pattern.ts'
import type { Pipe } from '../pipe.ts'

interface State {
  readonly host: Host
  readonly all: FanOut<Message, Pipe>
  readonly surveys: Map<number, Surveying>
  readonly surveyMs: number
  lastId: number
}

type Survey =
  | { readonly at: 'idle' }
  | { readonly at: 'open'; readonly id: number; readonly end: Timer | undefined }
  | { readonly at: 'over' }

interface Surveying extends Lane {
  readonly inbox: LossyInbox
  survey: Survey
}

const IDLE: Survey = { at: 'idle' }

function attach({ all }: State, pipe: Pipe): void {
  all.add(pipe)
}

function detach({ all }: State, pipe: Pipe): void {
  all.remove(pipe)
}

function send(state: State, lane: Surveying, { body }: Message): Verdict {
  if (asksForTurn(state.all.peers)) return 'turn'
  finish(state, lane, IDLE)
  lane.inbox.clear()
  lane.generation++
  lane.arrivals.wake()
  const id = nextId(state.lastId)
  state.lastId = id
  const isEndless = state.surveyMs === Number.POSITIVE_INFINITY
  const end = isEndless
    ? undefined
    : state.host.world.after(state.surveyMs, () => finish(state, lane, { at: 'over' }))
  lane.survey = { at: 'open', id, end }
  state.surveys.set(id, lane)
  state.all.send({ header: word(id), body })
  return 'taken'
}

function receive(state: State, pipe: Pipe, payload: Buffer): void {
  if (payload.length < WORD) {
    state.host.refuse(pipe, 'an answer without an id')
    return
  }
  const lane = state.surveys.get(payload.readUInt32BE())
  if (lane === undefined) return
  lane.inbox.push({ header: payload.subarray(0, WORD), body: payload.subarray(WORD), pipe }, state.host.reads)
  lane.arrivals.wake()
}

function closed(state: State, lane: Surveying): void {
  finish(state, lane, IDLE)
  lane.inbox.clear()
}

/** What had arrived in time can still be taken. */
function take(_: State, lane: Surveying): Message | undefined {
  const message = lane.inbox.take()
  if (message !== undefined || lane.survey.at === 'open') return message
  if (lane.survey.at === 'idle') throw new SpError('ESTATE', 'no survey was sent')
  throw new SpError('ETIMEDOUT', 'the survey is over')
}

function finish(state: State, lane: Surveying, next: Survey): void {
  if (lane.survey.at === 'open') {
    lane.survey.end?.cancel()
    state.surveys.delete(lane.survey.id)
  }
  lane.survey = next
  lane.arrivals.wake()
}

/** `surveyMs`: as NNG_OPT_SURVEYOR_SURVEYTIME. */
export function surveyor(surveyMs: number): Pattern<State, Surveying> {
  return {
    name: 'surveyor',
    raw: false,
    sends: true,
    receives: true,
    loses: true,
    contexts: true,
    routes: ['fan-out'],
    sendBufferOf: 'pipe',
    buffers: { sendBuffer: 8, receiveBuffer: 128 },
    open: host => ({
      host,
      all: new FanOut(),
      surveys: new Map(),
      surveyMs,
      lastId: nextId(host.world.randomBytes(4).readUInt32BE()),
    }),
    lane: ({ host }) => ({
      arrivals: new Waiters(),
      inbox: new LossyInbox(host.settings.receiveBuffer, 'oldest'),
      survey: IDLE,
      generation: 0,
    }),
    ...{ attach, detach, send, receive, closed },
    take,
    room: () => {},
  }
}
