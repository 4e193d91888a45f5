// Goal: the table holds the last offset of each key, exactly, within its bound.

import { describe, expect, it } from 'vitest'
import { KeyTable } from './key-table.ts'

const key = (n: number) => Buffer.from(`key ${n}`)

describe('KeyTable', () => {
  it('gives the last offset noted for each key, through every growth', () => {
    const table = new KeyTable()
    for (let n = 0; n < 20_000; n++) expect(table.put(key(n % 7000), n)).toBe(true)
    expect(table.size).toBe(7000)
    for (let n = 0; n < 7000; n++) expect(table.get(key(n))).toBe(n < 6000 ? n + 14_000 : n + 7000)
    expect(table.get(key(7000))).toBeUndefined()
  })

  it('refuses a new key when it is full, and still takes those it has', () => {
    const table = new KeyTable(24 * 2000)
    let n = 0
    while (table.put(key(n), n)) n++
    expect([n, table.size]).toEqual([1500, 1500])
    expect(table.put(key(3), 9999)).toBe(true)
    expect([table.get(key(3)), table.get(key(4)), table.get(key(n))]).toEqual([9999, 4, undefined])
  })

  it('takes at least a few keys whatever its bound, the empty key among them', () => {
    const table = new KeyTable(0)
    expect(table.put(Buffer.alloc(0), 5)).toBe(true)
    expect(table.put(key(1), 6)).toBe(true)
    expect([table.get(Buffer.alloc(0)), table.get(key(1))]).toEqual([5, 6])
  })
})
