// Goal: xxHash32 gives what other programs give. The first three values are those of the reference's documentation, the
// last was made with Python's lz4 package (the content checksum of a frame).

import { describe, expect, it } from 'vitest'
import { xxhash32 } from './xxhash32.ts'

const cases = [
  { text: '', hash: 0x02cc5d05 },
  { text: 'a', hash: 0x550d7456 },
  { text: 'abc', hash: 0x32d153ff },
  {
    text: Array.from({ length: 40 }, (_, i) => `line ${i} of the vector\n`).join(''),
    hash: 0x2904e016,
  },
]

describe('xxhash32', () => {
  it.each(cases)('gives $hash', ({ text, hash }) => {
    expect(xxhash32(Buffer.from(text))).toBe(hash)
    expect(xxhash32(Buffer.from(`..${text}.`), 2, 2 + text.length)).toBe(hash)
  })
})
