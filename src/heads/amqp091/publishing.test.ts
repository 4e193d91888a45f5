// basic.publish: what a message says to the broker, and what of it is refused. The fields of a message come from strangers:
// what they hold need not be what their names promise.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FieldTable, FieldValue } from '../../broker/field-value.ts'
import type { Queue } from '../../broker/queues/queue.ts'
import { AmqpError } from './errors.ts'
import { routableOf } from './publishing.ts'
import { AmqpScene, type Client } from './scene.contract.ts'
import {
  BasicAck,
  BasicConsume,
  BasicPublish,
  ChannelClose,
  ConfirmSelect,
  ExchangeDeclare,
  QueueBind,
  QueueDeclare,
} from './wire/index.ts'
import { encodeProperties, Properties, type PropertyValues } from './wire/properties.ts'

const NOW = 1_700_000_000_000

function routable(values: PropertyValues, delayed = false) {
  const properties = Properties.of(values)
  return routableOf(
    { exchange: 'x', routingKey: 'k', properties, body: Buffer.from('b'), nowMs: NOW },
    delayed,
  )
}
const withHeader = (name: string, value: FieldValue): { headers: FieldTable } => ({
  headers: new Map([[name, value]]),
})

describe('a message as the broker routes it', () => {
  it.each<[string, PropertyValues, readonly string[]]>([
    ['no headers', {}, []],
    ['CC', withHeader('CC', ['a', 'b']), ['a', 'b']],
    ['BCC', withHeader('BCC', ['c']), ['c']],
    [
      'both',
      {
        headers: new Map([
          ['BCC', ['c']],
          ['CC', ['a']],
        ]),
      },
      ['a', 'c'],
    ],
    ['what is no text in them', withHeader('CC', ['a', 7, null, new Map()]), ['a']],
    ['an empty list', withHeader('CC', []), []],
  ])('has further keys by %s', (_, values, keys) => {
    expect(routable(values).routingKeys).toEqual(keys)
  })

  it.each(['CC', 'BCC'])('is refused when %s is no list (406)', name => {
    for (const value of ['a', 7, null, new Map()])
      expect(() => routable(withHeader(name, value))).toThrow(AmqpError)
  })

  it.each<[what: string, FieldValue, number | undefined]>([
    ['a number', 1500, NOW + 1500],
    ['a text', '1500', NOW + 1500],
    ['a long', 1500n, NOW + 1500],
    ['nothing', 0, undefined],
    ['less', -5, undefined],
    ['a fraction', 1.5, undefined],
    ['a word', 'soon', undefined],
    ['an empty text', '', undefined],
    ['a very long time', 2n ** 60n, undefined],
    ['null', null, undefined],
    ['a list', [1500], undefined],
  ])('waits in a delayed exchange as long as its x-delay says: %s', (_, delay, until) => {
    expect(routable(withHeader('x-delay', delay), true).publication.deliverAt).toBe(until)
    expect(routable(withHeader('x-delay', delay), false).publication.deliverAt).toBeUndefined()
  })

  it.each<[string, number | undefined]>([
    ['0', 0],
    ['60000', 60_000],
    ['4294967295', 0xffff_ffff],
  ])('lives for an expiration of %j', (expiration, ttlMs) => {
    expect(routable({ expiration }).publication.ttlMs).toBe(ttlMs)
  })

  it.each(['4294967296', '-1', '1.5', '1e3', ' 5', '', '0x10', '9'.repeat(200)])(
    'is refused for an expiration of %j (406)',
    expiration => {
      expect(() => routable({ expiration })).toThrow(/invalid expiration/)
    },
  )

  it('has its group, its id, its priority, and is persistent by delivery mode 2 alone', () => {
    const { publication } = routable({ ...withHeader('x-group-id', 'g'), messageId: 'm', priority: 3 })
    expect(publication).toMatchObject({ groupId: 'g', dedupId: 'm', priority: 3, persistent: false })
    expect(routable(withHeader('x-group-id', 7)).publication.groupId).toBeUndefined()
    expect([0, 1, 2, 3].map(deliveryMode => routable({ deliveryMode }).publication.persistent)).toEqual([
      false,
      false,
      true,
      false,
    ])
  })

  it('is hashed by its properties as text; a time in seconds', () => {
    const { property } = routable({ messageId: 'm', timestamp: 7 })
    expect([property?.('message_id'), property?.('timestamp'), property?.('correlation_id')]).toEqual([
      'm',
      '7',
      undefined,
    ])
  })
})

describe('publishing', () => {
  let scene: AmqpScene
  let client: Client
  const exchange = {
    ...{ exchange: 'x', type: 'direct', passive: false, durable: true, autoDelete: false, internal: false },
    ...{ noWait: true, arguments: new Map() },
  }
  beforeEach(async () => {
    scene = await AmqpScene.open()
    client = await scene.client()
    client.method(1, ExchangeDeclare, exchange)
    for (const queue of ['q', 'r']) {
      const flags = { passive: false, durable: true, exclusive: false, autoDelete: false, noWait: true }
      client.method(1, QueueDeclare, { queue, ...flags, arguments: new Map() })
      client.method(1, QueueBind, {
        ...{ queue, exchange: 'x', routingKey: queue, noWait: true },
        arguments: new Map(),
      })
    }
    client.method(1, ConfirmSelect, { noWait: true })
    await client.take()
  })
  afterEach(() => scene.close())

  const publish = (values: PropertyValues, more: { mandatory?: boolean; key?: string } = {}): void => {
    const { mandatory = false, key = 'q' } = more
    const to = { exchange: 'x', routingKey: key, mandatory, immediate: false }
    client.content(1, BasicPublish, to, Buffer.from('x'), encodeProperties(values))
  }
  const alarm = (isRaised: boolean): void => {
    scene.head.setMemoryAlarm(isRaised)
    client.connection.alarmed() // the head knows only connections that came by its listeners
  }
  const ready = () => ['q', 'r'].map(name => scene.broker.queues.require('/', name).readyCount)

  /** Messages in the first queue, ready or out. */
  const kept = () => {
    const { readyCount, outCount } = scene.broker.queues.require('/', 'q') as Queue
    return readyCount + outCount
  }

  it('goes to the queues of its key, of CC and of BCC, to each once', async () => {
    publish({
      headers: new Map([
        ['CC', ['r', 'q', 'q']],
        ['BCC', ['r']],
      ]),
    })
    expect(await client.names()).toEqual(['1 basic.ack'])
    expect(ready()).toEqual([1, 1])
  })

  it('is not returned as mandatory when only CC found a queue', async () => {
    publish(withHeader('CC', ['r']), { mandatory: true, key: 'nobody' })
    expect(await client.names()).toEqual(['1 basic.ack'])
    expect(ready()).toEqual([0, 1])
  })

  it('to an internal exchange is refused (403), and nothing of it is stored', async () => {
    client.method(1, ExchangeDeclare, { ...exchange, exchange: 'inside', internal: true })
    const to = { exchange: 'inside', routingKey: 'q', mandatory: false, immediate: false }
    client.content(1, BasicPublish, to, Buffer.from('x'))
    const [closed] = await client.take()
    expect([closed?.name, closed?.args.replyCode]).toEqual(['channel.close', 403])
    expect(ready()).toEqual([0, 0])
  })

  it('waits while an alarm is raised, and loses nothing when it ends', async () => {
    publish({})
    expect(await client.names()).toEqual(['1 basic.ack'])
    alarm(true)
    for (let n = 0; n < 3; n++) publish({})
    expect(await client.names()).toEqual([])
    expect(ready()).toEqual([1, 0])
    alarm(false)
    expect(await client.names()).toContain('1 basic.ack')
    expect(ready()).toEqual([4, 0])
  })

  it('waits no longer than the alarm when its channel is closed meanwhile: it came before', async () => {
    publish({})
    await client.take()
    alarm(true)
    publish({})
    client.method(1, ChannelClose, { replyCode: 200, replyText: '', classId: 0, methodId: 0 })
    expect(await client.names()).toEqual([])
    alarm(false)
    expect(await client.names()).toContain('1 channel.close-ok')
    expect(ready()).toEqual([2, 0])
  })

  it('that waits for an alarm leaves time to acknowledge before it', async () => {
    publish({})
    client.method(1, BasicConsume, {
      ...{ queue: 'q', consumerTag: 'c', noLocal: false, noAck: false, exclusive: false, noWait: true },
      arguments: new Map(),
    })
    expect(await client.names()).toContain('1 basic.deliver')
    alarm(true)
    client.method(1, BasicAck, { deliveryTag: 1, multiple: false })
    await client.take()
    expect(kept()).toBe(0)
    publish({})
    await client.take()
    expect(kept()).toBe(0)
    alarm(false)
    expect(await client.names()).toContain('1 basic.ack')
  })

  it('comes before a close of its channel, though something is under way', async () => {
    const flags = { passive: false, durable: true, exclusive: false, autoDelete: false, noWait: true }
    client.together(() => {
      client.method(1, QueueDeclare, { queue: 'new', ...flags, arguments: new Map() })
      publish({})
      client.method(1, ChannelClose, { replyCode: 200, replyText: '', classId: 0, methodId: 0 })
    })
    expect(await client.names()).toContain('1 channel.close-ok')
    expect(ready()).toEqual([1, 0])
  })

  it('that waits for the end of an alarm ends with its connection', async () => {
    publish({})
    await client.take()
    alarm(true)
    publish({})
    await client.take()
    client.connection.abort('the test ends it')
    await client.served
    alarm(false)
    expect(ready()).toEqual([1, 0])
  })
})
