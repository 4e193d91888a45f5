// Health and metrics over real HTTP: what a probe and a scraper see while the broker starts, serves, fails and ends.

import kafkajs, { logLevel } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { type LogStore, openMemoryStore } from '../log/index.ts'
import { silent } from '../world/index.ts'
import type { Served } from './health.ts'
import { openHttp } from './http.ts'
import { start } from './index.ts'
import { brokerFamilies } from './metrics/broker.ts'
import { exposition, type Sample } from './metrics/exposition.ts'
import { perObjectFamilies } from './metrics/per-object.ts'
import { Life } from './phase.ts'

async function get(url: string | undefined, path: string) {
  const response = await fetch(`${url}${path}`)
  return { status: response.status, text: await response.text(), type: response.headers.get('content-type') }
}

describe('health', () => {
  it('follows the life of the server, part by part', async () => {
    const served: { -readonly [K in keyof Served]: Served[K] } = { life: new Life(), listeners: [] }
    const { life } = served
    const { face, close } = await openHttp(
      { host: '127.0.0.1', port: 0, pages: true, api: false },
      { served, report: silent, management: () => Promise.reject(new Error('there is no API')) },
    )
    const ready = async () => (await get(face.url, '/readyz?verbose')).text
    expect(await get(face.url, '/livez')).toMatchObject({ status: 200, text: 'ok\n' })
    expect(await get(face.url, '/readyz')).toMatchObject({ status: 503, text: 'not ready: starting\n' })
    served.store = openMemoryStore()
    served.listeners = [{ name: 'kafka', host: '127.0.0.1', brokers: [], tls: false, sasl: [] }]
    expect(await ready()).toBe('[-] store starting\n[-] listener kafka starting\nnot ready: starting\n')
    life.ready()
    expect(await ready()).toBe('[+] store ok\n[+] listener kafka ok\nok\n')
    expect(await get(face.url, '/readyz')).toMatchObject({ status: 200, text: 'ok\n' })
    life.draining()
    expect(await ready()).toBe('[+] store ok\n[-] listener kafka draining\nnot ready: draining\n')
    life.failed(new Error('EIO on /secret/path'))
    expect(await ready()).toBe('[-] store failed\n[-] listener kafka failed\nnot ready: failed\n')
    expect((await get(face.url, '/readyz')).status).toBe(503)
    expect((await get(face.url, '/livez')).status).toBe(200)
    await close()
  })

  it('names its pages to whoever is lost', async () => {
    await using broker = await start({ http: true })
    expect(await get(broker.http?.url, '/')).toMatchObject({
      status: 404,
      text: 'there are /livez, /readyz, /metrics, /metrics/per-object, /api\n',
    })
  })
})

describe('metrics', () => {
  it('count what clients did, and tell the lag of groups on a page of their own', async () => {
    await using broker = await start({ http: true, settings: { 'num.partitions': 1 } })
    const kafka = new kafkajs.Kafka({ ...broker.kafka.clientConfig(), logLevel: logLevel.NOTHING })
    const producer = kafka.producer()
    await producer.connect()
    await producer.send({ topic: 'orders', messages: [{ value: 'a' }, { value: 'b' }, { value: 'c' }] })
    await producer.disconnect()
    const { text, type } = await get(broker.http?.url, '/metrics')
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8')
    for (const line of [
      /^posthorn_build_info\{version="\d+\.\d+\.\d+",node="[\d.]+"\} 1$/m,
      /^posthorn_ready 1$/m,
      /^posthorn_requests_total\{protocol="kafka",api="Produce"\} 1$/m,
      /^posthorn_request_seconds_total\{protocol="kafka",api="Produce"\} 0\.\d+$/m,
      /^posthorn_connections_accepted_total\{protocol="kafka"\} [1-9]\d*$/m,
      /^posthorn_logins_failed_total\{protocol="kafka"\} 0$/m,
      /^posthorn_appended_batches_total\{protocol="kafka"\} 1$/m,
      /^posthorn_appended_records_total\{protocol="kafka"\} 3$/m,
      /^posthorn_appended_bytes_total\{protocol="kafka"\} [1-9]\d+$/m,
      /^posthorn_topics 1$/m,
      /^posthorn_partitions 1$/m,
      /^posthorn_log_bytes [1-9]\d+$/m,
      /^posthorn_process_resident_memory_bytes [1-9]\d+$/m,
      /^posthorn_process_event_loop_lag_seconds\{quantile="0\.99"\} [\d.e-]+$/m,
    ])
      expect(text).toMatch(line)
    expect(text).not.toContain('orders')
    const perObject = await get(broker.http?.url, '/metrics/per-object')
    expect(perObject.text).toMatch(/^posthorn_topic_log_bytes\{topic="orders"\} [1-9]\d+$/m)
  })

  it('have a name, help and type each, by the rules: prefix, units, _total for counters alone', async () => {
    await using broker = await start({ http: true })
    const { text } = await get(broker.http?.url, '/metrics')
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => ({ name, type }))
    expect(types.length).toBeGreaterThan(15)
    expect(new Set(types.map(({ name }) => name)).size).toBe(types.length)
    for (const { name, type } of types) {
      expect(name).toMatch(/^posthorn_[a-z_]+$/)
      expect(name.endsWith('_total')).toBe(type === 'counter')
      expect(text).toContain(`# HELP ${name} `)
    }
  })

  it('stop at a hard limit of series, and say how many were dropped', () => {
    const topics = Array.from({ length: 5 }, (_, n) => ({
      name: `t${n}`,
      partitions: [{ log: { bytes: n, segments: [{ sealed: true, verifiedAt: n * 1000 }] } }],
    }))
    const offsets = [
      { topic: 't0', partition: 0, offset: 4 },
      { topic: 't0', partition: 1, offset: 99 },
      { topic: 'gone', partition: 0, offset: 1 },
    ]
    const broker = {
      topics: {
        list: () => topics,
        partition: (name: string) => (name === 'gone' ? undefined : { highWatermark: 10 }),
      },
      groups: { list: () => [{ groupId: 'a"b' }], fetchOffsets: () => offsets },
    } as unknown as NonNullable<Served['broker']>
    const text = exposition(perObjectFamilies({ broker }, 2))
    expect(text).toContain(
      'posthorn_consumer_group_lag{protocol="kafka",group="a\\"b",topic="t0",partition="0"} 6\n',
    )
    expect(text).toContain('partition="1"} 0\n')
    expect(text).toContain('posthorn_consumer_group_lag_dropped 0\n')
    expect(text.match(/^posthorn_topic_log_bytes\{/gm)).toHaveLength(2)
    expect(text).toContain('posthorn_topic_log_bytes_dropped 3\n')
    expect(text).toContain('posthorn_topic_verified_timestamp_seconds{topic="t1"} 1\n')
  })

  it('tell of the store what its engine has to say', () => {
    const buckets = [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    const stats = { flushes: 4, flushSeconds: 0.5, flushedBytes: 7, buckets, flushed() {} }
    const store: LogStore = Object.assign(openMemoryStore(), { stats })
    const text = exposition(brokerFamilies({ life: new Life(), listeners: [], store }))
    expect(text).toContain(
      [
        '# TYPE posthorn_store_flush_seconds histogram',
        'posthorn_store_flush_seconds_bucket{le="0.0005"} 2',
        'posthorn_store_flush_seconds_bucket{le="0.001"} 3',
      ].join('\n'),
    )
    expect(text).toContain(
      [
        'posthorn_store_flush_seconds_bucket{le="1"} 3',
        'posthorn_store_flush_seconds_bucket{le="+Inf"} 4',
        'posthorn_store_flush_seconds_sum 0.5',
        'posthorn_store_flush_seconds_count 4',
      ].join('\n'),
    )
    expect(text).toContain('posthorn_store_flushed_bytes_total 7\n')
  })
})

describe('the text format', () => {
  it('escapes backslash, line end and quote where the format asks for it', () => {
    const samples: Sample[] = [
      { labels: { a: 'x\\y\n"z"' }, value: Number.NaN },
      { value: Number.NEGATIVE_INFINITY },
    ]
    expect(exposition([{ name: 'm', help: 'a\\b\n"c"', type: 'gauge', samples }])).toBe(
      '# HELP m a\\\\b\\n"c"\n# TYPE m gauge\nm{a="x\\\\y\\n\\"z\\""} NaN\nm -Inf\n',
    )
  })
})
