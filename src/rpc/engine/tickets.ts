// Results that clients fetch when they like (the book's client polling): a ticket for each, kept until it is taken or its time
// to live is over, which begins when the result is there.

import type { Timer, World } from '../../world/index.ts'
import { CallError } from './errors.ts'

export type TicketState = 'running' | 'done' | 'failed'

type Outcome =
  | { readonly state: 'running' }
  | { readonly state: 'done'; readonly value: unknown }
  | { readonly state: 'failed'; readonly reason: unknown }

interface Ticket {
  outcome: Outcome
  timer: Timer | undefined
  readonly result: Promise<unknown>
}

export class Tickets {
  readonly #world: World
  readonly #max: number
  readonly #tickets = new Map<string, Ticket>()

  constructor(world: World, max: number) {
    this.#world = world
    this.#max = max
  }

  /** Begins, and gives the ticket. Errors: CallError CALL_TOO_MANY_TICKETS. */
  begin(run: () => Promise<unknown>, ttlMs: number): string {
    if (this.#tickets.size >= this.#max)
      throw new CallError('CALL_TOO_MANY_TICKETS', `${this.#max} are kept already`)
    // Whoever has the ticket has the result: it cannot be guessed.
    const id = this.#world.randomBytes(16).toString('hex')
    const ticket: Ticket = { outcome: { state: 'running' }, timer: undefined, result: run() }
    this.#tickets.set(id, ticket)
    const ended = (outcome: Outcome): void => {
      ticket.outcome = outcome
      if (this.#tickets.get(id) === ticket)
        ticket.timer = this.#world.after(ttlMs, () => this.#tickets.delete(id))
    }
    ticket.result.then(
      value => ended({ state: 'done', value }),
      reason => ended({ state: 'failed', reason }),
    )
    return id
  }

  /** Errors: CallError CALL_NO_TICKET. */
  poll(id: string): TicketState {
    return this.#find(id).outcome.state
  }

  /** The result, which is forgotten here. Errors: CallError CALL_NO_TICKET. */
  take(id: string): Promise<unknown> {
    const ticket = this.#find(id)
    this.#tickets.delete(id)
    ticket.timer?.cancel()
    return ticket.result
  }

  clear(): void {
    for (const { timer } of this.#tickets.values()) timer?.cancel()
    this.#tickets.clear()
  }

  #find(id: string): Ticket {
    const ticket = this.#tickets.get(id)
    if (ticket === undefined) throw new CallError('CALL_NO_TICKET', String(id).slice(0, 64))
    return ticket
  }
}
