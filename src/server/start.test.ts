// A broker in this process as its owner sees it: kafkajs speaks to it, it is reset, its time is moved, and it ends
// without leaving anything behind.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs, { logLevel } from 'kafkajs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningBroker, type StartOptions, start } from './index.ts'

const { Kafka } = kafkajs

function client(broker: RunningBroker, user?: string) {
  return new Kafka({ ...broker.kafka.clientConfig(user), logLevel: logLevel.NOTHING, retry: { retries: 2 } })
}

async function produce(broker: RunningBroker, topic: string, values: readonly string[]): Promise<void> {
  const producer = client(broker).producer()
  await producer.connect()
  await producer.send({ topic, messages: values.map(value => ({ value })) })
  await producer.disconnect()
}

async function topicsOf(broker: RunningBroker): Promise<string[]> {
  const admin = client(broker).admin()
  await admin.connect()
  const topics = (await admin.fetchTopicMetadata()).topics.map(({ name }) => name)
  await admin.disconnect()
  return topics
}

/** What keeps the process alive, by kind, once what was closed had the turns of the event loop that closing takes. */
async function handles(): Promise<string[]> {
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
  return process
    .getActiveResourcesInfo()
    .filter(kind => /TCP|Server|Timeout/.test(kind))
    .sort()
}

/** What is there now and was not before; a timer of the test runner that has run meanwhile does not count. */
async function handlesBeside(before: readonly string[]): Promise<string[]> {
  const left = [...before]
  return (await handles()).filter(kind => {
    const known = left.indexOf(kind)
    if (known >= 0) left.splice(known, 1)
    return known < 0
  })
}

describe('start()', () => {
  it('serves kafkajs with nothing given, on a free port of loopback', async () => {
    await using broker = await start()
    expect(broker.kafka.brokers).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)])
    await produce(broker, 'orders', ['a', 'b'])
    expect(await topicsOf(broker)).toEqual(['orders'])
  })

  it('runs several brokers in one process that know nothing of each other', async () => {
    await using one = await start()
    await using two = await start()
    await produce(one, 'mine', ['a'])
    expect(await topicsOf(two)).toEqual([])
    expect(one.kafka.brokers).not.toEqual(two.kafka.brokers)
  })

  it('shows itself as several brokers', async () => {
    await using broker = await start({ brokers: 3 })
    expect(new Set(broker.kafka.brokers).size).toBe(3)
    const admin = client(broker).admin()
    await admin.connect()
    expect((await admin.describeCluster()).brokers).toHaveLength(3)
    await admin.disconnect()
  })

  it('gives addresses as environment variables', async () => {
    await using broker = await start({ brokers: 2, http: true })
    expect(broker.env()).toEqual({
      KAFKA_BOOTSTRAP_SERVERS: broker.kafka.brokers.join(','),
      KAFKA_BROKERS: broker.kafka.brokers.join(','),
      POSTHORN_HTTP_URL: broker.http?.url,
    })
  })

  it('has several listeners, each with its own rules', async () => {
    await using broker = await start({
      kafka: [{ name: 'outside', sasl: ['SCRAM-SHA-512'] }, { name: 'inside' }],
      users: [{ name: 'ann', password: 'wonderland' }],
    })
    expect(broker.kafka.listeners).toMatchObject([
      { name: 'outside', sasl: ['SCRAM-SHA-512'], tls: false },
      { name: 'inside', sasl: [], tls: false },
    ])
    expect(broker.kafka.clientConfig()).toMatchObject({
      sasl: { mechanism: 'scram-sha-512', username: 'ann' },
    })
    await produce(broker, 'orders', ['a'])
  })

  it('serves no Kafka clients when it is told so', async () => {
    await using broker = await start({ kafka: false, amqp: true })
    expect([broker.kafka.brokers, broker.kafka.listeners]).toEqual([[], []])
    expect(() => broker.kafka.clientConfig()).toThrow('no Kafka listener')
    expect(Object.keys(broker.env())).toEqual(['AMQP_URL'])
    const queue = await broker.queue('jobs')
    await queue.put('one')
    expect((await queue.get()).body.toString()).toBe('one')
  })

  it('refuses a wrong password, and knows the configured users after a reset', async () => {
    await using broker = await start({
      kafka: { sasl: ['SCRAM-SHA-256', 'PLAIN'] },
      users: [{ name: 'ann', password: 'wonderland' }],
    })
    await broker.reset()
    await produce(broker, 'orders', ['a'])
    const config = { ...broker.kafka.clientConfig(), logLevel: logLevel.NOTHING, retry: { retries: 0 } }
    const sasl = { mechanism: 'plain' as const, username: 'ann', password: 'wrong' }
    const stranger = new Kafka({ ...config, sasl }).admin()
    await expect(stranger.connect()).rejects.toThrow('Authentication failed')
    await stranger.disconnect()
  })

  it.each<[string, StartOptions, string]>([
    ['a listener open to all', { kafka: { host: '0.0.0.0' } }, 'SERVER_LISTENER_OPEN'],
    ['HTTP open to all', { http: { host: '0.0.0.0' } }, 'SERVER_LISTENER_OPEN'],
    ['readable passwords', { kafka: { host: '0.0.0.0', sasl: ['PLAIN'] } }, 'SERVER_PASSWORDS_READABLE'],
    ['readable logins of the API', { management: { host: '0.0.0.0' } }, 'SERVER_PASSWORDS_READABLE'],
    ['EXTERNAL without certificates', { kafka: { sasl: ['EXTERNAL'] } }, 'SERVER_CONFIG_INVALID'],
    ['two listeners of one name', { kafka: [{}, {}] }, 'SERVER_CONFIG_INVALID'],
    [
      'two listeners on one port',
      { brokers: 2, kafka: [{ port: 9092 }, { name: 'other', port: 9093 }] },
      'SERVER_CONFIG_INVALID',
    ],
    ['no listener', { kafka: [] }, 'SERVER_CONFIG_INVALID'],
    ['too many brokers', { brokers: 101 }, 'SERVER_CONFIG_INVALID'],
    ['an unknown setting', { settings: { 'num.partitoins': 3 } }, 'SERVER_CONFIG_INVALID'],
    ['a limit that is no number', { settings: { 'max.connections': 'many' } }, 'SERVER_CONFIG_INVALID'],
    ['a super user without a kind', { superUsers: ['ann'] }, 'SERVER_CONFIG_INVALID'],
    [
      'a user twice',
      {
        users: [
          { name: 'ann', password: 'a' },
          { name: 'ann', password: 'b' },
        ],
      },
      'SERVER_CONFIG_INVALID',
    ],
  ])('refuses %s', async (_what, options, code) => {
    await expect(start(options)).rejects.toMatchObject({ code })
  })

  it('says that a certificate is none', async () => {
    const tls = { cert: 'not a certificate', key: 'not a key' }
    await expect(start({ kafka: [{}, { name: 'secure', tls }] })).rejects.toMatchObject({
      code: 'SERVER_TLS_UNUSABLE',
      fields: { listener: 'secure' },
    })
  })

  it('says that an address is not one of this machine', async () => {
    const kafka = { host: '192.0.2.1', allowAnonymous: true } // RFC 5737: nobody has it
    await expect(start({ kafka })).rejects.toMatchObject({ code: 'SERVER_ADDRESS_UNKNOWN' })
  })

  it('opens to other machines when it is told so by name', async () => {
    await using broker = await start({ kafka: { host: '0.0.0.0', allowAnonymous: true } })
    expect(broker.kafka.brokers[0]).toMatch(/^127\.0\.0\.1:/)
  })

  it('leaves nothing open when it fails half way, and says which listener it was', async () => {
    const before = await handles()
    await using first = await start()
    const port = Number(first.kafka.brokers[0]?.split(':')[1])
    const again = start({ http: true, kafka: [{ port: 0 }, { name: 'second', port }] })
    await expect(again).rejects.toThrow(`listener 'second': 127.0.0.1:${port} is taken`)
    await expect(again).rejects.toMatchObject({ code: 'SERVER_ADDRESS_IN_USE' })
    await first.close()
    expect(await handlesBeside(before)).toEqual([])
  })

  it('ends without leaving a handle, also with clients connected, and however often it is told', async () => {
    const before = await handles()
    const broker = await start({ http: true })
    const consumer = client(broker).consumer({ groupId: 'readers' })
    await produce(broker, 'orders', ['a'])
    await consumer.connect()
    await Promise.all([broker.close(), broker.close()])
    expect(broker.phase).toBe('draining')
    await consumer.disconnect()
    expect(await handlesBeside(before)).toEqual([])
  })
})

describe('start() on a folder', () => {
  let directory = ''
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'posthorn-start-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  it('keeps topics and records for the next start, and leaves no handle', async () => {
    const before = await handles()
    const first = await start({ storage: { directory } })
    await produce(first, 'orders', ['a', 'b'])
    await first.close()
    expect(await handlesBeside(before)).toEqual([])
    await using second = await start({ storage: { directory } })
    const admin = client(second).admin()
    await admin.connect()
    expect(await admin.fetchTopicOffsets('orders')).toMatchObject([{ low: '0', high: '2' }])
    await admin.disconnect()
  })

  it('is refused while another broker has the folder, and harms neither', async () => {
    await using broker = await start({ storage: { directory } })
    await expect(start({ storage: { directory } })).rejects.toMatchObject({ code: 'LOG_LOCKED' })
    await produce(broker, 'orders', ['a'])
  })

  it('is reset for good: the next start finds nothing', async () => {
    const first = await start({ storage: { directory } })
    await produce(first, 'orders', ['a'])
    await first.reset()
    await produce(first, 'others', ['a'])
    await first.close()
    await using second = await start({ storage: { directory } })
    expect(await topicsOf(second)).toEqual(['others'])
  })
})

describe('reset()', () => {
  it('forgets topics and settings, and keeps addresses, cluster id and clients', async () => {
    await using broker = await start()
    const admin = client(broker).admin()
    await admin.connect()
    const { clusterId } = await admin.describeCluster()
    await produce(broker, 'orders', ['a'])
    const { brokers } = broker.kafka
    await broker.reset()
    expect((await admin.fetchTopicMetadata()).topics).toEqual([])
    expect((await admin.describeCluster()).clusterId).toBe(clusterId)
    expect(broker.kafka.brokers).toEqual(brokers)
    await produce(broker, 'orders', ['b'])
    expect(await admin.fetchTopicOffsets('orders')).toMatchObject([{ low: '0', high: '1' }])
    await admin.disconnect()
  })

  it('runs one after the other, and not after close()', async () => {
    const broker = await start()
    await Promise.all([broker.reset(), broker.reset()])
    expect(await topicsOf(broker)).toEqual([])
    await broker.close()
    await expect(broker.reset()).rejects.toThrow('closed')
  })
})

describe('the clock', () => {
  it('stands still until it is moved, and clients are served meanwhile', async () => {
    await using broker = await start({ clock: 'manual' })
    const before = broker.clock.now()
    await produce(broker, 'orders', ['a'])
    expect(broker.clock.now()).toBe(before)
    await broker.clock.advance('2h')
    expect(broker.clock.now()).toBe(before + 7_200_000)
  })

  it('lets what is old expire when it is moved', async () => {
    await using broker = await start({
      clock: 'manual',
      settings: { 'log.retention.ms': 60_000, 'log.roll.ms': 1000, 'log.retention.check.interval.ms': 1000 },
    })
    await produce(broker, 'orders', ['a'])
    await broker.clock.advance('5m')
    const admin = client(broker).admin()
    await admin.connect()
    expect(await admin.fetchTopicOffsets('orders')).toMatchObject([{ low: '1', high: '1' }])
    await admin.disconnect()
  })

  it('cannot be moved when it is the system\u2019s', async () => {
    await using broker = await start()
    await expect(broker.clock.advance('1s')).rejects.toThrow("clock: 'manual'")
  })
})
