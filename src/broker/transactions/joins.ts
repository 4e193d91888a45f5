// Writes that put their partitions into a transaction (KIP-890). Those that come together, as the partitions of one
// request do, are put in together: that is one flush for all. They begin in the order in which they came.

import type { Holders } from './holders.ts'
import type { Place, ProducerIdentity } from './machine.ts'
import * as machine from './machine.ts'
import type { Turns } from './turns.ts'

interface Waiting {
  readonly place: Place
  begin(): void
  refuse(error: unknown): void
}

/** Writes of one producer that wait for the same turn. */
interface Join {
  readonly who: ProducerIdentity
  readonly writes: Waiting[]
}

export interface JoinsParts {
  readonly holders: Holders
  readonly turns: Turns
  /** Puts partitions into the transaction; resolves when that is durable. */
  add(id: string, who: ProducerIdentity, partitions: readonly Place[]): Promise<void>
}

export class Joins {
  readonly #parts: JoinsParts
  readonly #joins = new Map<string, Join>()

  constructor(parts: JoinsParts) {
    this.#parts = parts
  }

  /** Begins the write once its partition is in the transaction, which may be at once. Errors: `add`'s, and the write's. */
  write<T>(id: string, who: ProducerIdentity, place: Place, begin: () => Promise<T>): Promise<T> {
    const { holders, turns } = this.#parts
    if (turns.isFree(id) && holders.is(id, one => machine.holds(one, who, place))) return begin()
    return new Promise((resolve, reject) => {
      const write = { place, begin: () => void begin().then(resolve, reject), refuse: reject }
      const join = this.#joins.get(id)
      if (join !== undefined && machine.same(join.who, who)) join.writes.push(write)
      else this.#begin(id, { who, writes: [write] })
    })
  }

  #begin(id: string, join: Join): void {
    const { add, turns } = this.#parts
    this.#joins.set(id, join)
    const close = (): void => {
      if (this.#joins.get(id) === join) this.#joins.delete(id) // who comes now has another turn
    }
    turns
      .take(id, async () => {
        close()
        const places = join.writes.map(one => one.place)
        await add(id, join.who, places)
        for (const write of join.writes) write.begin()
      })
      .catch(error => {
        close()
        for (const write of join.writes) write.refuse(error)
      })
  }
}
