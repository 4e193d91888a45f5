// Things that mean something in their own process only, used from another: open files, streams of the platform, and things of a
// third process.

import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ReadableStream, WritableStream } from 'node:stream/web'
import { describe, expect, it } from 'vitest'
import { InprocNames } from '../../transport/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { connect } from '../engine/connect.ts'
import { serve } from '../engine/serve.ts'
import type { Ref } from '../engine/types.ts'
import { ByReference } from './by-reference.ts'

interface File {
  stat(): Promise<{ size: number }>
  readFile(encoding: 'utf8'): Promise<string>
}

class Desk {
  async describe(file: Ref<File>): Promise<string> {
    return `${(await file.stat()).size} bytes: ${await file.readFile('utf8')}`
  }
  async drain(stream: ReadableStream<number>): Promise<number> {
    let sum = 0
    for await (const value of stream) sum += value
    return sum
  }
  async fill(stream: WritableStream<string>): Promise<void> {
    const writer = stream.getWriter()
    for (const word of ['a', 'b', 'c']) await writer.write(word)
    await writer.close()
  }
  give(): ReadableStream<string> {
    return ReadableStream.from(['x', 'y'])
  }
}

async function withDesk<T>(
  story: (desk: Awaited<ReturnType<typeof connect<Desk>>>) => Promise<T>,
): Promise<T> {
  const options = { names: new InprocNames(), world: new ManualWorld(), closeMs: 1 }
  await using _server = await serve(new Desk(), 'inproc://desk', options)
  await using desk = await connect<Desk>('inproc://desk', options)
  return await story(desk)
}

describe('by reference', () => {
  it('goes an open file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'passing-'))
    const path = join(folder, 'note')
    await writeFile(path, 'hello')
    const file = await open(path)
    try {
      expect(await withDesk(desk => desk.describe(file as unknown as File))).toBe('5 bytes: hello')
    } finally {
      await file.close()
      await rm(folder, { recursive: true })
    }
  })

  it('goes a ReadableStream, both ways', async () => {
    await withDesk(async desk => {
      expect(await desk.drain(ReadableStream.from([1, 2, 3]))).toBe(6)
      const got: string[] = []
      for await (const word of await desk.give()) got.push(word)
      expect(got).toEqual(['x', 'y'])
    })
  })

  it('goes a WritableStream', async () => {
    const got: string[] = []
    let isClosed = false
    const stream = new WritableStream<string>({
      write: chunk => void got.push(chunk),
      close: () => {
        isClosed = true
      },
    })
    await withDesk(desk => desk.fill(stream))
    expect([got, isClosed]).toEqual([['a', 'b', 'c'], true])
  })

  it('goes a thing of a third process, which is called through the one in between', async () => {
    class Counter extends ByReference {
      #count = 0
      add(by: number): number {
        this.#count += by
        return this.#count
      }
    }
    const options = { names: new InprocNames(), world: new ManualWorld(), closeMs: 1 }
    const counter = new Counter()
    await using _far = await serve({ counter: () => counter }, 'inproc://far', options)
    await using far = await connect<{ counter(): Counter }>('inproc://far', options)
    const between = { counter: async () => await far.counter() }
    await using _near = await serve(between, 'inproc://near', options)
    await using near = await connect<{ counter(): Counter }>('inproc://near', options)
    const one = await near.counter()
    expect([await one.add(2), await near.counter().add(3), counter.add(0)]).toEqual([2, 5, 5])
  })
})
