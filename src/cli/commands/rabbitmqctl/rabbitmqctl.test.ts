// rabbitmqctl as scripts call it, against a broker in this process.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'amqplib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningBroker, start } from '../../../server/index.ts'
import { posthorn } from '../../kafka/stage.contract.ts'

let broker: RunningBroker
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rabbitmqctl-'))
  broker = await start({ amqp: true, management: true })
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await broker.close()
})

const env = () => ({ POSTHORN_MANAGEMENT_URL: broker.management?.url ?? '' })
const ctl = (...words: string[]) => posthorn('', ['rabbitmqctl', ...words], { env: env() })

async function succeeds(...words: string[]): Promise<string> {
  const { code, out, err } = await ctl(...words)
  if (code !== 0) throw new Error(`${words.join(' ')}: ${code} ${err}`)
  return out
}

describe('posthorn rabbitmqctl', () => {
  it('adds users, changes and lists them, and deletes them', async () => {
    expect((await ctl('add_user', 'ann', 'secret')).err).toBe('Adding user "ann" ...\n')
    expect(await ctl('add_user', 'ann', 'other')).toMatchObject({
      code: 65,
      err: expect.stringContaining('exists already'),
    })
    await succeeds('set_user_tags', 'ann', 'administrator', 'mine')
    expect(await succeeds('-q', 'list_users')).toBe(
      'user\ttags\nann\t[administrator, mine]\nguest\t[administrator]\n',
    )
    expect(
      await posthorn('', ['rabbitmqctl', 'change_password', 'ann'], { env: env(), input: 'new\n' }),
    ).toMatchObject({
      code: 0,
    })
    expect((await ctl('authenticate_user', 'ann', 'new')).code).toBe(0)
    expect((await ctl('authenticate_user', 'ann', 'secret')).code).toBe(77)
    await succeeds('delete_user', 'ann')
    expect(await succeeds('--silent', 'list_users')).toBe('guest\t[administrator]\n')
  })

  it('sets, lists and clears limits of a user', async () => {
    await succeeds('add_user', 'lim', 'pw')
    await succeeds('set_user_limits', 'lim', '{"max-connections": 10, "max-channels": 50}')
    expect(await succeeds('-q', 'list_user_limits')).toContain('lim')
    await succeeds('clear_user_limits', 'lim', 'max-channels')
    expect(await succeeds('-s', 'list_user_limits')).toMatch(/^lim\t.*max-connections.*10/)
    await succeeds('clear_user_limits', 'lim', 'all')
    expect(await succeeds('-s', 'list_user_limits')).toBe('')
    for (const wrong of ['ten', '[]x', '{"max-connections": "ten"}'])
      expect(await ctl('set_user_limits', 'lim', wrong)).toMatchObject({ code: 64 })
    expect((await ctl('set_user_limits', 'lim', '{"max-queues": 1}')).code).not.toBe(0)
    await succeeds('delete_user', 'lim')
  })

  it('adds virtual hosts, permissions and policies', async () => {
    await succeeds('add_vhost', 'shop', '--description', 'd', '--default-queue-type', 'quorum')
    expect(await succeeds('-s', 'list_vhosts', 'name', 'description')).toBe('/\t\nshop\td\n')
    await succeeds('add_user', 'bob', 'pw')
    await succeeds('set_permissions', '-p', 'shop', 'bob', '^b', '', '.*')
    expect(await succeeds('-q', 'list_permissions', '-p', 'shop')).toBe(
      'user\tconfigure\twrite\tread\nguest\t.*\t.*\t.*\nbob\t^b\t\t.*\n',
    )
    expect(await succeeds('-s', 'list_user_permissions', 'bob')).toBe('shop\t^b\t\t.*\n')
    await succeeds('clear_permissions', '-p', 'shop', 'bob')
    await succeeds(
      'set_policy',
      '-p',
      'shop',
      '--priority',
      '2',
      '--apply-to',
      'queues',
      'p',
      '^q',
      '{"max-length":5}',
    )
    expect(await succeeds('-s', 'list_policies', '-p', 'shop')).toBe(
      'shop\tp\t^q\tqueues\t{"max-length":5}\t2\n',
    )
    await succeeds('clear_policy', '-p', 'shop', 'p')
    expect(await succeeds('-s', 'list_policies', '-p', 'shop')).toBe('')
    await succeeds('delete_user', 'bob')
    await succeeds('delete_vhost', 'shop')
  })

  it('lists queues, exchanges, bindings, connections, channels and consumers, and closes a connection', async () => {
    const connection = await connect(broker.amqp?.url ?? '')
    const ended = new Promise<Error>(resolve => connection.once('close', resolve))
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    await channel.assertQueue('jobs\\1', { durable: false })
    channel.sendToQueue('jobs\\1', Buffer.from('x'))
    await channel.assertQueue('seen', { durable: false })
    await channel.bindQueue('seen', 'amq.topic', 'a.#', { n: 1 })
    const { consumerTag } = await channel.consume('seen', () => {})
    expect(await succeeds('-q', 'list_queues', 'name', 'messages', 'durable')).toBe(
      'name\tmessages\tdurable\njobs\\\\1\t1\tfalse\nseen\t0\tfalse\n',
    )
    expect(JSON.parse(await succeeds('list_queues', '--formatter', 'json'))).toEqual([
      { name: 'jobs\\1', messages: 1 },
      { name: 'seen', messages: 0 },
    ])
    expect(await succeeds('-q', '--formatter', 'csv', 'list_queues', 'name,consumers')).toBe(
      'name,consumers\njobs\\1,0\nseen,1\n',
    )
    expect(await succeeds('-s', 'list_exchanges')).toContain('amq.topic\ttopic\n')
    expect(await succeeds('-s', 'list_bindings')).toContain(
      'amq.topic\texchange\tseen\tqueue\ta.#\t{"n":1}\n',
    )
    expect(await succeeds('-s', 'list_consumers')).toContain(`\t${consumerTag}\ttrue\t0\ttrue\t{}\n`)
    expect(await succeeds('-s', 'list_channels', 'number', 'user')).toBe('1\tguest\n')
    const [pid = '', user] = (await succeeds('-s', 'list_connections', 'pid', 'user')).trim().split('\t')
    expect(user).toBe('guest')
    await succeeds('close_connection', pid, 'go away')
    expect((await ended).message).toContain('go away')
    await succeeds('delete_queue', 'seen')
    await succeeds('purge_queue', 'jobs\\1')
    expect(await succeeds('-s', 'list_queues')).toBe('jobs\\\\1\t0\n')
  })

  it('exports definitions into a file that others cannot read, and imports them', async () => {
    const file = join(folder, 'definitions.json')
    await succeeds('add_vhost', 'kept')
    await succeeds('export_definitions', file)
    const before = readFileSync(file, 'utf8')
    await succeeds('delete_vhost', 'kept')
    await succeeds('import_definitions', file)
    expect(await succeeds('export_definitions', '-')).toBe(before)
    await succeeds('delete_vhost', 'kept')
  })

  it('holds publishers up by the watermark of memory, and lets them go on', async () => {
    const connection = await connect(broker.amqp?.url ?? '')
    const blocked = new Promise<string>(resolve => connection.once('blocked', resolve))
    const unblocked = new Promise<void>(resolve => connection.once('unblocked', () => resolve()))
    const channel = await connection.createChannel()
    channel.publish('', 'nowhere', Buffer.from('x'))
    await channel.checkExchange('amq.topic')
    await succeeds('set_vm_memory_high_watermark', '0')
    expect(await blocked).toBe('low on memory')
    expect(await succeeds('status')).toContain('Alarms: memory')
    expect(await succeeds('-s', 'list_connections', 'state')).toBe('blocking\n')
    channel.publish('', 'nowhere', Buffer.from('x'))
    await expect
      .poll(() => succeeds('-s', 'list_connections', 'state'), { timeout: 30_000 })
      .toBe('blocked\n')
    await succeeds('set_vm_memory_high_watermark', '1')
    await unblocked
    await connection.close()
  })

  it('says how it is', async () => {
    expect(await ctl('ping')).toMatchObject({ code: 0, err: 'Ping succeeded\n' })
    expect(await succeeds('status')).toMatch(/^Status of node posthorn@/)
    expect(JSON.parse(await succeeds('status', '--formatter', 'json'))).toMatchObject({
      product_name: 'Posthorn',
    })
  })

  it.each([
    ['an unknown verb', ['list_quues'], 64, 'list_queues'],
    ['too few words', ['set_permissions', 'bob'], 64, 'set_permissions USER CONFIGURE WRITE READ'],
    ['an unknown column', ['list_queues', 'massages'], 64, "did you mean 'messages'"],
    ['a definition that is no JSON', ['set_policy', 'a', 'b', '{'], 64, 'is not JSON'],
    ['a virtual host that is not there', ['list_queues', '-p', 'none'], 65, 'Not Found'],
    ['a user that is not there', ['delete_user', 'none'], 65, "there is no user 'none'"],
    ['a wrong login', ['list_users', '--user', 'nobody'], 77, 'Login failed'],
    ['a format that it has not', ['list_users', '-o', 'yaml'], 64, '--formatter'],
    ['a place where nobody is', ['ping', '--url', 'http://127.0.0.1:1'], 69, 'cannot be reached'],
    ['what is no URL', ['ping', '--url', 'here'], 64, 'is no URL'],
  ])('says what is wrong: %s', async (_what, words, code, text) => {
    expect(await ctl(...words)).toMatchObject({ code, err: expect.stringContaining(text) })
  })
})
