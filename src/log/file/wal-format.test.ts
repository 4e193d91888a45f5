// The write-ahead log's bytes: what is written is read, and nothing else is believed.

import { describe, expect, it } from 'vitest'
import {
  decodeEntries,
  decodeGroup,
  type Entry,
  encodeGroup,
  FLAG_UNFLUSHED,
  findGroup,
  flushedBefore,
  groupBytes,
  unflushedFlags,
} from './wal-format.ts'

const run = {
  log: 7,
  segment: 2 ** 40,
  position: 4096,
  base: 2 ** 40 + 5,
  next: 2 ** 40 + 9,
  digestBefore: 0xdeadbeef,
  digestAfter: 1,
  maxTimestamp: -1,
  length: 11,
}

const entries: readonly Entry[] = [
  { kind: 'create', log: 7, name: 'Ünï 日' },
  { kind: 'inline', ...run, buffers: [Buffer.from('hello '), Buffer.from('world')] },
  { kind: 'reference', ...run, buffers: [] },
  { kind: 'trim', log: 7, before: 2 ** 52 },
  { kind: 'rewrite', log: 7, segment: 9, generation: 3, length: 0, maxTimestamp: 1_767_225_600_000 },
  { kind: 'delete', log: 0xffff_ffff },
]
const head = { epoch: 3, sequence: 2 ** 45, flags: 0, previousCrc: 0x12345678 }

function encoded(of: readonly Entry[] = entries): Buffer {
  const bytes = Buffer.alloc(groupBytes(of), 0xff)
  encodeGroup(bytes, head, of)
  return bytes
}

describe('a group of the write-ahead log', () => {
  it('comes back as it was written', () => {
    const bytes = encoded()
    const group = decodeGroup(bytes, 0)
    expect(group).toMatchObject({ ...head, bytes: bytes.length })
    const found = decodeEntries(group?.payload ?? Buffer.alloc(0))
    const inline = { kind: 'inline', ...run, buffers: [Buffer.from('hello world')] }
    expect(found).toEqual(entries.map(entry => (entry.kind === 'inline' ? inline : entry)))
  })

  it('is not believed when any part of its end is missing', () => {
    const bytes = encoded()
    const { payload } = decodeGroup(bytes, 0) ?? { payload: bytes }
    for (let end = 0; end < 32 + payload.length; end++)
      expect(decodeGroup(bytes.subarray(0, end), 0), `${end} bytes`).toBeUndefined()
  })

  it('is not believed when any bit is flipped', () => {
    const bytes = encoded()
    const whole = 32 + (decodeGroup(bytes, 0)?.payload.length ?? 0)
    for (let bit = 0; bit < whole * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(decodeGroup(flipped, 0), `bit ${bit}`).toBeUndefined()
    }
  })

  it.each([0, 1, 7, 8, 9])('begins at a multiple of 8 after a name of %d bytes', length => {
    const bytes = encoded([{ kind: 'create', log: 1, name: 'n'.repeat(length) }])
    expect(bytes.length % 8).toBe(0)
    expect(bytes.subarray(-7).includes(0xff)).toBe(false)
  })

  it('is found behind garbage, but not when its number is too small', () => {
    const file = Buffer.concat([Buffer.alloc(64, 0x50), encoded()])
    expect(findGroup(file, 8, head.sequence)?.at).toBe(64)
    expect(findGroup(file, 0, head.sequence + 1)).toBeUndefined()
    expect(findGroup(file, 72, 0)).toBeUndefined()
  })

  it.each([
    ['everything before it, when it was flushed', { sequence: 9, flags: 0 }, 9],
    ['what the last flush covered, when it was not', { sequence: 9, flags: unflushedFlags(9, 4) }, 4],
    [
      'little, when the last flush is too long ago',
      { sequence: 2 ** 40, flags: unflushedFlags(2 ** 40, 0) },
      2 ** 40 - 2 ** 31 + 1,
    ],
  ] as const)('proves durable %s', (_, group, before) => {
    expect(flushedBefore(group)).toBe(before)
    expect((group.flags & FLAG_UNFLUSHED) === 0).toBe(group.flags === 0)
  })
})
