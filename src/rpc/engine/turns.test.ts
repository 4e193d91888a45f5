// Calls that wait their turn: for their caller to be admitted, for others to end, for room. Each runs once, in its order.

import { describe, expect, it } from 'vitest'
import { deferred } from '../../flow/index.ts'
import { InprocNames } from '../../transport/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { callFlags, frames } from './frames.ts'
import { RawPeer, turns } from './peer.contract.ts'
import { type ServeOptions, serve } from './serve.ts'

class Log {
  readonly ran: unknown[] = []
  readonly #waiting: ((value: unknown) => void)[] = []
  note(what: unknown): unknown {
    this.ran.push(what)
    return what
  }
  slow(what: unknown): Promise<unknown> {
    this.ran.push(what)
    return new Promise(resolve => this.#waiting.push(resolve))
  }
  go(): void {
    this.#waiting.shift()?.('gone')
  }
}

async function logged(
  options: ServeOptions,
  story: (
    log: Log,
    peer: (clientByte?: number) => RawPeer,
    server: Awaited<ReturnType<typeof serve>>,
  ) => Promise<void>,
): Promise<void> {
  const [names, world, log] = [new InprocNames(), new ManualWorld(), new Log()]
  const server = await serve(log, 'inproc://turns', { names, world, closeMs: 1, ...options })
  try {
    await story(
      log,
      (byte = 7) => new RawPeer(names.connect('turns')).hello({ clientId: Buffer.alloc(16, byte) }),
      server,
    )
  } finally {
    const closing = server.close()
    await turns()
    world.advance(10)
    await closing
  }
}

const keyed = (key: number, args: readonly unknown[], again = false) => ({
  args,
  flags: callFlags.keyed | (again ? callFlags.again : 0),
  head: [key, 1],
})

describe('calls before their caller is admitted', () => {
  it('run once each when he is, in their order, also those that end at once', async () => {
    const admitted = deferred<string>()
    await logged({ admit: () => admitted.promise }, async (log, peer) => {
      const client = peer()
      client.call(1, 'note', { args: ['one-way'], flags: callFlags.oneWay })
      client.call(2, 'note', keyed(1, ['keyed']))
      for (let n = 3; n < 5000; n++) client.call(n, 'note', { args: [n] })
      await turns()
      expect(log.ran).toEqual([])
      admitted.resolve('ada')
      await turns(40)
      expect(log.ran.slice(0, 3)).toEqual(['one-way', 'keyed', 3])
      expect(log.ran.length).toBe(4999)
    })
  })

  it('never run when he is not, and take no place of answers that are kept', async () => {
    const admitted = new Map([
      [1, deferred<string>()],
      [2, deferred<string>()],
    ])
    let turn = 0
    const admit = (): Promise<string> | undefined => admitted.get(++turn)?.promise
    await logged({ admit, replies: { repliesMax: 2 } }, async (log, peer) => {
      const stranger = peer()
      for (let n = 1; n < 10; n++) stranger.call(n, 'note', keyed(n, ['stranger']))
      await turns()
      admitted.get(1)?.reject(new Error('no'))
      await turns()
      const friend = peer()
      admitted.get(2)?.resolve('friend')
      friend.call(1, 'note', keyed(1, ['friend']))
      await turns()
      expect([log.ran, friend.answer(1)]).toEqual([['friend'], 'friend'])
    })
  })
})

describe('calls that wait for others', () => {
  it('run in their order when one ends, and those that are given up do not', async () => {
    await logged({ runningMax: 1 }, async (log, peer) => {
      const client = peer().call(1, 'slow', { args: ['a'] })
      for (const [id, what] of [
        [2, 'b'],
        [3, 'c'],
        [4, 'd'],
      ] as const)
        client.call(id, 'note', { args: [what] })
      client.send(frames.cancel, 3)
      await turns()
      expect(log.ran).toEqual(['a'])
      log.go()
      await turns()
      expect(log.ran).toEqual(['a', 'b', 'd'])
    })
  })

  it('and have keys run also when their connection is over, and are answered to who asks again', async () => {
    await logged({ runningMax: 1 }, async (log, peer) => {
      const first = peer()
        .call(1, 'slow', keyed(1, ['a']))
        .call(2, 'note', keyed(2, ['b']))
      await turns()
      first.stream.abort()
      await turns()
      const second = peer().call(1, 'note', keyed(2, ['b'], true))
      await turns()
      expect([log.ran, second.answer(1)]).toEqual([['a'], undefined])
      log.go()
      await turns()
      expect([log.ran, second.answer(1)]).toEqual([['a', 'b'], 'b'])
    })
  })
})

describe('a server that drains', () => {
  it('answers what comes again, and refuses what is new', async () => {
    await logged({}, async (log, peer, server) => {
      const first = peer().call(1, 'note', keyed(1, ['a']))
      await turns()
      first.stream.abort()
      server.drain()
      const second = peer()
        .call(1, 'note', keyed(1, ['a'], true))
        .call(2, 'note', keyed(2, ['b']))
      await turns()
      expect(second.answer(1)).toBe('a')
      expect(second.answer(2)).toMatchObject({ code: 'CALL_DRAINING' })
      expect(log.ran).toEqual(['a'])
    })
  })
})

describe('a chain of calls, each on what the one before gives', () => {
  it('may be as long as may wait', async () => {
    const chain = { ran: 0 }
    class Link {
      readonly #wait = deferred<Link>()
      first(): Promise<Link> {
        return this.#wait.promise
      }
      next(): Link {
        chain.ran++
        return this
      }
      go(): void {
        this.#wait.resolve(this)
      }
    }
    const { byReference } = await import('../refs/by-reference.ts')
    const link = byReference(new Link())
    const [names, world] = [new InprocNames(), new ManualWorld()]
    await using _ = await serve(link, 'inproc://chain', { names, world })
    const client = new RawPeer(names.connect('chain')).hello().call(1, 'first')
    for (let n = 2; n <= 20_001; n++) client.call(n, 'next', { target: n - 1, flags: callFlags.pipelined })
    await turns(100)
    link.go()
    await turns(100)
    expect(chain.ran).toBe(20_000)
    client.stream.abort()
  })
})
