// The bounds of the queue, its two endings, and that waiting for items or room can be called off. A property holds it
// against a plain array.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BoundedQueue } from './bounded-queue.ts'

const queueOf = (itemsMax: number, bytesMax: number): BoundedQueue<string> =>
  new BoundedQueue<string>({ itemsMax, bytesMax, bytesOf: text => text.length })

/** Whether the promise is still pending after the microtasks that are due. */
async function pending(promise: Promise<unknown> | undefined): Promise<boolean> {
  let settled = false
  promise?.then(
    () => (settled = true),
    () => (settled = true),
  )
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  return promise !== undefined && !settled
}

describe('BoundedQueue', () => {
  it.each([
    ['items', 2, 100, ['a', 'b', 'c'], [true, true, false]],
    ['bytes', 9, 4, ['aaa', 'b', 'c'], [true, true, false]],
    ['bytes, though an item above the bound passes alone', 9, 2, ['aaaa', 'b'], [true, false]],
    ['bytes, which an item of none does not use', 9, 1, ['a', '', ''], [true, true, true]],
  ] as const)('refuses what is beyond its bound in %s', (_what, itemsMax, bytesMax, items, accepted) => {
    const queue = queueOf(itemsMax, bytesMax)
    expect(items.map(item => queue.push(item))).toEqual(accepted)
    expect(queue.size).toBe(accepted.filter(Boolean).length)
  })

  it('gives in order what was pushed, and takes many without waiting', () => {
    const queue = queueOf(10, 10)
    for (const item of ['a', 'bb', 'c', 'd']) queue.push(item)
    expect([queue.shift(), queue.take(2), queue.bytes, queue.take(), queue.bytes]).toEqual([
      'a',
      ['bb', 'c'],
      1,
      ['d'],
      0,
    ])
    expect(queue.take()).toEqual([])
  })

  it('lets a giver wait for room', async () => {
    const queue = queueOf(9, 4)
    queue.push('aaa')
    expect(queue.room(1)).toBeUndefined()
    queue.push('b')
    const room = queue.room(2)
    expect(await pending(room)).toBe(true)
    queue.shift()
    await room
    expect(queue.push('cc')).toBe(true)
  })

  it('lets a taker wait for an item', async () => {
    const queue = queueOf(9, 9)
    const ready = queue.ready()
    expect(await pending(ready)).toBe(true)
    queue.push('a')
    await ready
    expect([queue.ready(), queue.shift()]).toEqual([undefined, 'a'])
  })

  it('gives what is there after a close, then ends', async () => {
    const queue = queueOf(9, 9)
    queue.push('a')
    queue.push('b')
    queue.close()
    expect([queue.push('c'), queue.ended, queue.room()]).toEqual([false, false, undefined])
    const seen: string[] = []
    for await (const item of queue) seen.push(item)
    expect([seen, queue.ended]).toEqual([['a', 'b'], true])
  })

  it('gives what is there after a close with a reason, then the reason', async () => {
    const queue = queueOf(9, 9)
    const reason = new Error('why')
    queue.push('a')
    queue.close(reason)
    const taker = queue[Symbol.asyncIterator]()
    expect(await taker.next()).toEqual({ done: false, value: 'a' })
    await expect(taker.next()).rejects.toBe(reason)
    expect(() => queue.ready()).toThrow(reason)
  })

  it('ends a taker that waits when it is closed', async () => {
    const queue = queueOf(9, 9)
    const next = queue[Symbol.asyncIterator]().next()
    await queue[Symbol.asyncDispose]()
    queue.close()
    expect(await next).toEqual({ done: true, value: undefined })
  })

  it('gives the reason of an abort to takers, wakes givers, and loses what was there', async () => {
    const queue = queueOf(1, 9)
    queue.push('a')
    const room = queue.room()
    const reason = new Error('why')
    queue.abort(reason)
    queue.abort(new Error('later'))
    await room
    expect([queue.size, queue.bytes, queue.ended, queue.push('b')]).toEqual([0, 0, true, false])
    expect(() => queue.ready()).toThrow(reason)
    await expect(queue[Symbol.asyncIterator]().next()).rejects.toBe(reason)
  })

  it('rejects a taker that waits when it is aborted', async () => {
    const queue = queueOf(1, 9)
    const next = queue[Symbol.asyncIterator]().next()
    queue.abort()
    await expect(next).rejects.toThrow('the queue was aborted')
  })

  it('lets both sides call their waiting off, and goes on', async () => {
    const queue = queueOf(1, 9)
    const calling = new AbortController()
    const ready = queue.ready(calling.signal)
    calling.abort(new Error('off'))
    await expect(ready).rejects.toThrow('off')
    await expect(queue.ready(calling.signal)).rejects.toThrow('off')
    queue.push('a')
    const again = new AbortController()
    const room = queue.room(0, again.signal)
    again.abort(new Error('off too'))
    await expect(room).rejects.toThrow('off too')
    expect(queue.shift()).toBe('a')
  })

  it('keeps the rest when a loop is left early', async () => {
    const queue = queueOf(9, 9)
    queue.push('a')
    queue.push('b')
    for await (const item of queue) if (item === 'a') break
    expect(queue.take()).toEqual(['b'])
  })

  it('is the array that it stands for, whatever the order of calls', () => {
    const steps = fc.array(
      fc.oneof(fc.string({ maxLength: 4 }), fc.constant(-1), fc.integer({ min: 0, max: 9 })),
      { maxLength: 300 },
    )
    fc.assert(
      fc.property(steps, calls => {
        const queue = queueOf(50, 80)
        const model: string[] = []
        for (const call of calls) {
          if (typeof call === 'string') {
            if (queue.push(call)) model.push(call)
          } else if (call === -1) expect(queue.shift()).toBe(model.shift())
          else expect(queue.take(call)).toEqual(model.splice(0, call))
          expect([queue.size, queue.bytes]).toEqual([model.length, model.join('').length])
        }
      }),
    )
  })

  it('moves together after many items (the slack in front is bounded)', () => {
    const queue = queueOf(5000, 5000)
    for (let at = 0; at < 5000; at++) queue.push('x')
    for (let at = 0; at < 4000; at++) queue.shift()
    expect([queue.size, queue.bytes, queue.take().length]).toEqual([1000, 1000, 1000])
  })
})
