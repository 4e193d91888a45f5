// What a server knows of calls that come again, by their keys.

import { describe, expect, it } from 'vitest'
import { ManualWorld } from '../../world/index.ts'
import { Replies, type RepliesLimits, type Reply } from './replies.ts'

const body = (text: string) => ({ kind: 3, body: Buffer.from(text) })

function kept(limits: Partial<RepliesLimits> = {}) {
  const world = new ManualWorld()
  const replies = new Replies<string>(world, limits)
  const arrive = (key: number, { client = 'a', below = 0, again = false, waiting = 'w' } = {}) =>
    replies.arrived(client, key, below, again, waiting)
  const run = (key: number, given: Parameters<typeof arrive>[1] = {}): Reply<string> => {
    const known = arrive(key, given)
    if (known.state !== 'new') throw new Error(`${key} is ${known.state}`)
    return known.entry
  }
  return { world, replies, arrive, run }
}

describe('a call that comes again', () => {
  it('waits with the first while that runs, and the last who asks is who waits', () => {
    const { replies, arrive, run } = kept()
    const entry = run(1, { waiting: 'first' })
    expect(arrive(1, { again: true, waiting: 'second' })).toEqual({ state: 'running', before: 'first' })
    expect(arrive(1, { again: true, waiting: 'third' })).toEqual({ state: 'running', before: 'second' })
    expect(entry.waiting).toBe('third')
    replies.answered(entry, body('x'))
    expect(arrive(1, { again: true })).toEqual({ state: 'answered', answer: body('x') })
  })

  it.each<[string, (of: ReturnType<typeof kept>) => void, number]>([
    ['of a client that is not known', () => {}, 1],
    ['below the highest key that was seen', ({ run }) => void run(5), 4],
    [
      'whose answer was had',
      ({ replies, run }) => {
        replies.answered(run(1), body('x'))
        run(2, { below: 2 })
      },
      1,
    ],
  ])('is not run when it is one %s', (_, before, key) => {
    const of = kept()
    before(of)
    expect(of.arrive(key, { again: true })).toEqual({ state: 'forgotten' })
  })

  it('keeps its place from a first sending that was late', () => {
    const { arrive, run } = kept()
    run(1)
    const entry = run(2, { again: true, waiting: 'here' })
    expect(arrive(2, { waiting: 'left' })).toEqual({ state: 'forgotten' })
    expect(entry.waiting).toBe('here')
  })

  it('is of its client alone', () => {
    const { run } = kept()
    run(1, { client: 'a' })
    run(1, { client: 'b' })
  })
})

describe('answers', () => {
  it('are forgotten, the oldest of who was silent longest first, when there are too many', () => {
    const { replies, arrive, run } = kept({ repliesMax: 3 })
    for (const client of ['a', 'b'])
      for (const key of [1, 2]) replies.answered(run(key, { client }), body('x'))
    expect(arrive(1, { client: 'a', again: true }).state).toBe('forgotten')
    expect(arrive(2, { client: 'a', again: true }).state).toBe('answered')
    expect(arrive(1, { client: 'b', again: true }).state).toBe('answered')
  })

  it('are bounded in bytes, and what nobody asks for any more is not counted', () => {
    const { replies, arrive, run } = kept({ repliesBytesMax: 100 })
    for (let key = 1; key <= 50; key++) {
      const entry = run(key, { below: key })
      run(key + 1000, { client: 'b', below: key + 1000 })
      // The client gave it up before it was answered: another call says so.
      replies.arrived('a', key, key + 1, true, 'late')
      replies.answered(entry, body('x'.repeat(90)))
    }
    replies.answered(run(60, { below: 60 }), body('x'.repeat(90)))
    expect(arrive(60, { again: true }).state).toBe('answered')
  })

  it('can be given a second time, when the first could not be sent', () => {
    const { replies, arrive, run } = kept({ repliesBytesMax: 100 })
    const entry = run(1)
    for (let n = 0; n < 10; n++) replies.answered(entry, body('x'.repeat(60)))
    expect(arrive(1, { again: true }).state).toBe('answered')
  })

  it('are kept for a time after the last call', () => {
    const { world, replies, arrive, run } = kept({ replyMs: 1000 })
    replies.answered(run(1), body('x'))
    world.advance(1001)
    run(1, { client: 'b' })
    expect(arrive(1, { again: true })).toEqual({ state: 'forgotten' })
  })

  it('are not run for when they could not be kept', () => {
    const { replies, arrive, run } = kept({ repliesMax: 2 })
    const first = run(1)
    run(2)
    expect(arrive(3)).toEqual({ state: 'full' })
    replies.answered(first, body('x'))
    run(3)
  })
})
