// Each way to call, of one interface, over one connection.

import { describe, expect, it } from 'vitest'
import { InprocNames } from '../../transport/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { type Connected, connect } from '../engine/connect.ts'
import { type Server, serve } from '../engine/serve.ts'
import {
  asynchronous,
  deferred,
  describe as describeRemote,
  health,
  oneWay,
  polling,
  ticketOf,
} from './index.ts'

class Press {
  printed: string[] = []
  #waiting: (() => void)[] = []
  async print(text: string): Promise<number> {
    await new Promise<void>(resolve => this.#waiting.push(resolve))
    this.printed.push(text)
    return text.length
  }
  refuse(): number {
    throw new Error('no paper')
  }
  run(): void {
    for (const go of this.#waiting.splice(0)) go()
  }
}

interface Stage {
  readonly press: Press
  readonly remote: Connected<Press>
  readonly server: Server
  readonly world: ManualWorld
  readonly faults: string[]
}

async function staged(story: (stage: Stage) => Promise<void>): Promise<void> {
  const [names, world, press] = [new InprocNames(), new ManualWorld(), new Press()]
  const faults: string[] = []
  const onFault = (title: string): void => void faults.push(title)
  const methods = {
    print: { signature: '(text: string) => Promise<number>', idempotent: true, doc: 'prints' },
  }
  await using server = await serve(press, 'inproc://press', { names, world, onFault, methods, closeMs: 1 })
  await using remote = await connect<Press>('inproc://press', { names, world })
  await story({ press, remote, server, world, faults })
}

async function turns(count = 20): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise(resolve => setImmediate(resolve))
}

/** Whether it is settled by now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let is = false
  promise.then(
    () => (is = true),
    () => (is = true),
  )
  await turns()
  return is
}

describe('one-way', () => {
  it.each([
    ['accepted', true],
    ['delivered', true],
    ['processed', false],
  ] as const)('until %s goes on before the method has run: %s', async (until, before) => {
    await staged(async ({ press, remote }) => {
      const printing = oneWay(remote, until).print('a')
      expect(await settled(printing)).toBe(before)
      press.run()
      expect([await printing, press.printed]).toEqual([undefined, ['a']])
    })
  })

  it('tells the server only what went wrong', async () => {
    await staged(async ({ remote, faults }) => {
      await oneWay(remote).refuse()
      await turns()
      expect(faults).toEqual(['refuse'])
    })
  })
})

describe('asynchronous', () => {
  it('shows how the call is, and gives its result', async () => {
    await staged(async ({ press, remote }) => {
      const printing = asynchronous(remote).print('abc')
      await turns()
      expect(printing.state).toBe('waiting')
      press.run()
      expect([await printing.result(), printing.state]).toEqual([3, 'done'])
    })
  })

  it('can be given up', async () => {
    await staged(async ({ remote }) => {
      const printing = asynchronous(remote).print('abc')
      printing.cancel(new Error('never mind'))
      await expect(printing.result()).rejects.toThrow('never mind')
      expect(printing.state).toBe('failed')
    })
  })
})

describe('deferred synchronous', () => {
  it('is acknowledged, then the callee brings the result', async () => {
    await staged(async ({ press, remote, server }) => {
      const { result } = await deferred(remote).print('four')
      expect(await settled(result)).toBe(false)
      press.run()
      expect(await result).toBe(4)
      await turns()
      expect(server.held).toBe(0)
    })
  })

  it('fails as the method does, and with the connection', async () => {
    await staged(async ({ remote, server, world }) => {
      await expect((await deferred(remote).refuse()).result).rejects.toThrow('no paper')
      const { result } = await deferred(remote).print('never')
      const closing = server.close()
      await turns()
      world.advance(10)
      await expect(result).rejects.toMatchObject({ code: 'CALL_CONNECTION_LOST' })
      await closing
    })
  })
})

describe('client polling', () => {
  it('gives a ticket, then the result once', async () => {
    await staged(async ({ press, remote }) => {
      const ticket = await polling(remote).print('four')
      expect(await ticket.poll()).toBe('running')
      press.run()
      await turns()
      expect(await ticketOf(remote, ticket.id).poll()).toBe('done')
      expect(await ticket.take()).toBe(4)
      await expect(ticket.take()).rejects.toMatchObject({ code: 'CALL_NO_TICKET' })
    })
  })

  it('keeps a result as long as it was asked to', async () => {
    await staged(async ({ press, remote, world }) => {
      const ticket = await polling(remote, { ttlMs: 500 }).print('four')
      world.advance(20_000)
      press.run()
      await turns()
      world.advance(499)
      expect(await ticket.poll()).toBe('done')
      world.advance(1)
      await expect(ticket.poll()).rejects.toMatchObject({ code: 'CALL_NO_TICKET' })
    })
  })

  it('keeps what was thrown, too', async () => {
    await staged(async ({ remote }) => {
      const ticket = await polling(remote).refuse()
      await turns()
      expect(await ticket.poll()).toBe('failed')
      await expect(ticket.take()).rejects.toThrow('no paper')
    })
  })
})

describe('what a server says of itself', () => {
  it('is its health and its methods', async () => {
    await staged(async ({ remote, server }) => {
      expect(await health(remote)).toEqual({ status: 'serving' })
      expect(await describeRemote(remote)).toEqual([
        {
          name: 'print',
          signature: '(text: string) => Promise<number>',
          doc: 'prints',
          semantics: 'at least once',
        },
        { name: 'refuse', signature: '(0 parameters)', semantics: 'once, or lost with the connection' },
        { name: 'run', signature: '(0 parameters)', semantics: 'once, or lost with the connection' },
      ])
      expect(server.connections).toBe(1)
    })
  })
})
