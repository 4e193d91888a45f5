// When a page goes out, on a stream that writes down what it is given.

import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { deferred } from '../../flow/index.ts'
import type { Stream } from '../../transport/index.ts'
import { Pages, type PagesOptions } from './pages.ts'

const MESSAGE_BYTES = 100

function filling(options: PagesOptions = {}, room?: Promise<void>) {
  /** Messages in each write. */
  const written: number[] = []
  const write = (chunks: readonly Buffer[]) => {
    written.push(Buffer.concat(chunks).length / MESSAGE_BYTES)
    return room
  }
  const pages = new Pages({ write } as unknown as Stream, options)
  const add = (count: number): void => {
    for (let n = 0; n < count; n++) pages.next().copy(Buffer.alloc(MESSAGE_BYTES))
  }
  return { pages, written, add }
}

describe('a page', () => {
  it('goes out when the turn ends, and before that once it is long enough', async () => {
    const { written, add } = filling()
    add(4)
    expect(written).toEqual([])
    await turn()
    add(100)
    await turn()
    expect(written).toEqual([4, 41, 41, 18])
  })

  it('holds half of what is in flight, so that the peer has work while the rest is gathered', async () => {
    const { written, add } = filling({ inFlight: () => 200 })
    add(200)
    await turn()
    expect(written).toEqual([100, 100])
  })

  it('holds half of the answers to what arrived together', () => {
    const { pages, written, add } = filling()
    pages.hold(200 * MESSAGE_BYTES)
    add(200)
    pages.release()
    add(42)
    pages.flush()
    expect(written).toEqual([100, 100, 41, 1])
  })

  it('does not wait for the end of the turn beyond 64 KB, however much is in flight', async () => {
    const { written, add } = filling({ inFlight: () => 1e6 })
    add(1000)
    await turn()
    expect(written).toEqual([656, 344])
  })

  it('waits where the stream takes no more, until there is room', async () => {
    const room = deferred()
    const { pages, add } = filling({}, room.promise)
    add(3)
    expect([pages.waiting, pages.room]).toEqual([300, undefined])
    await turn()
    expect([pages.waiting, pages.room === undefined]).toEqual([300, false])
    room.resolve()
    await turn()
    expect([pages.waiting, pages.room]).toEqual([0, undefined])
  })

  it('goes nowhere once it was stopped, nor does what follows', async () => {
    const { pages, written, add } = filling()
    add(3)
    pages.stop()
    add(30)
    await turn()
    expect(written).toEqual([])
  })
})
