// Virtual hosts and what is kept by virtual host: policies, parameters, their rules and what a deletion takes along.

import { describe, expect, it } from 'vitest'
import { openMemoryStore } from '../log/index.ts'
import { ManualWorld } from '../world/index.ts'
import { fillable } from './fillable.contract.ts'
import { Journal, type Json } from './journal.ts'
import { PATTERN_LENGTH_MAX } from './name-pattern.ts'
import { Parameters } from './parameters.ts'
import { Policies, type Policy } from './policies.ts'
import { Vhosts } from './vhosts.ts'

async function scene({ from }: { readonly from?: ReturnType<typeof openMemoryStore> } = {}) {
  const disk = { full: false }
  const store = openMemoryStore(from === undefined ? {} : { from })
  const vhosts = new Vhosts()
  const policies = new Policies({ vhosts })
  const parameters = new Parameters({ vhosts })
  const parts = [vhosts, policies, parameters]
  const sections = parts.flatMap(part => part.sections)
  const journal = await Journal.open(
    fillable(store, () => disk.full),
    new ManualWorld(),
    sections,
  )
  for (const part of parts) part.attach(journal)
  for (const part of [policies, parameters]) vhosts.partOf(vhost => part.forgetVhost(vhost))
  return { store, disk, vhosts, policies, parameters }
}

const refused = (code: string) => expect.objectContaining({ code })

describe('virtual hosts', () => {
  it("are '/' and what is made", async () => {
    const { vhosts } = await scene()
    expect(vhosts.list()).toEqual([{ name: '/', limits: {} }])
    expect(await vhosts.put('b', { description: 'bee', tags: ['x'], defaultQueueType: 'quorum' })).toBe(true)
    expect(await vhosts.put('a')).toBe(true)
    expect(await vhosts.put('b', { description: 'bees' })).toBe(false)
    expect(vhosts.list().map(one => one.name)).toEqual(['/', 'a', 'b'])
    expect(vhosts.get('b')).toMatchObject({ description: 'bees', tags: ['x'], defaultQueueType: 'quorum' })
    expect(() => vhosts.require('c')).toThrow(refused('VHOST_UNKNOWN'))
  })

  it.each([
    ['', {}],
    ['x'.repeat(256), {}],
    ['x', { defaultQueueType: 'fast' as 'quorum' }],
    ['x', { description: 'x'.repeat(5000) }],
  ])('refuses %j with %j', async (name, metadata) => {
    const { vhosts } = await scene()
    await expect(vhosts.put(name, metadata)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    expect(vhosts.list()).toHaveLength(1)
  })

  it('bound queues and connections', async () => {
    const { vhosts } = await scene()
    await vhosts.setLimits('/', { maxQueues: 2, maxConnections: 0 })
    vhosts.checkQueues('/', 1)
    expect(() => vhosts.checkQueues('/', 2)).toThrow("queue limit in vhost '/' (2) is reached")
    expect(() => vhosts.checkConnections('/', 0)).toThrow(refused('LIMIT_EXCEEDED'))
    await vhosts.put('/', { description: 'the first' })
    expect(vhosts.get('/')?.limits).toEqual({ maxQueues: 2, maxConnections: 0 })
    await vhosts.setLimits('/', { maxQueues: -1 })
    vhosts.checkQueues('/', 1_000_000)
    vhosts.checkConnections('/', 1_000_000)
    await expect(vhosts.setLimits('/', { maxQueues: 1.5 })).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
    })
  })

  it('go with everything in them, or stay with it when the disk is full', async () => {
    const { disk, store, vhosts, policies, parameters } = await scene()
    const removed: string[] = []
    vhosts.onRemoved(async vhost => void removed.push(vhost))
    await vhosts.put('a')
    for (const vhost of ['a', '/']) {
      await policies.set({ ...plain, vhost })
      await policies.set({ ...plain, vhost, definition: { expires: 1 } }, 'operator')
      await parameters.set({ component: 'shovel', vhost, name: 's', value: { uri: 'x' } })
    }
    const counts = () => [
      policies.list().length,
      policies.list(undefined, 'operator').length,
      parameters.list().length,
    ]
    disk.full = true
    await expect(vhosts.delete('a')).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    expect([vhosts.has('a'), removed, counts()]).toEqual([true, [], [2, 2, 2]])
    disk.full = false
    await vhosts.delete('a')
    expect([vhosts.has('a'), removed, counts()]).toEqual([false, ['a'], [1, 1, 1]])
    await expect(vhosts.delete('a')).rejects.toMatchObject({ code: 'VHOST_UNKNOWN' })
    await expect(vhosts.delete('/')).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    await store.close()
    const again = await scene({ from: store })
    expect([again.vhosts.list().length, again.policies.list('/'), again.parameters.list().length]).toEqual([
      1,
      [plain],
      1,
    ])
  })
})

const plain: Policy = {
  vhost: '/',
  name: 'p',
  pattern: '^orders',
  applyTo: 'all',
  priority: 0,
  definition: { 'message-ttl': 1000 },
}

describe('policies', () => {
  it('apply by the highest priority alone, to what they are for', async () => {
    const { policies, vhosts } = await scene()
    await vhosts.put('other')
    const sets: [string, Partial<Policy>][] = [
      ['low', { definition: { 'message-ttl': 1, 'max-length': 5 } }],
      ['high', { priority: 5, applyTo: 'quorum_queues', definition: { 'delivery-limit': 3 } }],
      ['streams', { priority: 4, applyTo: 'streams', definition: { 'max-age': '7D' } }],
      ['exchanges', { priority: 3, applyTo: 'exchanges', definition: { 'alternate-exchange': 'ae' } }],
      ['same', { priority: 0, definition: { expires: 9 } }],
      ['inner', { priority: 9, pattern: '(?i)[.]EU$', definition: { expires: 8 } }],
      ['elsewhere', { priority: 99, vhost: 'other' }],
    ]
    for (const [name, change] of sets) await policies.set({ ...plain, name, ...change })
    const names = [
      policies.forQueue('/', 'orders', 'classic'),
      policies.forQueue('/', 'orders', 'quorum'),
      policies.forQueue('/', 'orders', 'stream'),
      policies.forExchange('/', 'orders'),
      policies.forQueue('/', 'orders.eu', 'classic'),
      policies.forQueue('/', 'my orders', 'classic'),
    ].map(effect => effect.policy?.name)
    expect(names).toEqual(['low', 'high', 'streams', 'exchanges', 'inner', undefined])
    expect(policies.forQueue('/', 'my orders', 'classic')).toEqual({ definition: {} })
    await policies.clear('/', 'low')
    expect(policies.forQueue('/', 'orders', 'classic').definition).toEqual({ expires: 9 })
    expect(await policies.clear('/', 'low')).toBe(false)
  })

  it.each<[string, Record<string, Json>, Record<string, Json>, Record<string, Json>]>([
    [
      'the smaller limit',
      { 'max-length': 10, expires: 5 },
      { 'max-length': 3, expires: 9 },
      { 'max-length': 3, expires: 5 },
    ],
    ['a limit that the other lacks', { expires: 5 }, { 'max-length': 3 }, { 'max-length': 3, expires: 5 }],
    [
      'no limit is larger than any',
      { 'delivery-limit': -1 },
      { 'delivery-limit': 7 },
      { 'delivery-limit': 7 },
    ],
    [
      "the operator's word",
      { overflow: 'drop-head' },
      { overflow: 'reject-publish' },
      { overflow: 'reject-publish' },
    ],
  ])('of operators give %s', async (_title, definition, operator, merged) => {
    const { policies } = await scene()
    await policies.set({ ...plain, definition })
    await policies.set({ ...plain, name: 'op', definition: operator }, 'operator')
    expect(policies.forQueue('/', 'orders', 'classic')).toMatchObject({
      policy: { name: 'p' },
      operatorPolicy: { name: 'op' },
      definition: merged,
    })
  })

  it.each<[string, Partial<Policy>]>([
    ['no such key', { definition: { 'message-tll': 1 } }],
    ['a key that is no own property', { definition: { constructor: 1 } }],
    ['max-priority', { definition: { 'max-priority': 1 } }],
    ['nothing', { definition: {} }],
    ['a negative time', { definition: { 'message-ttl': -1 } }],
    ['expires 0', { definition: { expires: 0 } }],
    ['a text for a number', { definition: { 'max-length': '1' } }],
    ['another overflow', { definition: { overflow: 'explode' } }],
    ['an age without unit', { definition: { 'max-age': '7' } }],
    ['a number for a name', { definition: { 'dead-letter-exchange': 1 } }],
    ['a broken pattern', { pattern: '(' }],
    ['a pattern too long', { pattern: 'x'.repeat(PATTERN_LENGTH_MAX + 1) }],
    ['a pattern that repeats repetition', { pattern: '^(a+)+$' }],
    ['the same, hidden', { pattern: '^((x|[a)]*b?))+$' }],
    ['another apply-to', { applyTo: 'toString' as 'all' }],
    ['half a priority', { priority: 0.5 }],
    ['no name', { name: '' }],
  ])('are refused with %s', async (_title, change) => {
    const { policies } = await scene()
    await expect(policies.set({ ...plain, ...change })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
  })

  it.each(['^amq\\.(gen|ctag).*', '(orders|bills)+[.](a{3}|b)*', '\\(a+\\)+', '^(?!amq\\.).*'])(
    'may have the pattern %s',
    async pattern => {
      const { policies } = await scene()
      await policies.set({ ...plain, pattern, definition: { 'ha-mode': 'all', 'queue-version': 2 } })
      expect(policies.get('/', 'p')?.pattern).toBe(pattern)
    },
  )

  it('refuse users’ settings to operators, and unknown virtual hosts', async () => {
    const { policies } = await scene()
    const definition = { 'dead-letter-exchange': 'x' }
    await policies.set({ ...plain, definition })
    await expect(policies.set({ ...plain, definition }, 'operator')).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
    })
    await expect(policies.set({ ...plain, vhost: 'v' })).rejects.toMatchObject({ code: 'VHOST_UNKNOWN' })
  })

  it('tell of every change, also of one that is undone', async () => {
    const { policies, disk } = await scene()
    const heard: string[] = []
    policies.onChange(vhost => {
      heard.push(`${vhost} ${policies.forQueue('/', 'orders', 'classic').policy?.priority}`)
    })
    await policies.set(plain)
    disk.full = true
    await expect(policies.set({ ...plain, priority: 7 })).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    disk.full = false
    await policies.clear('/', 'p')
    expect(heard).toEqual(['/ 0', '/ 7', '/ 0', '/ undefined'])
  })
})

describe('parameters', () => {
  it('are kept by component, virtual host and name, and globally', async () => {
    const { parameters } = await scene()
    const one = { component: 'federation-upstream', vhost: '/', name: 'up', value: { uri: 'amqp://x' } }
    await parameters.set(one)
    await parameters.setGlobal({ name: 'cluster_name', value: 'here' })
    expect(parameters.get('federation-upstream', '/', 'up')).toEqual(one)
    expect([parameters.list({ component: 'shovel' }), parameters.list({ vhost: '/' })]).toEqual([[], [one]])
    expect([parameters.globals(), parameters.global('cluster_name')?.value]).toEqual([
      [{ name: 'cluster_name', value: 'here' }],
      'here',
    ])
    expect([
      await parameters.clear('federation-upstream', '/', 'up'),
      await parameters.clearGlobal('x'),
    ]).toEqual([true, false])
    await expect(parameters.set({ ...one, vhost: 'v' })).rejects.toMatchObject({ code: 'VHOST_UNKNOWN' })
    await expect(parameters.set({ ...one, value: 'x'.repeat(70_000) })).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
    })
  })
})
