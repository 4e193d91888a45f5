// Calls to several servers: whose answer counts, who is told that his does not, and what is said when too few answer.

import { describe, expect, it } from 'vitest'
import { watched } from '../../flow/watched-signal.contract.ts'
import { ManualWorld } from '../../world/index.ts'
import { all, first, hedged, quorum } from './index.ts'

/** Servers that answer when the test says so. */
class Servers {
  readonly called: string[] = []
  readonly told: string[] = []
  readonly #answers = new Map<string, { resolve(value: string): void; reject(reason: unknown): void }>()
  readonly call = (name: string, signal: AbortSignal): Promise<string> => {
    this.called.push(name)
    signal.addEventListener('abort', () => this.told.push(name), { once: true })
    return new Promise((resolve, reject) => this.#answers.set(name, { resolve, reject }))
  }
  answer(name: string): void {
    this.#answers.get(name)?.resolve(name.toUpperCase())
  }
  fail(name: string): void {
    this.#answers.get(name)?.reject(new Error(name))
  }
}

const names = ['a', 'b', 'c']

describe('all', () => {
  it('tells what came of each, in their order', async () => {
    const servers = new Servers()
    const answers = all(names, servers.call)
    servers.answer('c')
    servers.fail('b')
    servers.answer('a')
    expect(await answers).toEqual([
      { target: 'a', status: 'fulfilled', value: 'A' },
      { target: 'b', status: 'rejected', reason: new Error('b') },
      { target: 'c', status: 'fulfilled', value: 'C' },
    ])
  })
})

describe('quorum', () => {
  it('gives the first k, and tells the others', async () => {
    const servers = new Servers()
    const answers = quorum(2, names, servers.call)
    servers.answer('c')
    await new Promise(resolve => setImmediate(resolve))
    servers.answer('a')
    expect(await answers).toEqual(['C', 'A'])
    expect(servers.told).toContain('b')
  })

  it('fails as soon as k cannot be reached', async () => {
    const servers = new Servers()
    const answers = quorum(2, names, servers.call)
    servers.fail('a')
    servers.fail('c')
    await expect(answers).rejects.toMatchObject({
      code: 'CALL_NO_QUORUM',
      cause: { errors: [new Error('a'), new Error('c')] },
    })
  })

  it.each([0, 4, 1.5])('of %s among three there is none', async k => {
    await expect(quorum(k, names, new Servers().call)).rejects.toThrow(RangeError)
  })

  it('ends with its signal', async () => {
    const servers = new Servers()
    const controller = new AbortController()
    const answers = quorum(1, names, servers.call, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(answers).rejects.toThrow('enough')
    expect(servers.told).toEqual(names)
  })
})

it('a call of many leaves nothing at a signal that outlives it', async () => {
  const servers = new Servers()
  const { controller, listeners } = watched()
  const { signal } = controller
  const answers = [
    quorum(1, ['a', 'b'], servers.call, { signal }),
    hedged(['c'], servers.call, { world: new ManualWorld(), signal }),
  ]
  expect(listeners()).toBeGreaterThan(0)
  servers.answer('a')
  servers.answer('c')
  await Promise.all(answers)
  expect(listeners()).toBe(0)
})

describe('first', () => {
  it('passes over those that fail', async () => {
    const servers = new Servers()
    const answer = first(names, servers.call)
    servers.fail('a')
    servers.answer('b')
    expect(await answer).toBe('B')
  })
})

describe('hedged', () => {
  it('calls the next after a while, or at once when one fails', async () => {
    const [servers, world] = [new Servers(), new ManualWorld()]
    const answer = hedged(names, servers.call, { world, delayMs: 100 })
    expect(servers.called).toEqual(['a'])
    world.advance(99)
    expect(servers.called).toEqual(['a'])
    world.advance(1)
    expect(servers.called).toEqual(['a', 'b'])
    servers.fail('b')
    await new Promise(resolve => setImmediate(resolve))
    expect(servers.called).toEqual(['a', 'b', 'c'])
    servers.answer('a')
    expect([await answer, world.pendingTimers]).toEqual(['A', 0])
    expect(servers.told).toEqual(expect.arrayContaining(['c']))
  })

  it.each([[names], [[]]])('fails when all of %j have', async targets => {
    const servers = new Servers()
    const answer = hedged(targets, servers.call, { world: new ManualWorld() })
    answer.catch(() => {}) // looked at below
    for (const name of targets) {
      servers.fail(name)
      await new Promise(resolve => setImmediate(resolve))
    }
    await expect(answer).rejects.toMatchObject({ code: 'CALL_NO_QUORUM' })
  })
})
