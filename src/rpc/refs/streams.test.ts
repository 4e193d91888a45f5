// Both ends of a stream, without a connection: credit, early ends, sources that misbehave.

import { describe, expect, it } from 'vitest'
import { turns } from '../engine/peer.contract.ts'
import { IncomingStream } from './incoming-stream.ts'
import { OutgoingStream } from './outgoing-stream.ts'

function outgoing(source: AsyncIterable<unknown>, itemBytes = 10) {
  const sent: unknown[] = []
  const stream = new OutgoingStream(1, source, {
    item: (_, value) => {
      sent.push(value)
      return itemBytes
    },
    ended: (_, failed) => void sent.push(failed === undefined ? 'end' : `failed: ${String(failed.reason)}`),
    room: undefined,
    over: () => void sent.push('over'),
  })
  return { stream, sent }
}

async function* count(to: number, left: () => void = () => {}): AsyncGenerator<number> {
  try {
    for (let n = 1; n <= to; n++) yield n
  } finally {
    left()
  }
}

describe('a stream that goes out', () => {
  it('sends as much as was granted, and goes on with the next grant at any moment', async () => {
    for (let microtasks = 0; microtasks < 8; microtasks++) {
      const { stream, sent } = outgoing(count(4))
      stream.grant(20)
      for (let n = 0; n < microtasks + 6; n++) await null
      stream.grant(20)
      stream.grant(1)
      await turns()
      expect(sent).toEqual([1, 2, 3, 4, 'over', 'end'])
    }
  })

  it('takes any amount of credit', async () => {
    const { stream, sent } = outgoing(count(3))
    for (let n = 0; n < 1000; n++) stream.grant(0xffff_ffff)
    await turns()
    expect(sent).toEqual([1, 2, 3, 'over', 'end'])
  })

  it('tells its source when the reader leaves, also before it has read, once', async () => {
    let times = 0
    const { stream, sent } = outgoing(count(1000, () => times++))
    stream.grant(10)
    await turns()
    stream.stop()
    stream.stop()
    await turns()
    expect([times, sent]).toEqual([1, [1, 'over']])
  })

  it.each<[string, () => AsyncIterator<number>]>([
    [
      'cannot be read',
      () => {
        throw new TypeError('locked')
      },
    ],
    [
      'cannot be left',
      () => ({
        next: () => new Promise(() => {}),
        return: () => {
          throw new TypeError('stuck')
        },
      }),
    ],
  ])('lets go of a source that %s', async (_, make) => {
    const { stream, sent } = outgoing({ [Symbol.asyncIterator]: make })
    stream.stop()
    await turns()
    expect(sent).toEqual(['over'])
  })

  it('says why it failed', async () => {
    const { stream, sent } = outgoing({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('dry')) }),
    })
    stream.grant(1)
    await turns()
    expect(sent).toEqual(['over', 'failed: Error: dry'])
  })
})

function incoming(windowBytes = 100) {
  const told: string[] = []
  const stream = new IncomingStream(1, {
    windowBytes,
    credit: (_, bytes) => void told.push(`credit ${bytes}`),
    stop: () => void told.push('stop'),
    over: () => void told.push('over'),
  })
  return { stream, told }
}

describe('a stream that comes in', () => {
  it('asks when it is read, and again when half of the window was used', async () => {
    const { stream, told } = incoming()
    expect(told).toEqual([])
    const items = stream[Symbol.asyncIterator]()
    for (const bytes of [30, 30]) stream.item('x', bytes)
    await items.next()
    expect(told).toEqual(['credit 100'])
    await items.next()
    expect(told).toEqual(['credit 100', 'credit 60'])
  })

  it('breaks with a peer that sends what was not asked for', () => {
    const { stream } = incoming()
    expect(() => stream.item('x', 1)).toThrow('CALL_PROTOCOL')
    stream[Symbol.asyncIterator]()
    stream.item('large', 1000)
    expect(() => stream.item('x', 1)).toThrow('CALL_PROTOCOL')
  })

  it('gives what has come before its end, or its failure', async () => {
    const { stream } = incoming()
    const items = stream[Symbol.asyncIterator]()
    stream.item('x', 1)
    stream.end({ reason: new Error('cut') })
    expect(await items.next()).toEqual({ done: false, value: 'x' })
    await expect(items.next()).rejects.toThrow('cut')
  })

  it('wakes all who wait, and is stopped once by who leaves', async () => {
    const { stream, told } = incoming()
    const items = stream[Symbol.asyncIterator]()
    const waiting = [items.next(), items.next()]
    await items.return?.()
    stream.stop()
    stream.item('late', 10)
    expect(await Promise.all(waiting)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ])
    expect(told).toEqual(['credit 100', 'stop', 'over'])
  })

  it('can be read once', () => {
    const { stream } = incoming()
    stream[Symbol.asyncIterator]()
    expect(() => stream[Symbol.asyncIterator]()).toThrow(TypeError)
  })
})
