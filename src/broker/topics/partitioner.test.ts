import { describe, expect, it } from 'vitest'
import { partitionOfKey } from '../../bytes/murmur2.ts'
import { ManualWorld } from '../../world/index.ts'
import { Partitioner } from './partitioner.ts'

describe('the partitioner', () => {
  it('sends a key always to the partition of its hash', () => {
    const partitioner = new Partitioner(6, 10, new ManualWorld())
    const key = Buffer.from('order-7')
    expect([1, 2, 3].map(() => partitioner.choose(key, 100))).toEqual(Array(3).fill(partitionOfKey(key, 6)))
  })

  it('stays with one partition for a batch of keyless records, then turns to another', () => {
    const partitioner = new Partitioner(4, 300, new ManualWorld())
    const chosen = Array.from({ length: 9 }, () => partitioner.choose(null, 100))
    expect(chosen.slice(0, 3)).toEqual(Array(3).fill(chosen[0]))
    expect(chosen.slice(3, 6)).toEqual(Array(3).fill(chosen[3]))
    expect(chosen[3]).not.toBe(chosen[0])
    expect(chosen[6]).not.toBe(chosen[3])
    expect(chosen.every(one => one >= 0 && one < 4)).toBe(true)
  })

  it('knows one partition only when there is one', () => {
    const partitioner = new Partitioner(1, 1, new ManualWorld())
    expect([1, 2, 3].map(() => partitioner.choose(null, 5))).toEqual([0, 0, 0])
  })
})
