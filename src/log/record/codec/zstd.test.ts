// Goal: both ways of doing zstd (Node's own, where this Node has it, and WebAssembly) understand each other's frames,
// stop at the limit and survive damage. Clause: RFC 8878 section 3.1.

import { describe, expect, it } from 'vitest'
import { LogError } from '../../errors.ts'
import { decompressZstdWith, nodeEngine, wasmEngine, type ZstdEngine } from './zstd.ts'

const engines: { readonly name: string; readonly engine: ZstdEngine }[] = [
  { name: 'WebAssembly', engine: wasmEngine() },
]
const native = nodeEngine()
if (native !== undefined) engines.push({ name: 'Node', engine: native })

const pairs = engines.flatMap(writer => engines.map(reader => ({ writer, reader })))
const bytes = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * i) >> (i % 13)))

describe.each(pairs)('zstd written by $writer.name, read by $reader.name', ({ writer, reader }) => {
  it('gives back the bytes at exactly the limit and refuses one less', () => {
    const frame = writer.engine.compress(bytes)
    expect(decompressZstdWith(reader.engine, frame, bytes.length).equals(bytes)).toBe(true)
    expect(() => decompressZstdWith(reader.engine, frame, bytes.length - 1)).toThrow(
      'more than the limit of 399999',
    )
  })

  it('works on after many refusals', () => {
    const frame = writer.engine.compress(bytes)
    for (let i = 0; i < 200; i++) {
      const bad = Buffer.from(frame)
      bad[20 + i * 7] = (bad[20 + i * 7] as number) ^ 0x55
      try {
        decompressZstdWith(reader.engine, bad, bytes.length)
      } catch (error) {
        expect(error).toBeInstanceOf(LogError)
      }
    }
    expect(decompressZstdWith(reader.engine, frame, bytes.length).equals(bytes)).toBe(true)
  })

  it('gives nothing for an empty frame', () => {
    expect(decompressZstdWith(reader.engine, writer.engine.compress(Buffer.alloc(0)), 0).length).toBe(0)
  })
})
