// The management API as tools use it: logins and tags, queues, exchanges, bindings, messages, connections, users, policies,
// definitions. Shapes are those of RabbitMQ 3.10's management plugin.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openScene, type Scene } from './scene.contract.ts'

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
  for (const [name, tags] of [
    ['plain', ''],
    ['looker', 'management'],
    ['monitor', 'monitoring'],
    ['policy', 'policymaker'],
  ] as const)
    await scene.ask('PUT', `/api/users/${name}`, { password: 'pw', tags })
})
afterAll(() => scene.close())

describe('logins and tags', () => {
  it.each([
    ['nobody', '', '/api/overview', 401, 'Not_Authorized', true],
    ['a wrong password', 'guest:wrong', '/api/overview', 401, 'Login failed', true],
    ['an unknown user', 'no:one', '/api/overview', 401, 'Login failed', true],
    ['a user without tags', 'plain:pw', '/api/overview', 401, 'Not management user', false],
    ['management, of nodes', 'looker:pw', '/api/nodes', 401, 'Not monitoring user', false],
    ['monitoring, of nodes', 'monitor:pw', '/api/nodes', 200, undefined, false],
    ['monitoring, of users', 'monitor:pw', '/api/users', 401, 'Not administrator user', false],
    ['a policymaker, of parameters', 'policy:pw', '/api/parameters', 200, undefined, false],
    ['management, of a virtual host not its own', 'looker:pw', '/api/queues/%2F', 401, 'virtual host', false],
    ['nobody, of the OpenAPI document', '', '/api/openapi.json', 200, undefined, false],
    ['nobody, of how to log in', '', '/api/auth', 200, undefined, false],
  ])('%s', async (_who, login, path, status, reason, challenges) => {
    const answer = await scene.ask('GET', path, undefined, login)
    expect(answer.status).toBe(status)
    if (status === 401) expect(answer.json.error).toBe('not_authorised')
    if (reason !== undefined) expect(answer.json.reason).toContain(reason)
    expect(answer.headers.get('www-authenticate') !== null).toBe(challenges)
  })

  it('says who the caller is', async () => {
    expect(await scene.get('/api/whoami')).toEqual({
      name: 'guest',
      tags: ['administrator'],
      is_internal_user: true,
    })
  })

  it.each([
    ['a path that is not there', 'GET', '/api/nothing', undefined, 404],
    ['a queue that is not there', 'GET', '/api/queues/%2F/none', undefined, 404],
    ['a virtual host that is not there', 'GET', '/api/queues/none', undefined, 404],
    ['a method that the path has not', 'POST', '/api/overview', {}, 405],
    ['a body that is no object', 'PUT', '/api/queues/%2F/x', [1], 400],
    ['a field of another type', 'PUT', '/api/queues/%2F/x', { durable: 'perhaps' }, 400],
    ['an exchange without a type', 'PUT', '/api/exchanges/%2F/x', {}, 400],
    ['a broken escape', 'GET', '/api/queues/%2F/%zz', undefined, 400],
    ['a reserved name', 'PUT', '/api/queues/%2F/amq.mine', {}, 401],
    ['the vhost /', 'DELETE', '/api/vhosts/%2F', undefined, 400],
  ])('answers %s with error and reason', async (_what, method, path, body, status) => {
    const answer = await scene.ask(method, path, body)
    expect(answer.status).toBe(status)
    expect(answer.json).toEqual({ error: expect.any(String), reason: expect.any(String) })
    if (status === 405) expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  })

  it('tells by OPTIONS what a path takes, without a login', async () => {
    const { status, headers } = await scene.ask('OPTIONS', '/api/queues/%2F/x', undefined, '')
    expect([status, headers.get('allow')]).toEqual([200, 'DELETE, GET, HEAD, OPTIONS, PUT'])
  })
})

describe('queues', () => {
  it('are declared, told of, and deleted', async () => {
    const args = { 'x-max-length': 10, 'x-dead-letter-exchange': 'amq.fanout' }
    const declare = { auto_delete: 'false', durable: 'true', arguments: args }
    expect((await scene.ask('PUT', '/api/queues/%2F/q%2F1', declare)).status).toBe(201)
    expect((await scene.ask('PUT', '/api/queues/%2F/q%2F1', declare)).status).toBe(204)
    expect(await scene.ask('PUT', '/api/queues/%2F/q%2F1', { durable: true })).toMatchObject({
      status: 400,
      json: { error: 'bad_request', reason: expect.stringContaining('inequivalent arg') },
    })
    expect(await scene.get('/api/queues/%2F/q%2F1')).toMatchObject({
      ...{ name: 'q/1', vhost: '/', type: 'classic', durable: true, auto_delete: false, exclusive: false },
      ...{ state: 'running', messages: 0, messages_ready: 0, messages_unacknowledged: 0, consumers: 0 },
      ...{ arguments: args, consumer_details: [] },
      message_stats: { publish: 0, deliver_get: 0, ack: 0 },
    })
    expect((await scene.ask('DELETE', '/api/queues/%2F/q%2F1')).status).toBe(204)
    expect((await scene.ask('DELETE', '/api/queues/%2F/q%2F1')).status).toBe(404)
  })

  it('have the type of their argument, or of their virtual host', async () => {
    await scene.ask('PUT', '/api/vhosts/typed', { default_queue_type: 'quorum' })
    await scene.ask('PUT', '/api/queues/typed/a', { type: '' })
    await scene.ask('PUT', '/api/queues/typed/b', { arguments: { 'x-queue-type': 'stream' } })
    const queues = await scene.get('/api/queues/typed?columns=name,type&sort=name')
    expect(queues).toEqual([
      { name: 'a', type: 'quorum' },
      { name: 'b', type: 'stream' },
    ])
    expect((await scene.ask('DELETE', '/api/vhosts/typed')).status).toBe(204)
  })

  it('take messages, give them, put them back, and are purged', async () => {
    await scene.ask('PUT', '/api/queues/%2F/m', {})
    const publish = (payload: string, payload_encoding = 'string') =>
      scene.ask('POST', '/api/exchanges/%2F/amq.default/publish', {
        properties: {
          delivery_mode: 2,
          content_type: 'text/plain',
          headers: { n: 1 },
          message_id: `id-${payload}`,
        },
        routing_key: 'm',
        payload,
        payload_encoding,
      })
    expect((await publish('hello')).json).toEqual({ routed: true })
    expect((await publish('AAECgA==', 'base64')).json).toEqual({ routed: true })
    expect(await scene.get('/api/queues/%2F/m/messages?count=1')).toMatchObject([
      { offset: 0, payload: 'hello', exchange: '', routing_key: 'm', properties: { message_id: 'id-hello' } },
    ])
    expect(await scene.get('/api/queues/%2F/m/messages?from=1')).toMatchObject([
      { offset: 1, payload: 'AAECgA==' },
    ])
    expect((await scene.ask('GET', '/api/queues/%2F/m/messages?count=all')).status).toBe(400)
    const take = (ackmode: string) =>
      scene.ask('POST', '/api/queues/%2F/m/get', { count: '5', ackmode, encoding: 'auto', truncate: 4 })
    const first = await take('ack_requeue_true')
    expect(first.json).toMatchObject([
      {
        ...{ payload_bytes: 5, payload: 'hell', payload_encoding: 'string', redelivered: false },
        ...{ exchange: '', routing_key: 'm', message_count: 1 },
        properties: {
          delivery_mode: 2,
          content_type: 'text/plain',
          headers: { n: 1 },
          message_id: 'id-hello',
        },
      },
      { payload_bytes: 4, payload: 'AAECgA==', payload_encoding: 'base64', message_count: 0 },
    ])
    expect(await scene.get('/api/queues/%2F/m')).toMatchObject({ messages: 2, messages_ready: 2 })
    expect(
      (await take('ack_requeue_false')).json.map((one: { redelivered: boolean }) => one.redelivered),
    ).toEqual([true, true])
    expect(await scene.get('/api/queues/%2F/m')).toMatchObject({ messages: 0, message_stats: { ack: 2 } })
    await publish('gone')
    expect((await scene.ask('DELETE', '/api/queues/%2F/m/contents')).status).toBe(204)
    expect(await scene.get('/api/queues/%2F/m?columns=messages')).toEqual({ messages: 0 })
    expect(await scene.ask('DELETE', '/api/queues/%2F/m?if-unused=true&if-empty=true')).toMatchObject({
      status: 204,
    })
  })

  it.each([
    ['an unknown property', { properties: { shade: 1 } }, 'property'],
    ['a priority above an octet', { properties: { priority: 256 } }, 'priority'],
    ['another user', { properties: { user_id: 'someone' } }, 'user_id'],
    ['no lifetime', { properties: { expiration: 'soon' } }, 'expiration'],
    ['an unknown encoding', { payload_encoding: 'hex' }, 'encoding'],
    ['what is no base64', { payload_encoding: 'base64', payload: '%%%' }, 'base64'],
  ])('refuse a message with %s', async (_what, fields, reason) => {
    const message = { properties: {}, routing_key: 'x', payload: 'p', payload_encoding: 'string', ...fields }
    const answer = await scene.ask('POST', '/api/exchanges/%2F/amq.default/publish', message)
    expect([answer.status, answer.json.reason]).toEqual([400, expect.stringContaining(reason)])
  })

  it('come page by page, filtered, sorted, with the columns that are asked for', async () => {
    await scene.ask('PUT', '/api/vhosts/pages', {})
    for (const name of ['a1', 'a2', 'a3', 'b1']) await scene.ask('PUT', `/api/queues/pages/${name}`, {})
    const path = '/api/queues/pages?columns=name&page_size=2'
    expect(await scene.get(`${path}&page=2&name=%5Ea&use_regex=true&sort=name&sort_reverse=true`)).toEqual({
      ...{
        total_count: 4,
        filtered_count: 3,
        item_count: 1,
        page: 2,
        page_size: 2,
        page_count: 2,
        name: '^a',
      },
      items: [{ name: 'a1' }],
    })
    expect(
      (await scene.get('/api/queues/pages?sort=messages&columns=name,message_stats.publish')).length,
    ).toBe(4)
    for (const query of ['page=3', 'page=0', 'page=1&page_size=501', 'page=1&name=(a%2B)%2B&use_regex=true'])
      expect((await scene.ask('GET', `/api/queues/pages?${query}&page_size=2`)).status).toBe(400)
    await scene.ask('DELETE', '/api/vhosts/pages')
  })
})

describe('exchanges and bindings', () => {
  it('are declared, bound, found and taken away again', async () => {
    const exchange = { type: 'topic', durable: false, auto_delete: false, internal: false, arguments: {} }
    expect((await scene.ask('PUT', '/api/exchanges/%2F/ex', exchange)).status).toBe(201)
    expect((await scene.ask('PUT', '/api/exchanges/%2F/ex', exchange)).status).toBe(204)
    expect(await scene.get('/api/exchanges/%2F/ex')).toMatchObject({ name: 'ex', vhost: '/', ...exchange })
    await scene.ask('PUT', '/api/queues/%2F/bq', {})
    const bound = await scene.ask('POST', '/api/bindings/%2F/e/ex/q/bq', {
      routing_key: 'a b/#',
      arguments: { x: 1 },
    })
    expect(bound.status).toBe(201)
    const [binding] = (await scene.get('/api/queues/%2F/bq/bindings')).slice(1)
    expect(binding).toMatchObject({
      ...{ source: 'ex', vhost: '/', destination: 'bq', destination_type: 'queue', routing_key: 'a b/#' },
      arguments: { x: 1 },
    })
    const relative = `bq/${encodeURIComponent(binding.properties_key)}`
    expect(bound.headers.get('location')).toBe(relative)
    const location = `/api/bindings/%2F/e/ex/q/${relative}`
    expect(await scene.get(location)).toEqual(binding)
    expect(await scene.get('/api/exchanges/%2F/ex/bindings/source')).toEqual([binding])
    expect(
      (await scene.ask('POST', '/api/bindings/%2F/e/ex/e/amq.fanout', { routing_key: 'k' })).status,
    ).toBe(201)
    expect((await scene.get('/api/exchanges/%2F/amq.fanout/bindings/destination')).length).toBe(1)
    expect((await scene.ask('DELETE', location)).status).toBe(204)
    expect((await scene.ask('DELETE', location)).status).toBe(404)
    expect((await scene.ask('DELETE', '/api/bindings/%2F/e/ex/e/amq.fanout/k')).status).toBe(204)
    expect((await scene.ask('DELETE', '/api/exchanges/%2F/ex?if-unused=true')).status).toBe(204)
    await scene.ask('DELETE', '/api/queues/%2F/bq')
  })

  it('let a user do what its permissions say', async () => {
    await scene.ask('PUT', '/api/permissions/%2F/looker', { configure: '^mine', write: '^mine', read: '' })
    const asLooker = (method: string, path: string, body?: Record<string, never>) =>
      scene.ask(method, path, body, 'looker:pw')
    expect((await asLooker('PUT', '/api/queues/%2F/mine', {})).status).toBe(201)
    const refused = await asLooker('PUT', '/api/queues/%2F/yours', {})
    expect([refused.status, refused.json.reason]).toEqual([
      401,
      "ACCESS_REFUSED - configure access to queue 'yours' in vhost '/' refused for user 'looker'",
    ])
    expect((await asLooker('DELETE', '/api/queues/%2F/mine/contents')).status).toBe(401)
    expect((await asLooker('DELETE', '/api/queues/%2F/mine')).status).toBe(204)
    await scene.ask('DELETE', '/api/permissions/%2F/looker')
  })
})

describe('connections', () => {
  it('are shown with channels and consumers, and closed with 320', async () => {
    const connection = await scene.amqp()
    const ended = new Promise<Error>(resolve => connection.once('close', resolve)) // amqplib takes 320 for no error
    const channel = await connection.createConfirmChannel()
    channel.on('error', () => {})
    await channel.assertQueue('watched', { durable: false, exclusive: true })
    await channel.prefetch(7)
    const { consumerTag } = await channel.consume('watched', () => {})
    const [shown] = await scene.get('/api/connections')
    expect(shown).toMatchObject({
      ...{ user: 'guest', vhost: '/', protocol: 'AMQP 0-9-1', state: 'running', channels: 1, ssl: false },
      ...{
        auth_mechanism: 'PLAIN',
        peer_host: '127.0.0.1',
        host: '127.0.0.1',
        port: scene.broker.amqp?.port,
      },
      client_properties: { product: expect.any(String) },
    })
    expect(shown.name).toMatch(/^127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+$/)
    const [one] = await scene.get(`/api/connections/${encodeURIComponent(shown.name)}/channels`)
    expect(one).toMatchObject({ name: `${shown.name} (1)`, number: 1, confirm: true, consumer_count: 1 })
    expect((await scene.get(`/api/channels/${encodeURIComponent(one.name)}`)).consumer_details).toHaveLength(
      1,
    )
    const [consumer] = await scene.get('/api/consumers/%2F')
    expect(consumer).toMatchObject({
      ...{ consumer_tag: consumerTag, queue: { name: 'watched', vhost: '/' }, prefetch_count: 7 },
      ...{ ack_required: true, exclusive: false, active: true, activity_status: 'up' },
    })
    expect((await scene.get('/api/queues/%2F/watched')).consumer_details).toEqual([consumer])
    expect(await scene.get('/api/connections', 'looker:pw')).toEqual([])
    expect((await scene.ask('DELETE', `/api/connections/${encodeURIComponent(shown.name)}`)).status).toBe(204)
    expect((await ended).message).toContain('320')
  })
})

describe('users, permissions and policies', () => {
  it('keep users with tags and hashes', async () => {
    const hash = 'kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR' // RabbitMQ's own example, of test12
    const put = {
      password_hash: hash,
      hashing_algorithm: 'rabbit_password_hashing_sha256',
      tags: ['management', 'x'],
    }
    expect((await scene.ask('PUT', '/api/users/hashed', put)).status).toBe(201)
    expect((await scene.ask('PUT', '/api/users/hashed', put)).status).toBe(204)
    expect(await scene.get('/api/users/hashed')).toEqual({ name: 'hashed', ...put, limits: {} })
    expect((await scene.get('/api/whoami', 'hashed:test12')).name).toBe('hashed')
    expect((await scene.ask('PUT', '/api/users/hashed', { password: 'a' })).status).toBe(400)
    expect(
      (await scene.get('/api/users/without-permissions')).map((user: { name: string }) => user.name),
    ).toContain('hashed')
    expect((await scene.ask('POST', '/api/users/bulk-delete', { users: ['hashed', 'nobody'] })).status).toBe(
      204,
    )
    expect((await scene.ask('GET', '/api/users/hashed')).status).toBe(404)
  })

  it('keep permissions, and topic permissions', async () => {
    const all = { configure: '.*', write: 'w', read: '' }
    expect((await scene.ask('PUT', '/api/permissions/%2F/monitor', all)).status).toBe(201)
    expect(await scene.get('/api/permissions/%2F/monitor')).toEqual({ user: 'monitor', vhost: '/', ...all })
    expect(await scene.get('/api/permissions')).toContainEqual({
      ...{ user: 'guest', vhost: '/', configure: '.*', write: '.*', read: '.*' },
    })
    const topic = { exchange: 'amq.topic', write: '^a', read: '.*' }
    expect((await scene.ask('PUT', '/api/topic-permissions/%2F/monitor', topic)).status).toBe(201)
    expect(await scene.get('/api/users/monitor/topic-permissions')).toEqual([
      { user: 'monitor', vhost: '/', ...topic },
    ])
    expect((await scene.ask('DELETE', '/api/permissions/%2F/monitor')).status).toBe(204)
    await scene.ask('PUT', '/api/topic-permissions/%2F/monitor', { ...topic, exchange: 'other' })
    expect((await scene.ask('DELETE', '/api/topic-permissions/%2F/monitor/other')).status).toBe(204)
    expect(await scene.get('/api/topic-permissions/%2F/monitor')).toEqual([
      { user: 'monitor', vhost: '/', ...topic },
    ])
    expect((await scene.ask('DELETE', '/api/topic-permissions/%2F/monitor')).status).toBe(204)
    expect((await scene.ask('GET', '/api/topic-permissions/%2F/monitor')).status).toBe(404)
    expect((await scene.ask('PUT', '/api/permissions/%2F/nobody', all)).status).toBe(404)
  })

  it('keep policies, and operators over them', async () => {
    const policy = { pattern: '^p', definition: { 'max-length': 9 }, priority: '2', 'apply-to': 'queues' }
    expect((await scene.ask('PUT', '/api/policies/%2F/limit', policy)).status).toBe(201)
    const over = { pattern: '^p', definition: { 'max-length': 5 }, 'apply-to': 'queues' }
    expect((await scene.ask('PUT', '/api/operator-policies/%2F/cap', over)).status).toBe(201)
    await scene.ask('PUT', '/api/queues/%2F/pq', {})
    expect(await scene.get('/api/queues/%2F/pq')).toMatchObject({
      ...{ policy: 'limit', operator_policy: 'cap', effective_policy_definition: { 'max-length': 5 } },
    })
    expect(await scene.get('/api/policies/%2F')).toEqual([
      { vhost: '/', name: 'limit', ...policy, priority: 2 },
    ])
    expect(
      (await scene.ask('PUT', '/api/policies/%2F/bad', { ...policy, definition: { no: 1 } })).status,
    ).toBe(400)
    for (const path of ['/api/policies/%2F/limit', '/api/operator-policies/%2F/cap', '/api/queues/%2F/pq'])
      expect((await scene.ask('DELETE', path)).status).toBe(204)
  })

  it('keep parameters and limits of virtual hosts', async () => {
    expect((await scene.ask('PUT', '/api/parameters/shovel/%2F/s', { value: { a: [1] } })).status).toBe(201)
    expect(await scene.get('/api/parameters/shovel')).toEqual([
      { component: 'shovel', vhost: '/', name: 's', value: { a: [1] } },
    ])
    expect((await scene.ask('PUT', '/api/global-parameters/g', { value: 'v' })).status).toBe(201)
    expect((await scene.ask('PUT', '/api/cluster-name', { name: 'mine' })).status).toBe(204)
    expect((await scene.get('/api/overview')).cluster_name).toBe('mine')
    await scene.ask('PUT', '/api/vhosts/limited', { description: 'd', tags: 'a,b' })
    expect(await scene.get('/api/vhosts/limited')).toMatchObject({
      description: 'd',
      tags: ['a', 'b'],
      messages: 0,
    })
    expect((await scene.ask('PUT', '/api/vhost-limits/limited/max-queues', { value: '1' })).status).toBe(204)
    expect(await scene.get('/api/vhost-limits')).toEqual([{ vhost: 'limited', value: { 'max-queues': 1 } }])
    expect((await scene.ask('PUT', '/api/queues/limited/one', {})).status).toBe(201)
    expect((await scene.ask('PUT', '/api/queues/limited/two', {})).status).toBe(400)
    expect((await scene.ask('DELETE', '/api/vhost-limits/limited/max-queues')).status).toBe(204)
    expect((await scene.ask('PUT', '/api/vhost-limits/limited/max-x', { value: 1 })).status).toBe(400)
    for (const path of ['/api/vhosts/limited', '/api/parameters/shovel/%2F/s', '/api/global-parameters/g'])
      expect((await scene.ask('DELETE', path)).status).toBe(204)
  })
})

describe('limits of users', () => {
  it('are set, shown with the user, exported, and taken away with it', async () => {
    await scene.ask('PUT', '/api/users/few', { password: 'pw', tags: '' })
    expect(await scene.get('/api/user-limits')).toEqual([])
    for (const [name, value] of [
      ['max-connections', 2],
      ['max-channels', '3'],
    ])
      expect((await scene.ask('PUT', `/api/user-limits/few/${name}`, { value })).status).toBe(204)
    const limits = { 'max-connections': 2, 'max-channels': 3 }
    expect(await scene.get('/api/user-limits')).toEqual([{ user: 'few', value: limits }])
    expect(await scene.get('/api/user-limits/few')).toEqual([{ user: 'few', value: limits }])
    expect((await scene.get('/api/users/few')).limits).toEqual(limits)
    const { users } = await scene.get('/api/definitions')
    expect(users.find((one: { name: string }) => one.name === 'few').limits).toEqual(limits)
    expect((await scene.ask('DELETE', '/api/user-limits/few/max-channels')).status).toBe(204)
    expect(await scene.get('/api/user-limits/few')).toEqual([
      { user: 'few', value: { 'max-connections': 2 } },
    ])
    expect((await scene.ask('DELETE', '/api/user-limits/few/max-channels')).status).toBe(404)
    await scene.ask('DELETE', '/api/users/few')
    expect(await scene.get('/api/user-limits')).toEqual([])
    const again = { password_hash: '', tags: '', name: 'few', limits }
    expect((await scene.ask('POST', '/api/definitions', { users: [again] })).status).toBe(204)
    expect(await scene.get('/api/user-limits/few')).toEqual([{ user: 'few', value: limits }])
    await scene.ask('DELETE', '/api/users/few')
  })

  it.each([
    ['a user that is not there', '/api/user-limits/none/max-channels', { value: 1 }, 404],
    ['a limit that is not there', '/api/user-limits/plain/max-queues', { value: 1 }, 400],
    ['no number', '/api/user-limits/plain/max-channels', { value: 'many' }, 400],
    ['no value', '/api/user-limits/plain/max-channels', {}, 400],
  ])('are refused for %s', async (_what, path, body, status) => {
    expect((await scene.ask('PUT', path, body)).status).toBe(status)
  })
})

describe('exchanges', () => {
  it('count what is published to them, and the copies that queues get', async () => {
    await scene.ask('PUT', '/api/exchanges/%2F/counted', { type: 'fanout' })
    const stats = async () => (await scene.get('/api/exchanges/%2F/counted')).message_stats
    expect(await stats()).toEqual({ publish_in: 0, publish_out: 0 })
    const channel = await (await scene.amqp()).createConfirmChannel()
    channel.publish('counted', '', Buffer.from('to nobody'))
    for (const queue of ['counted-1', 'counted-2']) {
      await channel.assertQueue(queue)
      await channel.bindQueue(queue, 'counted', '')
    }
    channel.publish('counted', '', Buffer.from('to two'))
    await channel.waitForConfirms()
    expect(await stats()).toMatchObject({ publish_in: 2, publish_out: 2 })
    for (const path of ['exchanges/%2F/counted', 'queues/%2F/counted-1', 'queues/%2F/counted-2'])
      await scene.ask('DELETE', `/api/${path}`)
  })
})

describe('the whole', () => {
  it('has every feature that RabbitMQ could switch on', async () => {
    const [{ name }] = await scene.get('/api/feature-flags')
    expect((await scene.ask('PUT', `/api/feature-flags/${name}/enable`, { name })).status).toBe(204)
    expect((await scene.ask('PUT', '/api/feature-flags/other/enable', {})).status).toBe(400)
  })

  it('is told of in the overview, with what client libraries look for', async () => {
    const overview = await scene.get('/api/overview')
    expect(overview).toMatchObject({
      ...{ product_name: 'Posthorn', rabbitmq_version: '3.10.8', management_version: '3.10.8' },
      object_totals: { connections: expect.any(Number), queues: expect.any(Number), exchanges: 7 },
      queue_totals: { messages: expect.any(Number) },
      message_stats: { publish: expect.any(Number) },
    })
    expect(overview.listeners.map((one: { protocol: string }) => one.protocol).sort()).toEqual([
      'amqp',
      'http',
      'kafka',
    ])
    expect(overview.exchange_types.map((one: { name: string }) => one.name)).toContain('x-consistent-hash')
    const [node] = await scene.get('/api/nodes')
    expect(node).toMatchObject({
      name: overview.node,
      running: true,
      type: 'disc',
      mem_used: expect.any(Number),
    })
    expect(await scene.get(`/api/nodes/${node.name}`)).toMatchObject({ name: node.name })
  })

  it.each([
    ['/api/health/checks/alarms', 200],
    ['/api/health/checks/local-alarms', 200],
    ['/api/health/checks/virtual-hosts', 200],
    ['/api/health/checks/node-is-quorum-critical', 200],
    ['/api/health/checks/protocol-listener/amqp091', 200],
    ['/api/health/checks/protocol-listener/mqtt', 503],
    ['/api/health/checks/port-listener/1', 503],
    ['/api/health/checks/port-listener/x', 400],
    ['/api/health/checks/certificate-expiration/1/months', 200],
    ['/api/aliveness-test/%2F', 200],
  ])('%s: %i', async (path, status) => {
    const answer = await scene.ask('GET', path)
    expect(answer.status).toBe(status)
    if (status === 503) expect(answer.json).toMatchObject({ status: 'failed', reason: expect.any(String) })
    if (status === 200) expect(answer.json).toEqual({ status: 'ok' })
  })

  it('is served on the listener of health and metrics too, and by HEAD', async () => {
    const other = await openScene({ http: true, management: false })
    const authorization = `Basic ${Buffer.from('guest:guest').toString('base64')}`
    const response = await fetch(`${other.broker.http?.url}/api/whoami`, { headers: { authorization } })
    expect(response.status).toBe(200)
    const head = await fetch(`${other.broker.http?.url}/api/whoami`, {
      method: 'HEAD',
      headers: { authorization },
    })
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect((await fetch(`${other.broker.http?.url}/readyz`)).status).toBe(200)
    expect((await fetch(`${other.broker.http?.url}/metrics`, { method: 'POST' })).status).toBe(405)
    await other.close()
  })
})
