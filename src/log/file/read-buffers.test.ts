// Memory that is used again, and only once it was given back.

import { describe, expect, it } from 'vitest'
import { readBuffer } from './read-buffers.ts'

const LARGE = 1024 * 1024

describe('read buffers', () => {
  it('are not shared before they are given back, and used again afterwards', () => {
    const [first, second] = [readBuffer(LARGE), readBuffer(LARGE)]
    expect(first.chunk.buffer).not.toBe(second.chunk.buffer)
    first.release()
    const third = readBuffer(300_000)
    expect([third.chunk.buffer === first.chunk.buffer, third.chunk.length]).toEqual([true, 300_000])
    second.release()
    third.release()
  })

  it('are given back once, however often that is said', () => {
    const first = readBuffer(LARGE)
    first.release()
    first.release()
    const [second, third] = [readBuffer(LARGE), readBuffer(LARGE)]
    expect(second.chunk.buffer).not.toBe(third.chunk.buffer)
    first.release() // late: what it had belongs to another by now
    expect(readBuffer(LARGE).chunk.buffer).not.toBe(second.chunk.buffer)
  })

  it.each([100, 4 << 20])('%i bytes are allocated for the read alone', size => {
    const first = readBuffer(size)
    first.release()
    const second = readBuffer(size)
    expect(first.chunk.length).toBe(size)
    expect(second.chunk.buffer).not.toBe(first.chunk.buffer)
  })
})
