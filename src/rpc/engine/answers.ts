// The answers to the calls of one peer, written. Those of calls at most once are written once and kept, for whoever waits now
// and for those who ask again.

import { Writer } from '../../bytes/index.ts'
import type { References } from '../refs/references.ts'
import { ValueWriter } from '../value/index.ts'
import { CallError } from './errors.ts'
import { EngineFault, unsendable, writeFault } from './faults.ts'
import { frames } from './frames.ts'
import type { IncomingCall } from './incoming.ts'
import type { Outbox } from './outbox.ts'
import type { Answer, Replies, Reply } from './replies.ts'

/** A call that waits for an answer, and where it is given. */
export interface Waiting {
  readonly answers: Answers
  readonly call: IncomingCall
}

export interface AnswersParts {
  readonly outbox: Outbox
  readonly references: References
  readonly replies: Replies<Waiting> | undefined
  /** The call is answered, or nobody waits for it any more. */
  done(call: IncomingCall): void
}

export class Answers {
  readonly #parts: AnswersParts

  constructor(parts: AnswersParts) {
    this.#parts = parts
  }

  /** RESULT, with what changed in the arguments that are restored. Errors: what makes a result unsendable. */
  result(call: IncomingCall, entry: Reply<Waiting> | undefined, result: unknown): void {
    this.#send(frames.result, call, entry, (_to, values) => {
      call.watch?.writeChanges(values)
      values.write(result, 'result')
    })
  }

  /** FAULT; of a reason that cannot be sent, at least why. */
  fault(call: IncomingCall, entry: Reply<Waiting> | undefined, reason: unknown): void {
    try {
      this.#send(frames.fault, call, entry, (to, values) => writeFault(to, values, reason))
    } catch (error) {
      const told = new EngineFault(unsendable(error))
      this.#send(frames.fault, call, entry, (to, values) => writeFault(to, values, told))
    }
  }

  /** DELIVERED. */
  delivered(call: IncomingCall): void {
    const { outbox } = this.#parts
    const to = outbox.begin(frames.delivered)
    to.uvarint(call.id)
    outbox.end(to)
  }

  /** Gives an answer that is kept, if somebody still waits. */
  repeat(call: IncomingCall, { kind, body }: Answer): void {
    const { outbox, done } = this.#parts
    done(call)
    if (call.isOver) return
    call.isOver = true
    const to = outbox.begin(kind)
    to.uvarint(call.id)
    to.raw(body)
    outbox.end(to)
  }

  /** Somebody else waits for the answer of a call with the same key. */
  superseded(call: IncomingCall): void {
    call.isOver = true
    this.#parts.done(call)
  }

  #send(
    kind: number,
    call: IncomingCall,
    entry: Reply<Waiting> | undefined,
    write: (to: Writer, values: ValueWriter) => void,
  ): void {
    if (entry !== undefined) {
      this.#keepAndSend(kind, entry, write)
      return
    }
    const { outbox, references } = this.#parts
    const to = outbox.begin(kind)
    try {
      to.uvarint(call.id)
      write(to, new ValueWriter(to, references))
      outbox.end(to)
      references.settle(true)
    } catch (error) {
      outbox.undo(to)
      references.settle(false)
      throw error
    }
  }

  #keepAndSend(kind: number, entry: Reply<Waiting>, write: (to: Writer, values: ValueWriter) => void): void {
    const { outbox, references, replies } = this.#parts
    const to = new Writer()
    try {
      write(to, new ValueWriter(to, references))
      if (to.bytes > outbox.frameBytesMax)
        throw new CallError(
          'CALL_TOO_LARGE',
          `${to.bytes} bytes, the other side takes ${outbox.frameBytesMax}`,
        )
    } catch (error) {
      references.settle(false)
      throw error
    }
    const isTied = references.hasFresh
    references.settle(true)
    const { waiting } = entry
    const answer: Answer = { kind, body: Buffer.concat(to.finish()) }
    const kept = isTied ? tied : answer
    replies?.answered(entry, kept)
    waiting?.answers.repeat(waiting.call, waiting.answers === this ? answer : kept)
  }
}

/** What is kept of an answer with references in it: they are tied to their connection. */
const tied = tiedAnswer()

function tiedAnswer(): Answer {
  const to = new Writer()
  const lost = new CallError(
    'CALL_REFERENCE_LOST',
    'the answer went by reference over a connection that is over',
  )
  writeFault(to, new ValueWriter(to), new EngineFault(lost))
  return { kind: frames.fault, body: Buffer.concat(to.finish()) }
}
