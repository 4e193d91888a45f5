// Client quotas through both requests: what may be set for whom, what a filter selects, and that it is kept.

import { describe, expect, it } from 'vitest'
import { openMemoryStore } from '../../../log/index.ts'
import { type KafkaErrorName, kafkaErrors } from '../errors.ts'
import { AlterClientQuotas, DescribeClientQuotas } from '../wire/index.ts'
import { Scene } from './asking.contract.ts'

type Entity = Readonly<Record<string, string | null>>

const EXACT = 0
const DEFAULT = 1
const ANY = 2

function entity(of: Entity) {
  return Object.entries(of).map(([entityType, entityName]) => ({ entityType, entityName }))
}

async function alter(scene: Scene, of: Entity, key: string, value: number | null, validateOnly = false) {
  const ops = [{ key, value: value ?? 0, remove: value === null }]
  const { entries } = await scene.ask(AlterClientQuotas, {
    entries: [{ entity: entity(of), ops }],
    validateOnly,
  })
  return entries[0]
}

type Filter = readonly (readonly [kind: string, matchType: number, match: string | null])[]

async function list(scene: Scene, filter: Filter, strict = false) {
  const components = filter.map(([entityType, matchType, match]) => ({ entityType, matchType, match }))
  return scene.ask(DescribeClientQuotas, { components, strict })
}

async function withQuotas(): Promise<Scene> {
  const scene = await Scene.open()
  await alter(scene, { user: 'ann' }, 'producer_byte_rate', 1000)
  await alter(scene, { user: null }, 'producer_byte_rate', 10)
  await alter(scene, { user: 'ann', 'client-id': 'c' }, 'request_percentage', 10.5)
  await alter(scene, { ip: '10.0.0.7' }, 'connection_creation_rate', 5)
  return scene
}

describe('AlterClientQuotas', () => {
  const refusals: readonly [what: string, of: Entity, key: string, value: number][] = [
    ['a quota that is none', { user: 'ann' }, 'nonsense', 1],
    ['a quota whose name every object has', { user: 'ann' }, 'constructor', 1],
    ['a quota of addresses for a user', { user: 'ann' }, 'connection_creation_rate', 1],
    ['a quota of users for an address', { ip: '10.0.0.7' }, 'producer_byte_rate', 1],
    ['part of a byte', { user: 'ann' }, 'producer_byte_rate', 1.5],
    ['nothing', { user: 'ann' }, 'producer_byte_rate', 0],
    ['less than nothing', { user: 'ann' }, 'request_percentage', -1],
    ['what is no number', { user: 'ann' }, 'request_percentage', Number.NaN],
    ['more connections than an int holds', { ip: '10.0.0.7' }, 'connection_creation_rate', 2 ** 31],
    ['an address that is none', { ip: 'here' }, 'connection_creation_rate', 1],
    ['an address with a user', { ip: '10.0.0.7', user: 'ann' }, 'connection_creation_rate', 1],
    ['a kind that is none', { planet: 'x' }, 'producer_byte_rate', 1],
    ['nobody', {}, 'producer_byte_rate', 1],
    ['an empty name', { user: '' }, 'producer_byte_rate', 1],
  ]
  it.each(refusals)('refuses %s', async (_what, of, key, value) => {
    const scene = await Scene.open()
    expect(await alter(scene, of, key, value)).toMatchObject({
      errorCode: kafkaErrors.INVALID_REQUEST,
      errorMessage: expect.any(String),
      entity: entity(of),
    })
    expect(await list(scene, [])).toMatchObject({ entries: [] })
  })

  it.each(['::1', '10.0.0.7', null])('takes an address of %s', async ip => {
    const scene = await Scene.open()
    expect(await alter(scene, { ip }, 'connection_creation_rate', 1)).toMatchObject({ errorCode: 0 })
  })

  it('adds to what an entity has, whatever the order of its kinds, and forgets it with its last value', async () => {
    const scene = await Scene.open()
    await alter(scene, { user: 'ann', 'client-id': 'c' }, 'producer_byte_rate', 1)
    await alter(scene, { 'client-id': 'c', user: 'ann' }, 'consumer_byte_rate', 2)
    const { entries } = await list(scene, [])
    expect(entries?.map(({ values }) => values)).toEqual([
      [
        { key: 'producer_byte_rate', value: 1 },
        { key: 'consumer_byte_rate', value: 2 },
      ],
    ])
    await alter(scene, { user: 'ann', 'client-id': 'c' }, 'producer_byte_rate', null)
    await alter(scene, { user: 'ann', 'client-id': 'c' }, 'consumer_byte_rate', null)
    expect(await list(scene, [])).toMatchObject({ entries: [] })
  })

  it('sets nothing when it only validates', async () => {
    const scene = await Scene.open()
    expect(await alter(scene, { user: 'ann' }, 'producer_byte_rate', 1, true)).toMatchObject({ errorCode: 0 })
    expect(await list(scene, [])).toMatchObject({ entries: [] })
  })

  it('is kept over a restart', async () => {
    const store = openMemoryStore()
    const before = await Scene.open({ store })
    await alter(before, { user: 'ann' }, 'producer_byte_rate', 1000)
    await before.close()
    const { entries } = await list(await Scene.open({ store }), [])
    expect(entries).toEqual([
      { entity: entity({ user: 'ann' }), values: [{ key: 'producer_byte_rate', value: 1000 }] },
    ])
  })
})

describe('DescribeClientQuotas', () => {
  const selections: readonly [what: string, filter: Filter, strict: boolean, found: Entity[]][] = [
    [
      'everything',
      [],
      false,
      [{ user: 'ann' }, { user: null }, { 'client-id': 'c', user: 'ann' }, { ip: '10.0.0.7' }],
    ],
    ['a name', [['user', EXACT, 'ann']], false, [{ user: 'ann' }, { 'client-id': 'c', user: 'ann' }]],
    ['a name and nothing beside it', [['user', EXACT, 'ann']], true, [{ user: 'ann' }]],
    ['the default', [['user', DEFAULT, null]], false, [{ user: null }]],
    ['whoever has the kind', [['client-id', ANY, null]], false, [{ 'client-id': 'c', user: 'ann' }]],
    [
      'both kinds',
      [
        ['user', ANY, null],
        ['client-id', EXACT, 'c'],
      ],
      true,
      [{ 'client-id': 'c', user: 'ann' }],
    ],
  ]
  it.each(selections)('selects %s', async (_what, filter, strict, found) => {
    const { entries } = await list(await withQuotas(), filter, strict)
    expect(entries?.map(one => one.entity)).toEqual(found.map(entity))
  })

  const refusals: readonly [what: string, filter: Filter, error: KafkaErrorName][] = [
    ['a kind that is none', [['planet', EXACT, 'x']], 'UNSUPPORTED_VERSION'],
    ['an empty kind', [['', EXACT, 'x']], 'INVALID_REQUEST'],
    [
      'a kind twice',
      [
        ['user', EXACT, 'a'],
        ['user', EXACT, 'b'],
      ],
      'INVALID_REQUEST',
    ],
    [
      'an address with a user',
      [
        ['user', EXACT, 'a'],
        ['ip', ANY, null],
      ],
      'INVALID_REQUEST',
    ],
    ['an exact match without a name', [['user', EXACT, null]], 'INVALID_REQUEST'],
    ['a match that is none', [['user', 9, null]], 'INVALID_REQUEST'],
  ]
  it.each(refusals)('refuses %s', async (_what, filter, error) => {
    expect(await list(await withQuotas(), filter)).toMatchObject({
      errorCode: kafkaErrors[error],
      entries: null,
    })
  })
})
