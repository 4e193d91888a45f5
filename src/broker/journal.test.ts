// The metadata log: what is applied at once, what is undone, and what a restart brings back.

import { describe, expect, it } from 'vitest'
import { openMemoryStore } from '../log/index.ts'
import { ManualWorld } from '../world/index.ts'
import { fillable } from './fillable.contract.ts'
import { Journal, type Json, type Section } from './journal.ts'

class Notes implements Section {
  readonly name = 'note'
  readonly #values = new Map<string, Json>()
  apply(key: string, value: Json): void {
    if (value === null) this.#values.delete(key)
    else this.#values.set(key, value)
  }
  entries(): Iterable<readonly [string, Json]> {
    return this.#values.entries()
  }
  valueOf(key: string): Json | undefined {
    return this.#values.get(key)
  }
}

const put = (value: Json) => [{ section: 'note', key: 'k', value }]

describe('the metadata log', () => {
  it('applies at once, and brings everything back', async () => {
    const store = openMemoryStore()
    const notes = new Notes()
    const journal = await Journal.open(store, new ManualWorld(), [notes])
    const written = journal.write(put('a'))
    expect(notes.valueOf('k')).toBe('a')
    await written
    await store.close()
    const again = new Notes()
    await Journal.open(openMemoryStore({ from: store }), new ManualWorld(), [again])
    expect(again.valueOf('k')).toBe('a')
  })

  it('takes several refused writes of one key back to what is durable', async () => {
    let full = false
    const notes = new Notes()
    const journal = await Journal.open(
      fillable(openMemoryStore(), () => full),
      new ManualWorld(),
      [notes],
    )
    await journal.write(put('durable'))
    full = true
    const refused = ['b', 'c', null].map(value => journal.write(put(value)))
    for (const one of refused) await expect(one).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    expect(notes.valueOf('k')).toBe('durable')
    full = false
    await journal.write(put('d'))
    expect(notes.valueOf('k')).toBe('d')
  })
})
