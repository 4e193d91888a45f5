// At most once with several servers: a call that one of them may have run is not run by another, whose keys are its own.

import { describe, expect, it } from 'vitest'
import { InprocNames } from '../../transport/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { calling, connect } from './connect.ts'
import { RawPeer, turns } from './peer.contract.ts'
import { serve } from './serve.ts'

const methods = { pay: { atMostOnce: true }, read: { idempotent: true } }

class Bank {
  readonly paid: number[] = []
  reads = 0
  pay(sum: number): number {
    this.paid.push(sum)
    return sum
  }
  read(): number {
    return ++this.reads
  }
}

describe('a call that was lost at one server', () => {
  it('runs at another when it is idempotent, and not when it is at most once', async () => {
    const [names, world, bank] = [new InprocNames(), new ManualWorld(), new Bank()]
    const dying: RawPeer[] = []
    const listener = names.listen('dying', stream => void dying.push(new RawPeer(stream).hello()))
    const server = await serve(bank, 'inproc://well', { names, world, methods, closeMs: 1 })
    const client = await connect<Bank>(['inproc://dying', 'inproc://well'], {
      names,
      world,
      methods,
      closeMs: 1,
      balance: 'round-robin',
    })
    await turns()
    const timed = calling(client, { timeoutMs: 2000 })
    const paying = Promise.allSettled([timed.pay(1), timed.pay(2), timed.pay(3), timed.pay(4)])
    const reading = Promise.all([timed.read(), timed.read()])
    await turns()
    await listener.close()
    for (const peer of dying) peer.stream.abort()
    expect((await reading).sort()).toEqual([1, 2])
    for (let ms = 0; ms < 3000; ms += 100) {
      world.advance(100)
      await turns(3)
    }
    expect((await paying).map(one => (one.status === 'fulfilled' ? one.value : one.reason.code))).toEqual([
      'CALL_CONNECTION_LOST',
      2,
      'CALL_CONNECTION_LOST',
      4,
    ])
    expect(bank.paid).toEqual([2, 4])
    const closing = [client, server].map(one => one[Symbol.asyncDispose]())
    await turns()
    world.advance(10)
    await Promise.all(closing)
  })

  it('and semantics of the root are not those of what it gives', async () => {
    const [names, world] = [new InprocNames(), new ManualWorld()]
    const root = { box: () => () => 'in the box' }
    await using _ = await serve(root, 'inproc://box', { names, world, methods: {}, closeMs: 1 })
    const client = await connect<typeof root>('inproc://box', {
      names,
      world,
      methods: { '': { atMostOnce: true }, box: { idempotent: true } },
      closeMs: 1,
    })
    using box = await client.box()
    expect(await box()).toBe('in the box')
    await client[Symbol.asyncDispose]()
  })
})
