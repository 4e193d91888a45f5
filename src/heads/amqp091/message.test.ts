// Messages as records and back: the table in message.ts row by row, the bytes that must not change, deaths, and records of
// other protocols.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FieldTable, FieldValue } from '../../broker/field-value.ts'
import { type Death, deathsValue } from '../../broker/queues/deaths.ts'
import { Reader, WireError } from '../../bytes/index.ts'
import { buildBatch, type NewRecord } from '../../log/record/builder.ts'
import { recordsOf } from '../../log/record/records.ts'
import { contentOf, recordOf } from './message.ts'
import { propertyValues } from './wire/arbitrary.contract.ts'
import { noProperties, Properties, type PropertyValues } from './wire/properties.ts'
import { readTable } from './wire/table.ts'

const nowMs = 1_700_000_000_123

function published(
  values: PropertyValues,
  body = 'body',
  exchange = 'shop',
  routingKey = 'orders',
): NewRecord {
  return recordOf({ exchange, routingKey, properties: Properties.of(values), body: Buffer.from(body), nowMs })
}

/** The record's headers by name, as text. */
function texts({ headers = [] }: NewRecord): Record<string, string | null> {
  return Object.fromEntries(
    headers.filter(({ key }) => key !== 'amqp.091').map(({ key, value }) => [key, value?.toString() ?? null]),
  )
}

function fields(entries: Record<string, FieldValue>): { headers: FieldTable } {
  return { headers: new Map(Object.entries(entries)) }
}

function record(headers: Record<string, string | Buffer | null>, more: Partial<NewRecord> = {}): NewRecord {
  const list = Object.entries(headers).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? Buffer.from(value) : value,
  }))
  return { timestamp: -1, key: null, value: Buffer.from('body'), headers: list, ...more }
}

/** What a delivery's properties say, headers as a plain object. */
function delivered(from: NewRecord, facts = {}): Record<string, unknown> {
  const { headers, ...others } = contentOf(from, facts).properties.values()
  return { ...others, ...(headers && { headers: Object.fromEntries(headers) }) }
}

describe('a message as a record', () => {
  it.each<[string, PropertyValues, Record<string, string | null>]>([
    ['nothing but the routing', {}, {}],
    [
      'content-type and -encoding',
      { contentType: 'a/b', contentEncoding: 'gzip' },
      { 'content-type': 'a/b', 'content-encoding': 'gzip' },
    ],
    ['message-id', { messageId: 'm1' }, { 'amqp.message-id': 'm1' }],
    ['correlation-id', { correlationId: 'c1' }, { 'amqp.correlation-id': 'c1' }],
    ['reply-to, empty', { replyTo: '' }, { 'amqp.reply-to': '' }],
    [
      'type, user-id, app-id, cluster-id',
      { type: 't', userId: 'u', appId: 'a', clusterId: 'k' },
      { 'amqp.type': 't', 'amqp.user-id': 'u', 'amqp.app-id': 'a', 'amqp.cluster-id': 'k' },
    ],
    ['expiration', { expiration: '500' }, { 'amqp.ttl': '500' }],
    ['timestamp, in ms', { timestamp: 1_700_000_000 }, { 'amqp.timestamp': '1700000000000' }],
    ['a timestamp beyond 2^53', { timestamp: 2n ** 63n }, { 'amqp.timestamp': '9223372036854775808000' }],
    ['persistent', { deliveryMode: 2 }, { 'amqp.durable': 'true' }],
    ['transient, which is the default', { deliveryMode: 1 }, {}],
    ['priority', { priority: 0 }, { 'amqp.priority': '0' }],
    ['texts among the headers', fields({ a: 'x', 'x-b': 'y' }), { a: 'x', 'x-b': 'y' }],
    [
      'typed headers',
      fields({ n: 5, t: true, v: null }),
      { n: '5', t: 'true', v: null, 'amqp.types': '{"n":"int","t":"boolean","v":"null"}' },
    ],
    [
      'lists and tables',
      fields({ l: [1], m: new Map([['a', 1]]) }),
      { l: '[1]', m: '{"$table":{"a":1}}', 'amqp.types': '{"l":"list","m":"map"}' },
    ],
    ['CC', fields({ CC: ['a', 'b'] }), { 'amqp.cc': '["a","b"]' }],
    ['BCC, which nobody may see', fields({ BCC: ['a'], c: 'd' }), { c: 'd' }],
    [
      'headers that would say something of the message',
      fields({ 'amqp.ttl': '1', 'content-type': 'x', 'amqp.091': 'x' }),
      {},
    ],
  ])('%s', (_title, values, headers) => {
    const made = published(values)
    expect(texts(made)).toEqual({ 'amqp.exchange': 'shop', 'amqp.routing-key': 'orders', ...headers })
    expect([made.timestamp, made.key, made.value]).toEqual([nowMs, null, Buffer.from('body')])
  })

  it('leaves out an exchange and a routing key that are empty', () => {
    expect(texts(published({}, 'body', '', ''))).toEqual({})
  })

  it.each<[string, FieldValue, Buffer | null]>([
    ['bytes', Buffer.from([1]), Buffer.from([1])],
    ['a text', 'k', Buffer.from('k')],
    ['anything else', 5, null],
  ])('takes its key from x-kafka-key: %s', (_title, value, key) => {
    const made = published(fields({ 'x-kafka-key': value }))
    expect(made.key).toEqual(key)
    expect(texts(made)).not.toHaveProperty('x-kafka-key')
  })

  it('has no value where the publisher says so, and an empty one otherwise', () => {
    expect(published(fields({ 'x-kafka-null-value': true }), '').value).toBeNull()
    expect(published(fields({ 'x-kafka-null-value': false }), '').value).toEqual(Buffer.alloc(0))
    expect(published(fields({ 'x-kafka-null-value': true }), 'x').value).toEqual(Buffer.from('x'))
    expect(published({}, '').value).toEqual(Buffer.alloc(0))
  })

  it('keeps texts that are not UTF-8 as they are', () => {
    const properties = Properties.read(Buffer.from('040001ff', 'hex'))
    const made = recordOf({ exchange: '', routingKey: '', properties, body: Buffer.alloc(0), nowMs })
    expect(made.headers?.[1]).toEqual({ key: 'amqp.correlation-id', value: Buffer.from([0xff]) })
    expect(contentOf(made).properties.raw).toEqual(properties.raw)
  })

  it('refuses headers that are a broken table', () => {
    const properties = Properties.read(Buffer.from('200000000003' + '01615a', 'hex'))
    const message = { exchange: '', routingKey: '', properties, body: Buffer.alloc(0), nowMs }
    expect(() => recordOf(message)).toThrow(WireError)
  })
})

describe('the same message again (round trip through a stored batch)', () => {
  it('is byte for byte what was published', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 12 })
    const body = fc.uint8Array({ maxLength: 30 }).map(bytes => Buffer.from(bytes))
    fc.assert(
      fc.property(propertyValues, name, name, body, (values, exchange, routingKey, bytes) => {
        const properties = Properties.of(values)
        if (properties.headers?.has('BCC') || properties.headers?.has('x-kafka-null-value')) return
        const batch = buildBatch([recordOf({ exchange, routingKey, properties, body: bytes, nowMs })])
        const [stored] = recordsOf(batch, { maxBytes: 1e6 })
        const content = contentOf(stored as NewRecord)
        expect([content.exchange, content.routingKey]).toEqual([exchange, routingKey])
        expect(content.properties.raw).toEqual(properties.raw)
        expect(content.body).toEqual(bytes)
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  it('keeps all but BCC', () => {
    const values = { contentType: 'a', priority: 3, ...fields({ a: 1, BCC: ['x'], CC: ['y'] }) }
    expect(delivered(published(values))).toEqual({
      contentType: 'a',
      priority: 3,
      headers: { a: 1, CC: ['y'] },
    })
  })

  it('keeps widths of numbers that the values do not tell', () => {
    const raw = Buffer.from('2000' + '0000000a' + '016173ffff' + '016275ffff', 'hex')
    const message = {
      exchange: '',
      routingKey: '',
      properties: Properties.read(raw),
      body: Buffer.alloc(0),
      nowMs,
    }
    expect(contentOf(recordOf(message)).properties.raw).toEqual(raw)
    const counted = contentOf(recordOf(message), { deliveryCount: 1 }).properties.headerBytes
    expect(counted?.subarray(4, 14)).toEqual(raw.subarray(6))
  })
})

describe('a message without its envelope (as readers of other protocols see it)', () => {
  it('loses nothing that the table says is kept', () => {
    const values = {
      contentType: 'a/b',
      contentEncoding: 'gzip',
      deliveryMode: 2,
      priority: 9,
      correlationId: 'c',
      replyTo: 'r',
      expiration: '5',
      messageId: 'm',
      type: 't',
      userId: 'u',
      appId: 'a',
      clusterId: 'k',
      headers: new Map<string, FieldValue>([
        ['n', 5],
        ['d', 1.5],
        ['s', 'text'],
        ['b', Buffer.from([0xff])],
        ['at', new Date(5000)],
        ['l', [1, new Map([['x', null]])]],
        ['CC', ['y']],
        ['x-kafka-key', Buffer.from('k')],
      ]),
    }
    const made = published(values)
    const foreign = {
      ...made,
      timestamp: -1,
      headers: (made.headers ?? []).filter(({ key }) => key !== 'amqp.091'),
    }
    expect(delivered(foreign)).toEqual({ ...values, headers: Object.fromEntries(values.headers) })
    expect(contentOf(foreign)).toMatchObject({ exchange: 'shop', routingKey: 'orders' })
  })
})

describe('a record of another protocol', () => {
  it.each<[string, NewRecord, Record<string, unknown>]>([
    ['nothing', record({}), {}],
    [
      'text and binary headers',
      record({ a: 'x', b: Buffer.from([0xff]), c: null }),
      { headers: { a: 'x', b: Buffer.from([0xff]), c: null } },
    ],
    ['its key', record({}, { key: Buffer.from('k') }), { headers: { 'x-kafka-key': Buffer.from('k') } }],
    ['no value', record({}, { value: null }), { headers: { 'x-kafka-null-value': true } }],
    [
      'its time, in s and ms',
      record({}, { timestamp: 1999 }),
      { timestamp: 1, headers: { timestamp_in_ms: 1999 } },
    ],
    [
      'properties',
      record({ 'content-type': 'a', 'amqp.message-id': 'm', 'amqp.durable': 'true', 'amqp.priority': '4' }),
      { contentType: 'a', messageId: 'm', deliveryMode: 2, priority: 4 },
    ],
    [
      'properties that are none',
      record({ 'amqp.priority': 'high', 'amqp.durable': 'false' }),
      { deliveryMode: 1, headers: { 'x-amqp-priority': 'high' } },
    ],
    [
      'an id above 255 bytes',
      record({ 'amqp.message-id': 'm'.repeat(256) }),
      { headers: { 'x-message-id': 'm'.repeat(256) } },
    ],
    [
      'an id that is binary',
      record({ 'amqp.correlation-id': Buffer.from([0xff]) }),
      { headers: { 'x-correlation-id': Buffer.from([0xff]) } },
    ],
    [
      'what only AMQP 1.0 has',
      record({ 'amqp.subject': 's', 'amqp.10': Buffer.from([1]) }),
      { headers: { 'x-amqp-subject': 's' } },
    ],
    [
      'types',
      record({ n: '5', t: 'no', 'amqp.types': '{"n":"int","t":"boolean"}' }),
      { headers: { n: 5, t: 'no' } },
    ],
    ['CC', record({ 'amqp.cc': '["a"]' }), { headers: { CC: ['a'] } }],
    ['CC that is no list', record({ 'amqp.cc': 'a' }), { headers: { CC: 'a' } }],
    [
      'a name above 255 bytes, which is lost',
      record({ ['x'.repeat(256)]: 'a', b: 'c' }),
      { headers: { b: 'c' } },
    ],
    [
      'an envelope that is broken',
      record({ 'amqp.091': Buffer.from([0x80]), a: 'b' }),
      { headers: { a: 'b' } },
    ],
  ])('with %s', (_title, from, properties) => {
    expect(delivered(from)).toEqual(properties)
  })

  it('with headers that repeat has an array', () => {
    const headers = ['1', '2', '3'].map(text => ({ key: 'a', value: Buffer.from(text) }))
    expect(delivered({ timestamp: -1, value: null, headers })).toEqual({
      headers: { 'x-kafka-null-value': true, a: ['1', '2', '3'] },
    })
  })

  it('with names too long to be names has none', () => {
    const from = record({ 'amqp.exchange': 'x'.repeat(256), 'amqp.routing-key': Buffer.from([0xff]) })
    expect(contentOf(from)).toMatchObject({ exchange: '', routingKey: '' })
  })

  it('without a value has an empty body', () => {
    expect(contentOf(record({}, { value: null })).body).toEqual(Buffer.alloc(0))
  })

  it('can be delivered, whatever is in it', () => {
    const keys = fc.constantFrom(
      'amqp.091',
      'amqp.types',
      'amqp.x-death',
      'amqp.cc',
      'amqp.priority',
      'amqp.ttl',
      'content-type',
      'a',
      'b',
    )
    const value = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
      fc.json().map(text => Buffer.from(text)),
      fc
        .constantFrom('{"a":"list","b":"map"}', '{"a":"decimal","b":"time"}', '[[[[1]]]]')
        .map(text => Buffer.from(text)),
      fc.constant(null),
    )
    const headers = fc.array(fc.record({ key: keys, value }), { maxLength: 8 })
    fc.assert(
      fc.property(headers, list => {
        const { properties } = contentOf({ timestamp: 0, value: null, headers: list }, { deliveryCount: 1 })
        expect(properties.raw.length).toBeGreaterThan(1)
      }),
      { seed: 1, numRuns: 500 },
    )
  })
})

describe('what a delivery says beyond the message', () => {
  it.each<[string, object, Record<string, FieldValue>]>([
    ['the delivery count', { deliveryCount: 2 }, { 'x-delivery-count': 2 }],
    ['offset and partition', { offset: 7, partition: 0 }, { 'x-stream-offset': 7, 'x-kafka-partition': 0 }],
  ])('%s', (_title, facts, headers) => {
    expect(delivered(published({ contentType: 'a', ...fields({ a: 'b' }) }), facts)).toEqual({
      contentType: 'a',
      headers: { a: 'b', ...headers },
    })
  })

  it('replaces what the publisher claimed, in 64 bits as RabbitMQ', () => {
    const { properties } = contentOf(published(fields({ 'x-delivery-count': 9 })), { deliveryCount: 2 })
    expect(properties.headerBytes?.toString('hex')).toBe(
      `0000001a10${Buffer.from('x-delivery-count').toString('hex')}6c0000000000000002`,
    )
  })

  it('is nothing where nothing is asked for', () => {
    const made = published({ contentType: 'a' })
    expect(contentOf(made, {}).properties.raw).toEqual(Properties.of({ contentType: 'a' }).raw)
    expect(contentOf({ timestamp: -1, value: Buffer.alloc(0) }).properties).toBe(noProperties)
  })
})

describe('deaths (RabbitMQ, dead lettering)', () => {
  const first: Death = {
    queue: 'q1',
    reason: 'expired',
    count: 1,
    time: 5000,
    exchange: 'shop',
    'routing-keys': ['orders'],
    'original-expiration': '500',
  }
  const last: Death = {
    queue: 'q2',
    reason: 'rejected',
    count: 3,
    time: 9000,
    exchange: 'dlx',
    'routing-keys': ['a', 'b'],
  }

  function died(deaths: Buffer, values: PropertyValues): NewRecord {
    const made = published(values)
    return { ...made, headers: [...(made.headers ?? []), { key: 'amqp.x-death', value: deaths }] }
  }

  it('are told in x-death and by the first and the last of them; the message does not expire again', () => {
    const made = died(deathsValue([last, first]), { expiration: '500', priority: 1, ...fields({ a: 'b' }) })
    expect(delivered(made)).toEqual({
      priority: 1,
      headers: {
        a: 'b',
        'x-death': [
          new Map<string, FieldValue>([
            ['count', 3],
            ['reason', 'rejected'],
            ['queue', 'q2'],
            ['time', new Date(9000)],
            ['exchange', 'dlx'],
            ['routing-keys', ['a', 'b']],
          ]),
          new Map<string, FieldValue>([
            ['count', 1],
            ['reason', 'expired'],
            ['queue', 'q1'],
            ['time', new Date(5000)],
            ['exchange', 'shop'],
            ['routing-keys', ['orders']],
            ['original-expiration', '500'],
          ]),
        ],
        'x-first-death-queue': 'q1',
        'x-first-death-reason': 'expired',
        'x-first-death-exchange': 'shop',
        'x-last-death-queue': 'q2',
        'x-last-death-reason': 'rejected',
        'x-last-death-exchange': 'dlx',
      },
    })
  })

  it('by a key of the queue take the further keys of the sender along, for consumers too', () => {
    const made = died(deathsValue([last]), fields({ CC: ['k'], a: 'b' }))
    expect(delivered(made)).toMatchObject({ headers: { CC: ['k'] } })
    const headers = made.headers?.filter(({ key }) => key !== 'amqp.cc') ?? []
    const { headers: shown } = delivered({ ...made, headers })
    expect(shown).toMatchObject({ a: 'b' })
    expect(shown).not.toHaveProperty('CC')
  })

  it('count in 64 bits', () => {
    const bytes = contentOf(died(deathsValue([last]), {})).properties.headerBytes
    expect(
      bytes?.includes(Buffer.from(`05${Buffer.from('count').toString('hex')}6c0000000000000003`, 'hex')),
    ).toBe(true)
    expect(readTable(new Reader(bytes ?? Buffer.alloc(4))).get('x-death')).toHaveLength(1)
  })

  it('replace those that the publisher sent along', () => {
    const values = fields({
      'x-death': 'lie',
      'x-first-death-queue': 'lie',
      'x-last-death-more': 'lie',
      kept: true,
    })
    const { headers } = delivered(died(deathsValue([last]), values))
    expect(headers).toMatchObject({ kept: true, 'x-first-death-queue': 'q2' })
    expect(headers).not.toHaveProperty('x-last-death-more')
  })

  it.each([
    ['no JSON', '{'],
    ['no list', '{}'],
    ['an empty list', '[]'],
    ['others than ours', '[5,{"queue":"q"},null]'],
  ])('are none where the record has %s', (_title, json) => {
    const values = { expiration: '500', ...fields({ 'x-death': 'kept' }) }
    expect(delivered(died(Buffer.from(json), values))).toEqual({
      expiration: '500',
      headers: { 'x-death': 'kept' },
    })
  })
})
