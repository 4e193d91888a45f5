// Definitions out of one broker and into another, and those of a RabbitMQ.

import { afterEach, describe, expect, it } from 'vitest'
import { openScene, type Scene } from './scene.contract.ts'

const scenes: Scene[] = []
async function scene(): Promise<Scene> {
  const opened = await openScene({ amqp: false })
  scenes.push(opened)
  return opened
}
afterEach(async () => {
  await Promise.all(scenes.splice(0).map(one => one.close()))
})

/** As RabbitMQ 3.10 exports them; the hash is RabbitMQ's own example, of test12. */
const exported = {
  rabbit_version: '3.10.8',
  rabbitmq_version: '3.10.8',
  product_name: 'RabbitMQ',
  product_version: '3.10.8',
  users: [
    {
      name: 'app',
      password_hash: 'kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR',
      hashing_algorithm: 'rabbit_password_hashing_sha256',
      tags: ['management'],
      limits: {},
    },
    {
      name: 'guest', // salt 01020304 and sha256 of it and 'guest'
      password_hash: guestHash(),
      hashing_algorithm: 'rabbit_password_hashing_sha256',
      tags: ['administrator'],
      limits: {},
    },
  ],
  vhosts: [{ name: '/' }, { name: 'v', metadata: { description: 'd', tags: ['t'] } }],
  permissions: [{ user: 'app', vhost: 'v', configure: '.*', write: '.*', read: '.*' }],
  topic_permissions: [{ user: 'app', vhost: 'v', exchange: 'amq.topic', write: '^a', read: '.*' }],
  parameters: [
    { component: 'vhost-limits', vhost: 'v', name: 'limits', value: { 'max-queues': 7 } },
    {
      component: 'operator_policy',
      vhost: 'v',
      name: 'cap',
      value: { 'apply-to': 'queues', definition: { 'max-length': 5 }, pattern: '^', priority: 0 },
    },
  ],
  global_parameters: [{ name: 'cluster_name', value: 'rabbit@there' }],
  policies: [
    {
      vhost: 'v',
      name: 'p',
      pattern: '^q',
      'apply-to': 'queues',
      definition: { 'max-length': 9 },
      priority: 3,
    },
  ],
  queues: [
    { name: 'q', vhost: 'v', durable: true, auto_delete: false, arguments: { 'x-queue-type': 'quorum' } },
  ],
  exchanges: [
    {
      name: 'x',
      vhost: 'v',
      type: 'topic',
      durable: true,
      auto_delete: false,
      internal: false,
      arguments: {},
    },
  ],
  bindings: [
    {
      source: 'x',
      vhost: 'v',
      destination: 'q',
      destination_type: 'queue',
      routing_key: 'a.#',
      arguments: { n: 1 },
    },
  ],
}

function guestHash(): string {
  return 'AQIDBEMMOXwY6PKx/JKP9PAqfsb4ozuD0Ta3pxxa9gEYBMmD'
}

describe('definitions', () => {
  it('of a RabbitMQ come in, twice, and work', async () => {
    const { ask, get } = await scene()
    for (let n = 0; n < 2; n++)
      expect(await ask('POST', '/api/definitions', exported)).toMatchObject({ status: 204 })
    expect((await get('/api/whoami', 'app:test12')).tags).toEqual(['management'])
    expect(await get('/api/queues/v/q', 'app:test12')).toMatchObject({
      ...{
        type: 'quorum',
        policy: 'p',
        operator_policy: 'cap',
        effective_policy_definition: { 'max-length': 5 },
      },
    })
    expect(await get('/api/vhost-limits/v')).toEqual([{ vhost: 'v', value: { 'max-queues': 7 } }])
    expect((await get('/api/exchanges/v/x/bindings/source'))[0]).toMatchObject({ routing_key: 'a.#' })
    expect((await get('/api/overview')).cluster_name).toBe('rabbit@there')
  })

  it('do not let guest in from elsewhere: it stays the built-in account', async () => {
    const { ask, broker, get } = await scene()
    await ask('POST', '/api/definitions', exported)
    expect((await get('/api/users/guest')).password_hash).toBeUndefined()
    expect(broker.management?.url).toContain('127.0.0.1')
  })

  it('go from one broker into another, with users that log in by SCRAM', async () => {
    const [from, to] = [await scene(), await scene()]
    await from.ask('POST', '/api/definitions', exported)
    await from.ask('PUT', '/api/users/ann', { password: 'secret', tags: 'administrator' })
    const definitions = await from.get('/api/definitions')
    const { users, ...rest } = exported
    expect(definitions).toMatchObject({
      ...rest,
      product_name: 'Posthorn',
      product_version: expect.any(String),
      vhosts: expect.any(Array),
    })
    expect(definitions.users.map((user: { name: string }) => user.name)).toEqual(['ann', 'app'])
    expect(JSON.stringify(definitions)).not.toContain('secret')
    expect(await to.ask('POST', '/api/definitions', definitions)).toMatchObject({ status: 204 })
    expect((await to.get('/api/whoami', 'ann:secret')).name).toBe('ann')
    expect(await to.get('/api/definitions')).toEqual(definitions)
  })

  it('of one virtual host go into another', async () => {
    const { ask, get } = await scene()
    await ask('POST', '/api/definitions', exported)
    const definitions = await get('/api/definitions/v')
    expect(definitions.queues).toEqual([
      { name: 'q', durable: true, auto_delete: false, arguments: { 'x-queue-type': 'quorum' } },
    ])
    await ask('PUT', '/api/vhosts/w', {})
    expect((await ask('POST', '/api/definitions/w', definitions)).status).toBe(204)
    expect(await get('/api/definitions/w')).toEqual(definitions)
  })

  it.each([
    ['queues', { queues: [{ name: 'a', vhost: 'none' }] }, "queues: 'a': no vhost 'none'"],
    ['users', { users: [{ tags: '' }] }, "users: '': key_missing: name"],
    [
      'bindings',
      { bindings: [{ source: 'no', destination: 'q', vhost: '/' }] },
      "bindings: 'no': no exchange 'no'",
    ],
    ['exchanges', { exchanges: {} }, "'exchanges' must be a list"],
  ])('that are wrong are refused by list and name: %s', async (_list, body, reason) => {
    const { ask } = await scene()
    const answer = await ask('POST', '/api/definitions', body)
    expect([answer.status, answer.json.reason]).toEqual([400, expect.stringContaining(reason)])
  })
})
