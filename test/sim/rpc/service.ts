// What the servers of the simulation serve: methods that count how often they run for each call, and answer with what only that
// call can get.

import { ByReference, type Ref } from '../../../src/rpc/index.ts'
import type { Dice } from '../../../src/sim/disk/index.ts'
import type { World } from '../../../src/world/index.ts'

/** How often a method ran for each call, over all servers and their lives. */
export type Runs = Map<string, number>

/** How the methods are declared, at both ends. */
export const declared = {
  pay: { atMostOnce: true },
  refuse: { atMostOnce: true },
  ask: { atMostOnce: true },
  read: { idempotent: true },
} as const

export class Item extends ByReference {
  readonly #service: Service
  readonly #token: string

  constructor(service: Service, token: string) {
    super()
    this.#service = service
    this.#token = token
  }

  async use(): Promise<string> {
    await this.#service.run(`${this.#token}/use`)
    return right('use', this.#token)
  }
}

export class Service {
  readonly #world: World
  readonly #dice: Dice
  readonly #runs: Runs
  /** Its process was killed: what is under way in it does nothing any more. */
  isDead = false

  constructor(world: World, dice: Dice, runs: Runs) {
    this.#world = world
    this.#dice = dice
    this.#runs = runs
  }

  async pay(token: string): Promise<string> {
    await this.run(token)
    return right('pay', token)
  }

  /** At once: without a promise. */
  ask(token: string): string {
    this.#count(token)
    return right('ask', token)
  }

  async refuse(token: string): Promise<never> {
    await this.run(token)
    throw new RangeError(right('refuse', token))
  }

  async read(token: string): Promise<string> {
    await this.run(token)
    return right('read', token)
  }

  async note(token: string): Promise<string> {
    await this.run(token)
    return right('note', token)
  }

  async item(token: string): Promise<Item> {
    await this.run(token)
    return new Item(this, token)
  }

  async *list(token: string): AsyncGenerator<string> {
    await this.run(token)
    for (let n = 0; n < ITEMS; n++) {
      if (this.#dice.chance(0.3)) await this.#pause()
      yield right(`list ${n}`, token)
    }
  }

  async tell(token: string, listener: Ref<(said: string) => string>): Promise<string> {
    await this.run(token)
    try {
      return await listener(right('tell', token))
    } finally {
      listener[Symbol.dispose]()
    }
  }

  /** A method runs for a call, for a while. */
  async run(token: string): Promise<void> {
    this.#count(token)
    if (this.#dice.chance(0.7)) await this.#pause()
  }

  #count(token: string): void {
    if (this.isDead) throw new Error('a dead process runs nothing')
    this.#runs.set(token, (this.#runs.get(token) ?? 0) + 1)
  }

  #pause(): Promise<void> {
    const ms = this.#dice.chance(0.1) ? this.#dice.below(2000) : this.#dice.below(40)
    return new Promise(resolve => this.#world.after(ms, resolve))
  }
}

export const ITEMS = 20

/** What a call is to be answered with. */
export function right(method: string, token: string): string {
  return `${method} of ${token}`
}
