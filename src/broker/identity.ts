// What this broker is called, for as long as its data lives: the cluster's id, and the secret from which the logins of
// unknown users are made up (so that nobody learns which users exist).

import { randomUuid, type World } from '../world/index.ts'
import type { Journal, Json, Section } from './journal.ts'

const SECTION = 'identity'
const SECRET_BYTES = 32

export class Identity implements Section {
  readonly name = SECTION
  readonly #values = new Map<string, string>()
  readonly #world: World
  #journal: Journal | undefined

  constructor(world: World) {
    this.#world = world
  }

  attach(journal: Journal): void {
    this.#journal = journal
  }

  /** Makes what is not there yet. */
  async open(): Promise<void> {
    const missing = [
      ['cluster', () => randomUuid(this.#world).toString('base64url')],
      ['decoy', () => this.#world.randomBytes(SECRET_BYTES).toString('base64')],
    ] as const
    const changes = missing
      .filter(([key]) => !this.#values.has(key))
      .map(([key, make]) => ({ section: SECTION, key, value: make() }))
    await this.#journal?.write(changes)
  }

  /** Kafka's textual UUID. */
  get clusterId(): string {
    return this.#values.get('cluster') ?? ''
  }
  get decoySecret(): Buffer {
    return Buffer.from(this.#values.get('decoy') ?? '', 'base64')
  }

  apply(key: string, value: Json): void {
    if (typeof value === 'string') this.#values.set(key, value)
    else this.#values.delete(key)
  }
  entries(): Iterable<readonly [string, Json]> {
    return this.#values.entries()
  }
  valueOf(key: string): Json | undefined {
    return this.#values.get(key)
  }
}
