// A section of the metadata log that is a table: a value per key, read once when it is written or brought back. The
// owner hears of every change, also of those that a full disk undoes.

import type { Json, Section } from './journal.ts'

interface Row<V> {
  readonly json: Json
  readonly value: V
}

export class KeptTable<V> implements Section {
  readonly name: string
  readonly #rows = new Map<string, Row<V>>()
  readonly #read: (json: Json, key: string) => V
  readonly #changed: ((key: string, value: V | undefined, before: V | undefined) => void) | undefined

  /** `read` makes the value of what the log holds; `changed` hears what a key has now and had before. */
  constructor(
    name: string,
    {
      read,
      changed,
    }: {
      readonly read: (json: Json, key: string) => V
      readonly changed?: (key: string, value: V | undefined, before: V | undefined) => void
    },
  ) {
    this.name = name
    this.#read = read
    this.#changed = changed
  }

  get size(): number {
    return this.#rows.size
  }
  has(key: string): boolean {
    return this.#rows.has(key)
  }
  get(key: string): V | undefined {
    return this.#rows.get(key)?.value
  }
  keys(): Iterable<string> {
    return this.#rows.keys()
  }
  values(): V[] {
    return Array.from(this.#rows.values(), row => row.value)
  }

  apply(key: string, json: Json): void {
    const before = this.#rows.get(key)?.value
    const value = json === null ? undefined : this.#read(json, key)
    if (json === null || value === undefined) this.#rows.delete(key)
    else this.#rows.set(key, { json, value })
    if (value !== undefined || before !== undefined) this.#changed?.(key, value, before)
  }
  *entries(): Generator<readonly [string, Json]> {
    for (const [key, { json }] of this.#rows) yield [key, json]
  }
  valueOf(key: string): Json | undefined {
    return this.#rows.get(key)?.json
  }
}
