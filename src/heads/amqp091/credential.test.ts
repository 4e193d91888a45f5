// Logins by tokens on a connection: what they allow, that they end, and how connection.update-secret keeps them going.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keySet, secretToken } from '../../auth/oauth/token.contract.ts'
import { AmqpScene, type Client } from './scene.contract.ts'
import { BasicPublish, ConnectionUpdateSecret, ExchangeDeclare, QueueDeclare } from './wire/index.ts'

const ALL = 'orders.configure:*/* orders.read:*/* orders.write:*/*'
let scene: AmqpScene

beforeEach(async () => {
  const oauth = { keys: keySet, resourceServerId: 'orders' }
  scene = await AmqpScene.open({}, undefined, { oauth })
})
afterEach(() => scene.close())

function fresh(claims: object = {}, lasts = 60): string {
  return secretToken({ scope: ALL, ...claims }, scene.world.now(), lasts)
}

function login(token: string, name = 'whoever'): Promise<Client> {
  return scene.client(new Map(), Buffer.from(`\0${name}\0${token}`))
}

function declare(client: Client, queue: string): void {
  client.method(1, QueueDeclare, { ...flags, queue, arguments: new Map() })
}

const flags = { passive: false, durable: false, exclusive: false, autoDelete: false, nowait: false }

function update(client: Client, text: string): void {
  client.method(0, ConnectionUpdateSecret, { newSecret: Buffer.from(text), reason: 'expires soon' })
}

/** Names with their reply codes and texts. */
async function seen(client: Client): Promise<string[]> {
  return (await client.take()).map(({ name, args }) =>
    'replyCode' in args ? `${name} ${args.replyCode} ${args.replyText}` : name,
  )
}

const EXPIRED = 'connection.close 403 ACCESS_REFUSED - credential expired'
const REFUSED = 'connection.close 530 NOT_ALLOWED - New secret was refused by one of the backends'

describe('a token as the password', () => {
  it.each(['whoever', ''])("says who it is, whatever the user name is: '%s'", async name => {
    const client = await login(fresh(), name)
    expect([client.connection.at, client.connection.user]).toEqual(['running', 'ann'])
  })

  it.each<[string, object, number]>([
    ['expired', {}, -1],
    ['for somebody else', { aud: 'billing' }, 60],
    ['without a name', { sub: 7 }, 60],
  ])('is refused when it is %s', async (_what, claims, lasts) => {
    const client = await login(fresh(claims, lasts))
    expect(client.connection.at).toBe('silent')
  })

  it('opens only virtual hosts that a scope names', async () => {
    const client = await login(fresh({ scope: 'orders.read:other/*' }))
    expect(client.connection.at).toBe('closing')
  })

  it('allows what its scopes say, and tags', async () => {
    const scope = 'orders.configure:%2F/mine-* orders.tag:impersonator'
    const client = await login(fresh({ scope }))
    expect(client.connection.tags).toEqual(['impersonator'])
    declare(client, 'mine-1')
    expect(await seen(client)).toEqual(['queue.declare-ok'])
    declare(client, 'yours')
    expect(await seen(client)).toEqual([
      "channel.close 403 ACCESS_REFUSED - configure access to queue 'yours' in vhost '/' refused for user 'ann'",
    ])
  })

  it('allows routing keys of topic exchanges', async () => {
    const scope = 'orders.configure:*/* orders.write:*/events/eu.*'
    const client = await login(fresh({ scope }))
    const rest = { ...flags, internal: false, arguments: new Map() }
    client.method(1, ExchangeDeclare, { ...rest, exchange: 'events', type: 'topic' })
    expect(await seen(client)).toEqual(['exchange.declare-ok'])
    const publish = (routingKey: string) =>
      client.content(
        1,
        BasicPublish,
        { exchange: 'events', routingKey, mandatory: false, immediate: false },
        Buffer.from('x'),
      )
    publish('eu.paid')
    expect(await seen(client)).toEqual([])
    publish('us.paid')
    expect(await seen(client)).toEqual([expect.stringContaining("write access to topic 'us.paid'")])
  })
})

describe('the expiry of a token', () => {
  it('closes the connection, and not before', async () => {
    const client = await login(fresh())
    scene.world.advance(59_999)
    expect(await seen(client)).toEqual([])
    scene.world.advance(1)
    expect(await seen(client)).toEqual([EXPIRED])
  })

  it('may be far away', async () => {
    const days = 86_400 * 60
    const client = await login(fresh({}, days))
    scene.world.advance(days * 1000 - 1)
    expect(await seen(client)).toEqual([])
    scene.world.advance(1)
    expect(await seen(client)).toEqual([EXPIRED])
  })
})

describe('connection.update-secret', () => {
  it('puts the expiry off and changes what is allowed', async () => {
    const client = await login(fresh({ scope: 'orders.configure:*/a' }))
    declare(client, 'a')
    expect(await seen(client)).toEqual(['queue.declare-ok'])
    scene.world.advance(50_000)
    update(client, fresh({ scope: 'orders.configure:*/b' }))
    expect(await seen(client)).toEqual(['connection.update-secret-ok'])
    scene.world.advance(59_000)
    declare(client, 'b')
    expect(await seen(client)).toEqual(['queue.declare-ok'])
    declare(client, 'a')
    expect(await seen(client)).toEqual([expect.stringContaining('channel.close 403')])
    scene.world.advance(1000)
    expect(await seen(client)).toEqual([EXPIRED])
  })

  it.each<[string, () => string]>([
    ['no token', () => 'secret'],
    ['an expired token', () => fresh({}, 0)],
    ['the token of another user', () => fresh({ sub: 'bob' })],
  ])('with %s closes the connection', async (_what, text) => {
    const client = await login(fresh())
    update(client, text())
    expect(await seen(client)).toEqual([REFUSED])
  })

  it('is answered and not looked at after a login by password', async () => {
    const client = await scene.client()
    update(client, 'anything')
    expect(await seen(client)).toEqual(['connection.update-secret-ok'])
    expect(client.connection.at).toBe('running')
  })
})
