// Routes that take turns, on peers made of arrays: who is next, who is left out, who comes back.

import { describe, expect, it } from 'vitest'
import { FairQueue } from './fair-queue.ts'
import { FanOut } from './fan-out.ts'
import { LoadBalance } from './load-balance.ts'

class Box {
  readonly items: string[]
  readonly room: number
  constructor(items: string[] = [], room = Number.POSITIVE_INFINITY) {
    this.items = items
    this.room = room
  }
  take(): string | undefined {
    return this.items.shift()
  }
  offer(message: string): boolean {
    if (this.items.length >= this.room) return false
    this.items.push(message)
    return true
  }
}

function takeAll(queue: FairQueue<string, Box>): string[] {
  const taken: string[] = []
  for (let one = queue.take(); one !== undefined; one = queue.take()) taken.push(one)
  return taken
}

describe('FairQueue', () => {
  it('takes one from each peer by turns, and the rest of the loud one last', () => {
    const queue = new FairQueue<string, Box>()
    for (const box of [new Box(['a1', 'a2', 'a3']), new Box(['b1']), new Box(['c1', 'c2'])]) queue.add(box)
    expect(takeAll(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3'])
  })

  it('leaves an empty peer out until it is woken, and never asks one that was removed', () => {
    const queue = new FairQueue<string, Box>()
    const [one, other] = [new Box(), new Box(['b1'])]
    queue.add(one)
    queue.add(other)
    expect(takeAll(queue)).toEqual(['b1'])
    one.items.push('a1')
    expect(queue.take()).toBeUndefined()
    queue.wake(one)
    expect(queue.take()).toBe('a1')
    expect(queue.last).toBe(one)
    other.items.push('b2')
    queue.wake(other)
    queue.remove(other)
    queue.wake(other)
    expect(queue.take()).toBeUndefined()
  })
})

describe('LoadBalance', () => {
  it('gives to peers by turns, leaves out the full ones, and refuses when all are full', () => {
    const balance = new LoadBalance<string, Box>()
    const boxes = [new Box([], 1), new Box([], 3)]
    for (const box of boxes) balance.add(box)
    const sent = ['1', '2', '3', '4', '5'].map(message => balance.send(message))
    expect(sent).toEqual([true, true, true, true, false])
    expect(boxes.map(box => box.items)).toEqual([['1'], ['2', '3', '4']])
    expect(balance.hasRoom).toBe(false)
    boxes[0]?.items.shift()
    balance.wake(boxes[0] as Box)
    expect(balance.send('6')).toBe(true)
    expect(balance.last).toBe(boxes[0])
  })

  it('keeps the turn when a peer before it is removed', () => {
    const balance = new LoadBalance<string, Box>()
    const boxes = [new Box(), new Box(), new Box()]
    for (const box of boxes) balance.add(box)
    balance.send('1')
    balance.send('2')
    balance.remove(boxes[0] as Box)
    balance.send('3')
    expect(boxes.map(box => box.items)).toEqual([['1'], ['2'], ['3']])
  })
})

describe('FanOut', () => {
  it('gives to all, and counts what found no room', () => {
    const fan = new FanOut<string, Box>()
    const boxes = [new Box([], 1), new Box()]
    for (const box of boxes) fan.add(box)
    expect([fan.send('1'), fan.send('2')]).toEqual([2, 1])
    expect(fan.dropped).toBe(1)
    expect(boxes.map(box => box.items)).toEqual([['1'], ['1', '2']])
  })
})
