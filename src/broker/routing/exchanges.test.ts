// Exchanges and bindings over a metadata log: what may be declared, where messages go, what goes together, and what a
// restart and a full disk leave.

import { describe, expect, it } from 'vitest'
import type { FieldValue } from '../field-value.ts'
import type { Binding } from './binding.ts'
import type { ExchangeDefinition } from './exchange.ts'
import { defaultBinding } from './exchanges.ts'
import { scene } from './scene.contract.ts'

const args = (record: Record<string, FieldValue>) => ({ arguments: new Map(Object.entries(record)) })
const shown = (bindings: Iterable<Binding>) =>
  [...bindings].map(one => `${one.source}>${one.kind}:${one.destination}>${one.propertiesKey}`).sort()

describe('declaring', () => {
  it('has the exchanges that every virtual host begins with', async () => {
    const { exchanges } = await scene()
    expect(exchanges.list('other').map(one => `${one.name}=${one.type}`)).toEqual([
      '=direct',
      'amq.direct=direct',
      'amq.fanout=fanout',
      'amq.topic=topic',
      'amq.headers=headers',
      'amq.match=headers',
      'amq.rabbitmq.trace=topic',
    ])
    expect(exchanges.get('/', 'amq.rabbitmq.trace')?.internal).toBe(true)
  })

  it.each<[string, Partial<ExchangeDefinition>, string]>([
    ['type', { type: 'fanout' }, "received 'fanout' but current is 'direct'"],
    ['durable', { durable: false }, "received 'false' but current is 'true'"],
    ['auto_delete', { autoDelete: true }, "received 'true' but current is 'false'"],
    ['internal', { internal: true }, "received 'true' but current is 'false'"],
    ['alternate-exchange', {}, "received none but current is the value 'ae' of type 'longstr'"],
    [
      'alternate-exchange',
      args({ 'alternate-exchange': 'be' }),
      "received the value 'be' of type 'longstr' but current is the value 'ae' of type 'longstr'",
    ],
  ])('names what differs: %s %j', async (argument, change, words) => {
    const { declare } = await scene()
    const alternate = args({ 'alternate-exchange': 'ae', other: 1 })
    await declare('x', alternate)
    await declare('x', args({ 'alternate-exchange': 'ae' }))
    const wanted = argument === 'alternate-exchange' ? change : { ...alternate, ...change }
    await expect(declare('x', wanted)).rejects.toMatchObject({
      code: 'EXCHANGE_DIFFERS',
      message: `inequivalent arg '${argument}' for exchange 'x' in vhost '/': ${words}`,
    })
  })

  it.each<[string, Partial<ExchangeDefinition>, string]>([
    ['', {}, 'EXCHANGE_RESERVED'],
    ['amq.mine', {}, 'EXCHANGE_RESERVED'],
    ['amq.direct', { type: 'fanout' }, 'EXCHANGE_DIFFERS'],
    ['x'.repeat(256), {}, 'EXCHANGE_NAME_INVALID'],
    ['x', { type: 'nosuch' }, 'EXCHANGE_TYPE_UNKNOWN'],
    ['x', args({ 'alternate-exchange': 1 }), 'ARGUMENT_INVALID'],
    ['x', { type: 'x-delayed-message' }, 'ARGUMENT_INVALID'],
  ])('refuses %j with %j: %s', async (name, options, code) => {
    const { declare } = await scene()
    await expect(declare(name, options)).rejects.toMatchObject({ code })
  })

  it('takes what is there as it is, passively or again', async () => {
    const { declare, exchanges } = await scene()
    expect(exchanges.passive('/', 'amq.topic').type).toBe('topic')
    expect((await declare('amq.direct')).predeclared).toBe(true)
    expect(await declare('x')).toBe(await declare('x'))
    expect(() => exchanges.passive('/', 'y')).toThrow(expect.objectContaining({ code: 'EXCHANGE_UNKNOWN' }))
    expect(() => exchanges.passive('/', '')).toThrow(expect.objectContaining({ code: 'EXCHANGE_RESERVED' }))
    expect(() => exchanges.get('nowhere', 'x')).toThrow(expect.objectContaining({ code: 'VHOST_UNKNOWN' }))
  })

  it('makes a delayed exchange of the type behind it', async () => {
    const { declare, bind, queue, route, exchanges } = await scene()
    queue('q')
    const delayed = { type: 'x-delayed-message', ...args({ 'x-delayed-type': 'topic' }) }
    await declare('later', delayed)
    await bind('later', 'q', 'a.*')
    expect([route('later', 'a.b'), route('later', 'b')]).toEqual([['q'], []])
    expect([exchanges.get('/', 'later')?.delayed, exchanges.get('/', 'amq.topic')?.delayed]).toEqual([
      true,
      false,
    ])
    await expect(
      declare('later', { ...delayed, ...args({ 'x-delayed-type': 'direct' }) }),
    ).rejects.toMatchObject({
      code: 'EXCHANGE_DIFFERS',
    })
  })
})

describe('routing', () => {
  it('through the default exchange goes to the queue of that name', async () => {
    const { queue, route } = await scene()
    queue('q')
    queue('r')
    expect([route('', 'q'), route('', 'none'), route('', 'q', ['r', 'q'])]).toEqual([['q'], [], ['q', 'r']])
  })

  it('looks a bound queue up once, and again after it went and came back', async () => {
    const { bind, queue, route, lookups, exchanges, loseQueue, journal } = await scene()
    queue('q')
    await bind('amq.fanout', 'q')
    const before = lookups()
    for (let n = 0; n < 5; n++) expect(route('amq.fanout')).toEqual(['q'])
    expect(lookups() - before).toBe(1)
    await journal.write(exchanges.forgetQueue('/', 'q'))
    loseQueue('q')
    expect(route('amq.fanout')).toEqual([])
    queue('q')
    expect(route('amq.fanout')).toEqual([])
    await bind('amq.fanout', 'q')
    expect(route('amq.fanout')).toEqual(['q'])
  })

  it('follows exchanges to exchanges, in circles once', async () => {
    const { declare, bind, queue, route } = await scene()
    for (const name of ['a', 'b', 'c']) await declare(name, { type: 'fanout' })
    for (const name of ['q', 'r']) queue(name)
    await bind('a', 'x:b')
    await bind('b', 'x:c')
    await bind('c', 'x:a')
    await bind('a', 'q')
    await bind('c', 'q')
    await bind('c', 'r')
    expect([route('a'), route('b')]).toEqual([
      ['q', 'r'],
      ['q', 'r'],
    ])
  })

  it('hands to the alternate exchange what an exchange routes nowhere, also on the way', async () => {
    const { declare, bind, queue, route } = await scene()
    for (const name of ['q', 'left', 'lost']) queue(name)
    await declare('unrouted', { type: 'fanout' })
    await declare('inner', args({ 'alternate-exchange': 'unrouted' }))
    await declare('outer', { type: 'fanout', ...args({ 'alternate-exchange': 'gone' }) })
    await declare('last', { type: 'direct', ...args({ 'alternate-exchange': 'last' }) })
    await declare('byname', args({ 'alternate-exchange': '' }))
    await bind('unrouted', 'left')
    await bind('inner', 'q', 'k')
    await bind('outer', 'x:inner')
    expect([route('inner', 'k'), route('inner', 'l')]).toEqual([['q'], ['left']])
    expect([route('outer', 'k'), route('outer', 'l')]).toEqual([['q'], ['left']])
    expect([route('last', 'k'), route('byname', 'lost')]).toEqual([[], ['lost']])
  })

  it('takes the alternate exchange from a policy, after the argument', async () => {
    const { declare, bind, queue, route, policies, exchanges } = await scene()
    for (const name of ['q', 'r']) queue(name)
    await bind('amq.fanout', 'q')
    await declare('mine', { type: 'fanout' })
    await bind('mine', 'r')
    await declare('own', args({ 'alternate-exchange': 'mine' }))
    await declare('x')
    for (const name of ['x', 'own']) policies.set(name, 'amq.fanout')
    exchanges.redefine()
    expect([route('x'), route('own')]).toEqual([['q'], ['r']])
    policies.clear()
    exchanges.redefine()
    expect([route('x'), route('own')]).toEqual([[], ['r']])
  })

  it('looks at each of several keys where the type looks at keys, and chooses once where it chooses', async () => {
    const { declare, bind, queue, route } = await scene()
    for (const name of ['q', 'r']) queue(name)
    await declare('any', { type: 'x-random' })
    for (const name of ['q', 'r']) {
      await bind('amq.topic', name, `${name}.#`)
      await bind('any', name)
    }
    expect(route('amq.topic', 'q.1', ['r.1'])).toEqual(['q', 'r'])
    for (let n = 0; n < 20; n++) expect(route('any', 'a', ['b', 'c'])).toHaveLength(1)
  })

  it('is refused where there is no exchange', async () => {
    const { route } = await scene()
    expect(() => route('none')).toThrow(expect.objectContaining({ code: 'EXCHANGE_UNKNOWN' }))
  })
})

describe('bindings', () => {
  it('are found by where they lead from and to, with the names that RabbitMQ gives them', async () => {
    const { declare, bind, queue, exchanges } = await scene()
    queue('q')
    await declare('x', { type: 'topic' })
    await bind('amq.topic', 'q')
    await bind('amq.topic', 'q', 'a.*.# ~')
    await bind('amq.topic', 'q', 'k', { n: 1, m: 'x' })
    await bind('amq.topic', 'q', 'k', { m: 'x', n: 1 })
    await bind('amq.topic', 'x:x', 'k')
    const hashed = [...exchanges.bindingsToQueue('/', 'q')].find(one => one.arguments.size > 0)?.propertiesKey
    expect(hashed).toMatch(/^k~[A-Za-z0-9_-]{22}$/)
    const toQueue = ['~', 'a.%2A.%23+%7E', hashed].map(key => `amq.topic>queue:q>${key}`)
    expect(shown(exchanges.bindingsToQueue('/', 'q'))).toEqual(toQueue.sort())
    expect(shown(exchanges.bindingsToExchange('/', 'x'))).toEqual(['amq.topic>exchange:x>k'])
    expect(exchanges.bindingsFrom('/', 'amq.topic').size).toBe(4)
    expect([...exchanges.bindings('/')]).toHaveLength(4)
    expect(shown([defaultBinding('/', 'q')])).toEqual(['>queue:q>q'])
  })

  it.each<[string, string, string, Record<string, FieldValue>, string]>([
    ['', 'q', 'k', {}, 'EXCHANGE_RESERVED'],
    ['amq.direct', 'x:', 'k', {}, 'EXCHANGE_RESERVED'],
    ['none', 'q', 'k', {}, 'EXCHANGE_UNKNOWN'],
    ['amq.direct', 'none', 'k', {}, 'QUEUE_UNKNOWN'],
    ['amq.direct', 'x:none', 'k', {}, 'EXCHANGE_UNKNOWN'],
    ['amq.headers', 'q', '', { 'x-match': 'some' }, 'ARGUMENT_INVALID'],
    ['amq.direct', 'q', 'k'.repeat(256), {}, 'ARGUMENT_INVALID'],
  ])('from %j to %j by %j with %j: %s', async (from, to, key, record, code) => {
    const { bind, queue } = await scene()
    queue('q')
    await expect(bind(from, to, key, record)).rejects.toMatchObject({ code })
  })

  it('bind and unbind twice as once', async () => {
    const { bind, unbind, queue, route } = await scene()
    queue('q')
    await bind('amq.direct', 'q', 'k')
    await bind('amq.direct', 'q', 'k')
    await bind('amq.direct', 'q', 'k', { n: 1 })
    expect(await unbind('amq.direct', 'q', 'k')).toBe(true)
    expect(await unbind('amq.direct', 'q', 'k')).toBe(false)
    expect(route('amq.direct', 'k')).toEqual(['q'])
    expect(await unbind('amq.direct', 'q', 'k', { n: 1 })).toBe(true)
    expect(await unbind('none', 'q', 'k')).toBe(false)
    expect(route('amq.direct', 'k')).toEqual([])
  })
})

describe('deleting', () => {
  it('takes the bindings along, and succeeds where nothing is', async () => {
    const { declare, bind, queue, exchanges, route } = await scene()
    queue('q')
    await declare('x', { type: 'fanout' })
    await bind('x', 'q')
    await bind('amq.fanout', 'x:x')
    await expect(exchanges.delete('/', 'x', { ifUnused: true })).rejects.toMatchObject({
      code: 'EXCHANGE_IN_USE',
    })
    expect(await exchanges.delete('/', 'x')).toBe(true)
    expect(await exchanges.delete('/', 'x')).toBe(false)
    expect([[...exchanges.bindings('/')], route('amq.fanout')]).toEqual([[], []])
    await declare('y')
    await bind('amq.fanout', 'x:y')
    expect(await exchanges.delete('/', 'y', { ifUnused: true })).toBe(true)
  })

  it.each(['', 'amq.direct', 'amq.gone'])('refuses %j', async name => {
    const { exchanges } = await scene()
    await expect(exchanges.delete('/', name)).rejects.toMatchObject({ code: 'EXCHANGE_RESERVED' })
  })

  it('lets auto-delete exchanges go with their last binding, one after the other', async () => {
    const { declare, bind, unbind, queue, exchanges } = await scene()
    queue('q')
    for (const [name, durable] of [
      ['a', true],
      ['b', false],
      ['c', true],
    ] as const)
      await declare(name, { autoDelete: true, durable })
    await bind('a', 'x:b', '1')
    await bind('a', 'x:b', '2')
    await bind('b', 'x:c')
    await bind('c', 'q')
    await unbind('a', 'x:b', '1')
    expect(exchanges.list('/').filter(one => !one.predeclared)).toHaveLength(3)
    await unbind('c', 'q')
    expect(exchanges.list('/').filter(one => !one.predeclared)).toEqual([])
    expect([...exchanges.bindings('/')]).toEqual([])
  })

  it('of a virtual host gives the changes for all of it', async () => {
    const { declare, bind, queue, exchanges, journal, vhosts, route } = await scene()
    queue('q')
    await declare('x')
    await declare('t', { durable: false })
    await bind('x', 'q')
    await bind('amq.direct', 'q')
    const changes = exchanges.forgetVhost('/')
    expect(changes).toHaveLength(3)
    await journal.write(changes)
    expect([[...exchanges.bindings('/')], exchanges.list('/').every(one => one.predeclared)]).toEqual([
      [],
      true,
    ])
    exchanges.dropVhost('/')
    vhosts.delete('/')
    expect(() => route('amq.direct')).toThrow(expect.objectContaining({ code: 'VHOST_UNKNOWN' }))
    expect(exchanges.forgetVhost('/')).toEqual([])
  })
})

describe('durability', () => {
  it('brings back what is durable at both ends, and nothing else', async () => {
    const first = await scene()
    first.queue('kept')
    first.queue('passing', { kept: false })
    await first.declare('d', { type: 'fanout', ...args({ 'alternate-exchange': 'amq.fanout' }) })
    await first.declare('t', { type: 'fanout', durable: false })
    await first.bind('d', 'kept', 'k', { n: 2 ** 60, t: new Date(0) })
    await first.bind('d', 'passing')
    await first.bind('t', 'kept')
    await first.bind('d', 'x:t')
    await first.bind('amq.topic', 'x:d', '#')
    await first.store.close()
    const again = await scene({ from: first.store })
    for (const name of ['kept', 'passing']) again.queue(name)
    expect(shown(again.exchanges.bindings('/'))).toEqual(
      shown(first.exchanges.bindings('/')).filter(one => !one.includes('passing') && !/(^|:)t>/.test(one)),
    )
    expect([again.exchanges.get('/', 't'), again.route('amq.topic', 'a.b')]).toEqual([undefined, ['kept']])
    await again.declare('d', { type: 'fanout', ...args({ 'alternate-exchange': 'amq.fanout' }) })
  })

  it('is undone where the disk is full, transient parts too', async () => {
    const { disk, declare, bind, unbind, queue, exchanges, route } = await scene()
    queue('q')
    queue('passing', { kept: false })
    await declare('x', { type: 'fanout', autoDelete: true })
    await declare('t', { type: 'fanout', autoDelete: true, durable: false })
    await bind('x', 'q')
    await bind('t', 'x:x')
    disk.full = true
    const full = { code: 'STORAGE_FULL' }
    await expect(declare('y')).rejects.toMatchObject(full)
    await expect(bind('amq.direct', 'q', 'k')).rejects.toMatchObject(full)
    await bind('amq.direct', 'passing', 'k')
    await expect(exchanges.delete('/', 'x')).rejects.toMatchObject(full)
    await expect(unbind('x', 'q')).rejects.toMatchObject(full)
    expect(exchanges.get('/', 'y')).toBeUndefined()
    expect([route('amq.direct', 'k'), route('t'), route('x')]).toEqual([['passing'], ['q'], ['q']])
    disk.full = false
    await unbind('x', 'q')
    expect([exchanges.get('/', 'x'), exchanges.get('/', 't')]).toEqual([undefined, undefined])
  })

  it('answers a second declaration no earlier than the first', async () => {
    const { disk, declare, bind, queue } = await scene()
    queue('q')
    disk.full = true
    const declared = [declare('x'), declare('x')]
    const bound = [bind('amq.direct', 'q'), bind('amq.direct', 'q')]
    for (const one of [...declared, ...bound])
      await expect(one).rejects.toMatchObject({ code: 'STORAGE_FULL' })
  })
})
