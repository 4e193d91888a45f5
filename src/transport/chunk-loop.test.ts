// A loop that asks, and a source that is told to stop and to go on.

import { describe, expect, it } from 'vitest'
import { ChunkLoop } from './chunk-loop.ts'

function recorded() {
  const told: string[] = []
  const loop = new ChunkLoop(() => told.push('resume'))
  const arrives = (text: string): string => (loop.chunk(Buffer.from(text)) ? 'stop' : 'more')
  return { loop, told, arrives }
}

describe('chunk loop', () => {
  it('gives chunks in order, stops the source while one waits, and ends', async () => {
    const { loop, told, arrives } = recorded()
    const first = loop.next()
    expect([arrives('a'), arrives('b')]).toEqual(['more', 'stop'])
    expect(String((await first).value)).toBe('a')
    expect(told).toEqual([])
    expect(String((await loop.next()).value)).toBe('b')
    expect(told).toEqual(['resume'])
    const last = loop.next()
    loop.ended()
    expect([await last, await loop.next()]).toMatchObject([{ done: true }, { done: true }])
  })

  it('gives what waits before the end', async () => {
    const { loop, arrives } = recorded()
    expect(arrives('last')).toBe('stop')
    loop.ended()
    expect(String((await loop.next()).value)).toBe('last')
    expect(await loop.next()).toMatchObject({ done: true })
  })

  it('throws what broke the source, also to who asks later', async () => {
    const { loop } = recorded()
    const asked = loop.next()
    loop.ended(new Error('cut'))
    await expect(asked).rejects.toThrow('cut')
    await expect(loop.next()).rejects.toThrow('cut')
  })
})
