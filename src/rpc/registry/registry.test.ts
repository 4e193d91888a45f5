// Names: bound, renewed, forgotten; and clients that follow them.

import { describe, expect, it } from 'vitest'
import { InprocNames } from '../../transport/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { connect, connectionOf } from '../engine/connect.ts'
import { serve } from '../engine/serve.ts'
import { named, Registry, registerName } from './index.ts'

async function turns(count = 20): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise(resolve => setImmediate(resolve))
}

describe('Registry', () => {
  it('forgets what is not renewed', () => {
    const world = new ManualWorld()
    const registry = new Registry({ world, boundNameMs: 1000 })
    const { token } = registry.bind('bank', 'tcp://a:1')
    registry.bind('bank', 'tcp://b:1')
    world.advance(999)
    registry.renew(token)
    world.advance(1)
    expect(registry.lookUp('bank')).toEqual(['tcp://a:1'])
    world.advance(999)
    expect(() => registry.lookUp('bank')).toThrow('CALL_NAME_UNKNOWN')
    expect(() => registry.renew(token)).toThrow('CALL_NAME_UNKNOWN')
    expect(world.pendingTimers).toBe(0)
  })

  it.each([
    [
      'a name that is exclusive',
      (r: Registry) => [r.bind('x', 'a', true), r.bind('x', 'b')],
      'CALL_NAME_TAKEN',
    ],
    [
      'a name that others have, alone',
      (r: Registry) => [r.bind('x', 'a'), r.bind('x', 'b', true)],
      'CALL_NAME_TAKEN',
    ],
    ['one name too many', (r: Registry) => 'abcd'.split('').map(n => r.bind(n, n)), 'CALL_TOO_MANY_NAMES'],
    ['no name', (r: Registry) => r.bind('', 'a'), 'CALL_BAD_ARGUMENTS'],
    ['a long address', (r: Registry) => r.bind('a', 'x'.repeat(257)), 'CALL_BAD_ARGUMENTS'],
  ])('refuses %s', (_what, bind, code) => {
    const registry = new Registry({ world: new ManualWorld(), boundNamesMax: 3 })
    expect(() => bind(registry)).toThrow(code)
  })

  it('lists names with their addresses, and each address once', () => {
    const registry = new Registry({ world: new ManualWorld() })
    for (const [name, address] of [
      ['b', '1'],
      ['a', '2'],
      ['b', '3'],
      ['b', '1'],
    ] as const)
      registry.bind(name, address)
    expect(registry.list()).toEqual([
      { name: 'a', addresses: ['2'] },
      { name: 'b', addresses: ['1', '3'] },
    ])
    expect(registry.list('b').length).toBe(1)
  })
})

describe('a name', () => {
  it('leads clients to its servers as they come and go', async () => {
    const [names, world] = [new InprocNames(), new ManualWorld()]
    const options = { names, world, closeMs: 1 }
    await using _registry = await serve(new Registry({ world }), 'inproc://registry', options)
    await using registry = await connect<Registry>('inproc://registry', options)
    await using _one = await serve({ who: () => 'one' }, 'inproc://one', options)
    await using _two = await serve({ who: () => 'two' }, 'inproc://two', options)
    const first = await registerName(registry, 'who', 'inproc://one', { world })
    await using client = await connect<{ who(): string }>(named(registry, 'who', { world }), options)
    expect(await client.who()).toBe('one')
    await using second = await registerName(registry, 'who', 'inproc://two', { world })
    await first.close()
    await turns()
    expect(await client.who()).toBe('two')
    expect(connectionOf(client)?.servers.map(server => server.address)).toEqual(['inproc://two'])
    for (let ms = 0; ms < 100_000; ms += 10_000) {
      world.advance(10_000)
      await turns()
    }
    expect(await registry.lookUp('who')).toEqual(['inproc://two'])
    await second.close()
    await expect(registry.lookUp('who')).rejects.toMatchObject({ code: 'CALL_NAME_UNKNOWN' })
  })
})
