import { describe, expect, it } from 'vitest'
import { murmur2, partitionOfKey } from './murmur2.ts'

/** Vectors of the Java client's own tests. */
const vectors: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
]

describe('murmur2', () => {
  it.each(vectors)('hashes %s as Java does', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash)
  })

  it('places a key by the hash without its sign', () => {
    expect(partitionOfKey(Buffer.from('21'), 10)).toBe((-973932308 & 0x7fffffff) % 10)
    expect(partitionOfKey(Buffer.from('abc'), 7)).toBe(479470107 % 7)
  })
})
