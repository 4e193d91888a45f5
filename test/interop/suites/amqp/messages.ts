// Publishing, consuming and settling, through amqplib.

import {
  arrived,
  drained,
  Inbox,
  refusalOf,
  type Scene,
  send,
  textOf,
  textsOf,
} from '../../clients/amqplib.ts'
import { has, same, until } from '../../report.ts'

type Case = (scene: Scene) => Promise<void>

const LARGE_BYTES = 5 * 1024 * 1024

export const messages: Readonly<Record<string, Case>> = {
  async 'publishes confirmed, and what was published is there for the next method'({ channel, queue, open }) {
    const name = await queue()
    await send(channel, name, ['a', 'b', 'c'])
    const plain = await open()
    plain.sendToQueue(name, Buffer.from('d'))
    same((await plain.checkQueue(name)).messageCount, 4, 'ready messages')
    plain.sendToQueue(name, Buffer.from('e'))
    same((await plain.purgeQueue(name)).messageCount, 5, 'purged messages')
    plain.sendToQueue(name, Buffer.from('f'))
    const found = await plain.get(name, { noAck: true })
    same(found === false ? 'nothing' : textOf(found), 'f', 'the message that was just published')
    same(await plain.get(name), false, 'an empty queue')
  },
  async 'properties and headers of every type come back as they were'({ channel, queue }) {
    const name = await queue()
    const properties = {
      ...{ contentType: 'text/x', contentEncoding: 'none', deliveryMode: 2, priority: 7 },
      ...{ correlationId: 'c-1', replyTo: 'r', expiration: '60000', messageId: 'm-1' },
      ...{ timestamp: 1_700_000_000, type: 't', appId: 'app', userId: 'guest' },
    }
    const headers = {
      ...{ text: 'ü', whole: 7, negative: -1, big: 2 ** 40, fraction: 1.5, yes: true, nothing: null },
      ...{ list: [1, 'two', [3]], table: { deep: { er: 1 } }, bytes: Buffer.from([0, 255]) },
    }
    await send(channel, name, ['x'], { ...properties, headers })
    const [message] = await drained(channel, name)
    const { headers: foundHeaders, ...rest } = message?.properties ?? { headers: undefined }
    const set = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
    same(
      Object.fromEntries(Object.entries(set).sort()),
      Object.fromEntries(Object.entries(properties).sort()),
      'properties',
    )
    same(foundHeaders, headers, 'headers')
  },
  async 'bodies of 0 bytes and of 5 MB'({ channel, queue }) {
    const name = await queue()
    const large = Buffer.alloc(LARGE_BYTES, 'posthorn ')
    channel.sendToQueue(name, Buffer.alloc(0))
    channel.sendToQueue(name, large)
    await channel.waitForConfirms()
    const inbox = await Inbox.open(channel, name)
    const [empty, full] = await inbox.next(2)
    same(empty?.content.length, 0, 'bytes of the empty one')
    if (full === undefined || !full.content.equals(large)) throw new Error('the large body differs')
  },
  async 'mandatory: what nobody takes comes back before it is confirmed'({ channel }) {
    const told: string[] = []
    channel.on('return', ({ fields, content, properties }) => {
      const { replyCode, replyText } = fields as { readonly replyCode?: number; readonly replyText?: string }
      told.push(`${replyCode} ${replyText} ${content} ${properties.messageId}`)
    })
    channel.publish('amq.direct', 'nobody', Buffer.from('back'), { mandatory: true, messageId: 'm' }, () =>
      told.push('confirmed'),
    )
    await channel.waitForConfirms()
    same(told, ['312 NO_ROUTE back m', 'confirmed'], 'events')
  },
  async 'prefetch holds back, acknowledging lets the next come, multiple settles all'({ channel, queue }) {
    const name = await queue()
    await send(channel, name, ['1', '2', '3', '4', '5'])
    await channel.prefetch(2)
    const inbox = await Inbox.open(channel, name)
    const [first, second] = await inbox.next(2)
    same((await channel.checkQueue(name)).messageCount, 3, 'ready while two are out')
    if (first === undefined || second === undefined) throw new Error('too few messages')
    channel.ack(first)
    const [third] = await inbox.next(1)
    same(third === undefined ? '' : textOf(third), '3', 'the next')
    if (third !== undefined) channel.ack(third, true)
    same(textsOf(await inbox.next(2)), ['4', '5'], 'after multiple')
    channel.ackAll()
    same((await channel.checkQueue(name)).messageCount, 0, 'left')
  },
  async 'channel-wide prefetch counts all consumers, and changes while they run'({ channel, queue }) {
    const [one, two] = [await queue(), await queue()]
    await send(channel, one, ['a', 'b', 'c'])
    await send(channel, two, ['d', 'e', 'f'])
    await channel.prefetch(2, true)
    const inbox = await Inbox.open(channel, one)
    const other = await Inbox.open(channel, two)
    const count = () => inbox.messages.length + other.messages.length
    await until('two messages', () => (count() === 2 ? true : undefined))
    await channel.checkQueue(one)
    same(count(), 2, 'messages out')
    await channel.prefetch(4, true)
    await until('four messages', () => (count() === 4 ? true : undefined))
  },
  async 'requeue keeps the place, and marks as redelivered'({ channel, queue }) {
    const name = await queue()
    await send(channel, name, ['1', '2', '3', '4'])
    const inbox = await Inbox.open(channel, name)
    const out = await inbox.next(4)
    await channel.cancel(inbox.tag)
    const [, second, third] = out
    if (second !== undefined && third !== undefined) {
      channel.nack(third, false, true)
      channel.reject(second, true)
    }
    const again = await Inbox.open(channel, name)
    const back = await again.next(2)
    same(textsOf(back), ['2', '3'], 'in their order')
    same(
      back.map(({ fields }) => fields.redelivered),
      [true, true],
      'redelivered',
    )
    same(
      out.map(({ fields }) => fields.redelivered),
      [false, false, false, false],
      'redelivered the first time',
    )
  },
  async 'recover gives everything back; what a closed channel had out comes back too'({
    channel,
    queue,
    open,
  }) {
    const name = await queue()
    await send(channel, name, ['1', '2', '3'])
    const other = await open()
    const inbox = await Inbox.open(other, name)
    await inbox.next(3)
    await other.recover()
    same(textsOf(await inbox.next(3)), ['1', '2', '3'], 'after recover')
    await other.close()
    same((await arrived(channel, name, 3)).map(textOf), ['1', '2', '3'], 'after the channel closed')
  },
  async 'reading without acknowledgements settles at once'({ channel, queue, open }) {
    const name = await queue()
    await send(channel, name, ['1', '2', '3'])
    const other = await open()
    const inbox = await Inbox.open(other, name, { noAck: true })
    await inbox.next(3)
    await other.close()
    same((await channel.checkQueue(name)).messageCount, 0, 'left')
  },
  async 'consumers: an exclusive one, a reused tag, fair turns, priorities'({ channel, queue, open }) {
    const name = await queue()
    const { consumerTag } = await channel.consume(name, () => {}, { exclusive: true })
    const other = await open()
    same((await refusalOf(other, () => other.consume(name, () => {}))).code, 403, 'beside an exclusive one')
    await channel.cancel(consumerTag)
    await channel.prefetch(10)
    const low = await Inbox.open(channel, name)
    const high = await Inbox.open(channel, name, { priority: 10 })
    await send(channel, name, ['1', '2', '3', '4'])
    same(textsOf(await high.next(4)), ['1', '2', '3', '4'], 'the higher priority')
    same(low.messages.length, 0, 'the lower priority')
  },
  async 'single active consumer: the next one takes over'({ channel, queue, open }) {
    const name = await queue({ arguments: { 'x-single-active-consumer': true } })
    const first = await Inbox.open(channel, name, { noAck: true })
    const standby = await open()
    const second = await Inbox.open(standby, name, { noAck: true })
    await send(channel, name, ['1', '2'])
    same(textsOf(await first.next(2)), ['1', '2'], 'the first')
    same(second.messages.length, 0, 'of the second')
    await channel.cancel(first.tag)
    await send(channel, name, ['3'])
    same(textsOf(await second.next(1)), ['3'], 'the second')
    const third = await open()
    same((await refusalOf(third, () => third.get(name))).code, 405, 'basic.get')
  },
  async 'a consumer is told that its queue is gone'({ channel, queue, open }) {
    const name = await queue()
    const inbox = await Inbox.open(channel, name)
    await (await open()).deleteQueue(name)
    await until('the cancel', () => (inbox.cancelled ? true : undefined))
    await channel.checkExchange('amq.direct')
  },
  async 'direct reply-to: a request and its answer'({ channel, queue }) {
    const requests = await queue()
    await channel.consume(requests, message => {
      if (message === null) return
      const { replyTo, correlationId } = message.properties
      channel.sendToQueue(replyTo, Buffer.from(`re: ${message.content}`), { correlationId })
      channel.ack(message)
    })
    const answers = await Inbox.open(channel, 'amq.rabbitmq.reply-to', { noAck: true })
    channel.sendToQueue(requests, Buffer.from('?'), {
      replyTo: 'amq.rabbitmq.reply-to',
      correlationId: '17',
    })
    const [answer] = await answers.next(1)
    same([answer?.content.toString(), answer?.properties.correlationId], ['re: ?', '17'], 'the answer')
  },
  async 'direct reply-to without its consumer, or with acknowledgements, is refused (406)'({ open, queue }) {
    const name = await queue()
    const first = await open()
    const refused = await refusalOf(first, () =>
      first.sendToQueue(name, Buffer.from('x'), { replyTo: 'amq.rabbitmq.reply-to' }),
    )
    same(refused.code, 406, 'without')
    has(refused.message, /fast reply consumer does not exist/, 'text')
    const second = await open()
    const acked = await refusalOf(second, () => second.consume('amq.rabbitmq.reply-to', () => {}))
    same(acked.code, 406, 'with acknowledgements')
  },
}
