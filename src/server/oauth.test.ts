// Tokens as logins of other people's programs: amqplib, and HTTP clients of the management API.

import amqplib from 'amqplib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keySet, secretToken } from '../auth/oauth/token.contract.ts'
import { type RunningBroker, start } from './index.ts'

let broker: RunningBroker
beforeEach(async () => {
  const oauth = { keys: keySet, resourceServerId: 'orders' }
  broker = await start({ amqp: true, management: true, clock: 'manual', oauth })
})
afterEach(() => broker.close())

const SCOPE = 'orders.configure:%2F/jobs orders.write:%2F/amq.default orders.read:%2F/jobs'
const fresh = (claims: object = {}) => secretToken({ scope: SCOPE, ...claims }, broker.clock.now())

async function connect(token: string) {
  const { host, port } = broker.amqp ?? {}
  const connection = await amqplib.connect({ hostname: host, port, username: 'x', password: token })
  const ended = new Promise<Error>(resolve => {
    connection.on('error', resolve)
  })
  return { connection, ended }
}

describe('amqplib with a token', () => {
  it('does what the scopes allow, and is refused the rest', async () => {
    const { connection } = await connect(fresh())
    const channel = await connection.createConfirmChannel()
    await channel.assertQueue('jobs')
    channel.sendToQueue('jobs', Buffer.from('one'))
    await channel.waitForConfirms()
    expect((await channel.get('jobs', { noAck: true })) !== false).toBe(true)
    const other = await connection.createChannel()
    const failed = new Promise(resolve => {
      other.on('error', resolve)
    })
    other.publish('amq.fanout', '', Buffer.from('x'))
    expect(await failed).toMatchObject({
      code: 403,
      message: expect.stringContaining("write access to exchange 'amq.fanout'"),
    })
    await connection.close()
  })

  it('stays by updateSecret, and ends with the last token', async () => {
    const { connection, ended } = await connect(fresh())
    await broker.clock.advance('50s')
    await connection.updateSecret(Buffer.from(fresh()), 'expires soon')
    await broker.clock.advance('59s')
    await (await connection.createChannel()).close()
    await broker.clock.advance('2s')
    expect(await ended).toMatchObject({ code: 403, message: expect.stringContaining('credential expired') })
  })

  it('is not let in with a token that was changed', async () => {
    await expect(connect(`${fresh()}x`)).rejects.toThrow('403')
  })
})

describe('the management API with a token', () => {
  const ask = (path: string, authorization: string) =>
    fetch(`${broker.management?.url}${path}`, { headers: { authorization } })
  const basic = (token: string) => `Basic ${Buffer.from(`x:${token}`).toString('base64')}`
  const scope = `${SCOPE} orders.tag:management`

  it.each<[string, (token: string) => string]>([
    ['Basic', basic],
    ['Bearer', token => `Bearer ${token}`],
  ])('knows who calls by %s', async (_scheme, field) => {
    const answer = await ask('/api/whoami', field(fresh({ scope })))
    expect(await answer.json()).toEqual({ name: 'ann', tags: ['management'], is_internal_user: false })
  })

  it('shows the virtual hosts of the scopes, and wants a tag', async () => {
    const vhosts = async (token: string) => (await ask('/api/vhosts', `Bearer ${token}`)).json()
    expect(await vhosts(fresh({ scope }))).toEqual([expect.objectContaining({ name: '/' })])
    expect(await vhosts(fresh({ scope: 'orders.tag:management' }))).toEqual([])
    expect((await ask('/api/vhosts', `Bearer ${fresh()}`)).status).toBe(401)
    expect((await ask('/api/vhosts', `Bearer ${fresh({ scope, aud: 'x' })}`)).status).toBe(401)
  })

  it('lets an administrator make a virtual host', async () => {
    const answer = await fetch(`${broker.management?.url}/api/vhosts/v`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${fresh({ scope: 'orders.tag:administrator' })}` },
    })
    expect(answer.status).toBe(201)
  })
})
