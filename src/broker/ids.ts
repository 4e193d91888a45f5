// Producer ids: handed out in blocks, so that one write to the metadata log serves a thousand producers. Ids of a block
// that was begun before a crash are lost, never reused.

import type { Journal, Json, Section } from './journal.ts'

const SECTION = 'ids'
const KEY = 'producer'
const BLOCK = 1000

export class ProducerIds implements Section {
  readonly name = SECTION
  #journal: Journal | undefined
  /** First id that no durable block holds. */
  #reserved = 0
  #next = 0
  #limit = 0
  #reserving: Promise<void> | undefined

  attach(journal: Journal): void {
    this.#journal = journal
  }

  /** An id that no producer of this store ever had. Errors: STORAGE_FULL, STORAGE_FAILED. */
  async next(): Promise<number> {
    while (this.#next >= this.#limit) {
      this.#reserving ??= this.#reserve().finally(() => {
        this.#reserving = undefined
      })
      await this.#reserving
    }
    return this.#next++
  }

  apply(_key: string, value: Json): void {
    this.#reserved = typeof value === 'number' ? value : 0
  }
  entries(): Iterable<readonly [string, Json]> {
    return [[KEY, this.#reserved]]
  }
  valueOf(): Json {
    return this.#reserved
  }

  async #reserve(): Promise<void> {
    const from = this.#reserved
    await this.#journal?.write([{ section: SECTION, key: KEY, value: from + BLOCK }])
    this.#next = from
    this.#limit = from + BLOCK
  }
}
