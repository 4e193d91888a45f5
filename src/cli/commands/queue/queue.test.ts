// `posthorn queue`, `exchange` and `binding` as whole invocations against a broker in this process.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningBroker, start } from '../../../server/index.ts'
import { invoke, managementStub } from '../../amqp/stage.contract.ts'
import type { InvocationOptions } from '../../kafka/stage.contract.ts'

let broker: RunningBroker
beforeAll(async () => {
  broker = await start({ amqp: true })
})
afterAll(() => broker.close())

const run = (words: readonly string[], options?: InvocationOptions) =>
  invoke(broker.amqp?.url ?? '', words, options)
const queue = (...words: string[]) => run(['queue', ...words])

describe('posthorn queue', () => {
  it('creates a queue once, with its arguments, and refuses another form', async () => {
    expect(await queue('create', 'made', '--max-length', '5')).toMatchObject({
      code: 0,
      out: 'created queue made\n',
    })
    expect(await queue('create', 'made', '--max-length', '5')).toMatchObject({
      out: 'queue made exists already\n',
    })
    expect(await queue('create', 'made', '-a', 'x-max-length=6')).toMatchObject({
      code: 65,
      err: expect.stringMatching(/PRECONDITION_FAILED.*x-max-length.*\(406\)/),
    })
  })

  it('puts words and gives them back in order, once', async () => {
    await queue('create', 'words')
    expect(await queue('put', 'words', 'one', 'two')).toMatchObject({
      code: 0,
      out: 'put 2 messages into queue words\n',
    })
    expect(await queue('get', 'words', '-n', '2')).toMatchObject({ code: 0, out: 'one\ntwo\n' })
    expect(await queue('poll', 'words')).toMatchObject({
      code: 75,
      out: '',
      err: expect.stringMatching(/is empty/),
    })
  })

  it('puts the lines of standard input, any bytes with another delimiter', async () => {
    await queue('create', 'lines')
    await run(['queue', 'put', 'lines'], { input: 'a\n\nb' })
    expect((await queue('poll', 'lines', '-n', '9')).out).toBe('a\n\nb\n')
    const every = Buffer.from(Array.from({ length: 256 }, (_, n) => n))
    await run(['queue', 'put', 'lines', '-d', '\\x00\\xff\\x00'], { input: every })
    expect((await queue('poll', 'lines', '-o', 'jsonl')).rows()).toMatchObject([
      { body: every.toString('base64'), encoding: 'base64' },
    ])
  })

  it('carries properties and headers with their types', async () => {
    await queue('create', 'parts')
    const header = [
      '--header',
      'n=5',
      '--header',
      'flag=true',
      '--header',
      'text="5"',
      '--header',
      'plain=x y',
    ]
    const more = [
      '--content-type',
      'text/plain',
      '--ttl',
      '1m',
      '-p',
      '3',
      '--correlation-id',
      'c1',
      '--transient',
    ]
    expect(await queue('put', 'parts', 'x', ...header, ...more)).toMatchObject({ code: 0 })
    expect((await queue('get', 'parts', '-o', 'jsonl')).rows()).toMatchObject([
      {
        exchange: '',
        routingKey: 'parts',
        redelivered: false,
        body: 'x',
        encoding: 'utf8',
        headers: { n: 5, flag: true, text: '5', plain: 'x y' },
        properties: {
          contentType: 'text/plain',
          expiration: '60000',
          priority: 3,
          correlationId: 'c1',
          deliveryMode: 1,
        },
      },
    ])
  })

  it('puts many messages through the window, and large ones in several frames', async () => {
    await queue('create', 'many')
    const lines = Array.from({ length: 5000 }, (_, n) => `message ${n}`)
    await run(['queue', 'put', 'many'], { input: lines.join('\n') })
    expect((await queue('get', 'many', '-n', '5000')).out).toBe(`${lines.join('\n')}\n`)
    const large = 'x'.repeat(300_000)
    await run(['queue', 'put', 'many'], { input: large })
    expect((await queue('get', 'many')).out).toBe(`${large}\n`)
  })

  it('waits for a message, gives up after --wait, and puts back with --requeue', async () => {
    await queue('create', 'waited')
    expect(await queue('get', 'waited', '--wait', '20ms')).toMatchObject({
      code: 75,
      err: expect.stringMatching(/only 0 of 1/),
    })
    const waiting = queue('get', 'waited', '--requeue')
    await queue('put', 'waited', 'late')
    expect(await waiting).toMatchObject({ code: 0, out: 'late\n' })
    expect((await queue('poll', 'waited', '-o', 'jsonl')).rows()).toMatchObject([
      { body: 'late', redelivered: true },
    ])
  })

  it('says when no queue takes a message, unless nobody minds', async () => {
    expect(await queue('put', 'nowhere', 'x')).toMatchObject({
      code: 65,
      err: expect.stringMatching(/no queue takes messages for queue nowhere/),
    })
    expect(await queue('put', 'nowhere', 'x', '--no-mandatory')).toMatchObject({ code: 0 })
    expect(await queue('put', 'nowhere', 'x', '-x', 'no-such')).toMatchObject({
      code: 65,
      err: expect.stringMatching(/NOT_FOUND.*no-such/),
    })
  })

  it('says when a full queue refuses', async () => {
    await queue('create', 'full', '--max-length', '1', '--overflow', 'reject-publish')
    expect(await queue('put', 'full', 'a', 'b')).toMatchObject({
      code: 75,
      err: expect.stringMatching(/refused a message: is the queue full/),
    })
  })

  it('moves messages, as they are, and no more than it is told', async () => {
    await queue('create', 'lost')
    await queue('create', 'again')
    await queue('put', 'lost', 'a', 'b', 'c', '--header', 'n=1')
    expect(await queue('move', 'lost', 'again', '-n', '2')).toMatchObject({
      code: 0,
      out: 'moved 2 messages from lost to again\n',
    })
    expect((await queue('poll', 'again', '-n', '9', '-o', 'jsonl')).rows()).toMatchObject([
      { body: 'a', headers: { n: 1 } },
      { body: 'b', headers: { n: 1 } },
    ])
    expect((await queue('poll', 'lost', '-n', '9')).out).toBe('c\n')
    expect(await queue('move', 'lost', 'again')).toMatchObject({
      out: 'moved 0 messages from lost to again\n',
    })
    await queue('put', 'lost', 'kept')
    expect(await queue('move', 'lost', 'nowhere')).toMatchObject({ code: 65 })
    expect((await queue('poll', 'lost')).out).toBe('kept\n')
  })

  it('watches without taking, and taking', async () => {
    await queue('create', 'watched')
    await queue('put', 'watched', 'a', 'b')
    const seen = await queue('watch', 'watched', '-n', '1', '-i', '5ms', '-o', 'jsonl')
    expect(seen.rows()).toMatchObject([{ queue: 'watched', arrived: 2, ready: 2, body: null }])
    const taken = await queue('watch', 'watched', '--take', '-n', '2', '-o', 'jsonl')
    expect(taken.rows()).toMatchObject([{ body: 'a' }, { body: 'b' }])
    expect(await queue('poll', 'watched')).toMatchObject({ code: 75 })
  })

  it('purges and deletes only after a yes', async () => {
    await queue('create', 'doomed')
    await queue('put', 'doomed', 'a', 'b')
    expect(await queue('purge', 'doomed')).toMatchObject({
      code: 64,
      err: expect.stringMatching(/2 messages/),
    })
    expect((await queue('purge', 'doomed', '--yes', '-o', 'jsonl')).rows()).toEqual([
      { name: 'doomed', messages: 2 },
    ])
    await queue('put', 'doomed', 'c')
    expect(await queue('rm', 'doomed')).toMatchObject({
      code: 64,
      err: expect.stringMatching(/with 1 message\?/),
    })
    expect(await queue('rm', 'doomed', '--if-empty', '--yes')).toMatchObject({ code: 65 })
    expect((await queue('rm', 'doomed', 'gone', '--if-exists', '--yes', '-o', 'jsonl')).rows()).toEqual([
      { name: 'doomed', deleted: true, messages: 1 },
      { name: 'gone', deleted: false, messages: 0 },
    ])
    expect(await queue('rm', 'doomed', '--yes')).toMatchObject({ code: 65 })
  })

  it.each([
    [['get', 'no-queue'], 65, /NOT_FOUND - no queue 'no-queue'/],
    [['get', 'q', '--url', 'http://x'], 64, /not the URL of an AMQP broker/],
    [['get', 'q', '--url', 'amqp://127.0.0.1:1'], 69, /cannot connect to 127\.0\.0\.1:1/],
    [['get', 'q', '--user', 'ann'], 64, /no password for user ann/],
    [['get', 'q', '--vhost', 'none'], 65, /vhost/],
    [['put', 'q'], 64, /there is no message/],
    [['ls', '--management', 'x'], 64, /--management cannot be 'x'/],
    [['ls', '--management', 'http://127.0.0.1:1'], 69, /cannot reach the management API/],
  ])('refuses `queue %j`', async (words, code, message) => {
    expect(await queue(...words)).toMatchObject({ code, err: expect.stringMatching(message) })
  })

  it('is not let in with a wrong password', async () => {
    expect(await run(['queue', 'poll', 'q'], { env: { POSTHORN_AMQP_PASSWORD: 'guess' } })).toMatchObject({
      code: 77,
      err: expect.stringMatching(/ACCESS_REFUSED/),
    })
  })

  it('says what a port of another protocol is', async () => {
    const [kafka = ''] = broker.kafka.brokers
    expect(await queue('poll', 'q', '--url', `amqp://${kafka}`)).toMatchObject({ code: 69 })
  })
})

describe('posthorn exchange and binding', () => {
  it('route by key, through another exchange, until the binding goes', async () => {
    expect(await run(['exchange', 'create', 'shop', '-t', 'topic'])).toMatchObject({
      out: 'created topic exchange shop\n',
    })
    await run(['exchange', 'create', 'audit', '-t', 'fanout'])
    await queue('create', 'orders')
    await queue('create', 'copies')
    await run(['binding', 'create', 'shop', 'orders', '-k', 'orders.#', '-k', 'bills.*'])
    await run(['binding', 'create', 'shop', 'audit', '--to', 'exchange', '-k', '#'])
    await run(['binding', 'create', 'audit', 'copies'])
    await queue('put', 'orders.new', 'o', '-x', 'shop')
    await queue('put', 'other', 'x', '-x', 'shop')
    expect((await queue('poll', 'orders', '-n', '9')).out).toBe('o\n')
    expect((await queue('poll', 'copies', '-n', '9')).out).toBe('o\nx\n')
    const gone = await run(['binding', 'rm', 'shop', 'orders', '-k', 'orders.#', '-o', 'jsonl'])
    expect(gone.rows()).toEqual([
      { source: 'shop', destination: 'orders', destinationType: 'queue', routingKey: 'orders.#' },
    ])
    await queue('put', 'orders.new', 'o', '-x', 'shop')
    expect(await queue('poll', 'orders')).toMatchObject({ code: 75 })
    expect(
      (await run(['exchange', 'rm', 'shop', 'none', '--if-exists', '--yes', '-o', 'jsonl'])).rows(),
    ).toEqual([
      { name: 'shop', deleted: true },
      { name: 'none', deleted: false },
    ])
    expect(await run(['exchange', 'rm', 'shop', '--yes'])).toMatchObject({ code: 65 })
  })
})

describe('what the management API lists', () => {
  const own = { name: 'orders', vhost: '/', type: 'quorum', durable: true, arguments: { 'x-max-length': 5 } }
  const counts = {
    messages: 5,
    messages_ready: 3,
    messages_unacknowledged: 2,
    consumers: 1,
    state: 'running',
  }
  const message = {
    exchange: '',
    routing_key: 'orders',
    redelivered: false,
    payload: Buffer.from([0xff]).toString('base64'),
    payload_encoding: 'base64',
    properties: { delivery_mode: 2, headers: { n: 1 } },
  }
  const answers = {
    'GET /api/queues/%2F': [
      { ...own, ...counts },
      { name: 'a', arguments: {} },
    ],
    'GET /api/queues/%2F/orders': { ...own, ...counts },
    'GET /api/exchanges/%2F': [
      { name: '', type: 'direct', durable: true },
      { name: 'shop', type: 'topic', durable: true, internal: false, arguments: {} },
    ],
    'GET /api/exchanges/%2F/shop': { name: 'shop', type: 'topic', durable: true, arguments: {} },
    'GET /api/bindings/%2F': [
      { source: '', destination: 'orders', destination_type: 'queue', routing_key: 'orders', arguments: {} },
      { source: 'shop', destination: 'orders', destination_type: 'queue', routing_key: 'o.#', arguments: {} },
    ],
    'GET /api/queues/%2F/orders/messages?count=2': [{ ...message, offset: 7, timestamp: 0 }],
    'POST /api/queues/%2F/old/get': [message],
  }
  let stub: Awaited<ReturnType<typeof managementStub>>
  beforeAll(async () => {
    stub = await managementStub(answers)
  })
  afterAll(() => stub.close())
  const list = (...words: string[]) =>
    invoke('amqp://ann:secret@127.0.0.1', [...words, '-o', 'jsonl'], {
      env: { POSTHORN_MANAGEMENT_URL: stub.url },
    })

  it('are queues, asked for with the same login', async () => {
    expect((await list('queue', 'ls')).rows()).toMatchObject([
      { name: 'a', type: 'classic', ready: 0 },
      { name: 'orders', type: 'quorum', ready: 3, unacknowledged: 2, consumers: 1 },
    ])
    expect(stub.requests.at(-1)?.authorization).toBe(`Basic ${Buffer.from('ann:secret').toString('base64')}`)
    expect((await list('queue', 'describe', 'orders')).rows()).toMatchObject([
      { name: 'orders', state: 'running', bindings: [{ source: 'shop', routingKey: 'o.#' }] },
    ])
    expect(await list('queue', 'describe', 'none')).toMatchObject({
      code: 65,
      err: expect.stringMatching(/there is no queue none in virtual host \//),
    })
  })

  it('are exchanges and bindings, the default one only when asked for', async () => {
    expect((await list('exchange', 'ls')).rows()).toMatchObject([{ name: 'shop', type: 'topic' }])
    expect((await list('exchange', 'ls', '--all')).rows()).toHaveLength(2)
    expect((await list('exchange', 'describe', 'shop')).rows()).toMatchObject([
      { destinations: [{ destination: 'orders', destinationType: 'queue', routingKey: 'o.#' }], sources: [] },
    ])
    expect((await list('binding', 'ls')).rows()).toMatchObject([{ source: 'shop' }])
    expect((await list('binding', 'ls', '--all', '--source', '')).rows()).toMatchObject([{ source: '' }])
  })

  it('are messages, which are touched only where there is no other way', async () => {
    const seen = await list('queue', 'browse', 'orders', '-n', '2')
    expect(seen).toMatchObject({ code: 0, err: '' })
    expect(seen.rows()).toMatchObject([
      { offset: 7, body: '/w==', encoding: 'base64', headers: { n: 1 }, properties: { delivery_mode: 2 } },
    ])
    const got = await list('queue', 'browse', 'old', '-n', '2')
    expect(got).toMatchObject({ code: 0, err: expect.stringMatching(/cannot browse/) })
    expect(got.rows()).toMatchObject([{ offset: null, body: '/w==' }])
    expect(JSON.parse(stub.requests.at(-1)?.body ?? '')).toEqual({
      count: 2,
      ackmode: 'ack_requeue_true',
      encoding: 'auto',
    })
    expect(await list('queue', 'browse', 'none')).toMatchObject({ code: 65 })
  })
})
