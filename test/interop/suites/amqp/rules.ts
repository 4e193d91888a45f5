// The rules that a queue may have, through amqplib: time to live, priorities, limits, dead letters, delivery limits.

import {
  arrived,
  drained,
  freshName,
  Inbox,
  refusalOf,
  type Scene,
  send,
  textOf,
  textsOf,
} from '../../clients/amqplib.ts'
import { same } from '../../report.ts'

type Case = (scene: Scene) => Promise<void>

interface Death {
  readonly queue: string
  readonly reason: string
  readonly count: number
  readonly exchange: string
  readonly 'routing-keys': readonly string[]
  readonly 'original-expiration'?: string
}

const deathsOf = (message: { readonly properties: { readonly headers?: unknown } } | undefined): Death[] => {
  const headers = (message?.properties.headers ?? {}) as { readonly 'x-death'?: readonly Death[] }
  return [...(headers['x-death'] ?? [])]
}
const shown = ({ queue, reason, count, exchange, 'routing-keys': keys }: Death) =>
  `${queue} ${reason} ${count} '${exchange}' ${keys}`

export const rules: Readonly<Record<string, Case>> = {
  async 'time to live of the queue, of a message, and behind the head'({ channel, queue }) {
    const dead = await queue()
    const byQueue = await queue({ messageTtl: 50, deadLetterExchange: '', deadLetterRoutingKey: dead })
    await send(channel, byQueue, ['old'])
    const [expired] = await arrived(channel, dead, 1)
    same(deathsOf(expired).map(shown), [`${byQueue} expired 1 '' ${byQueue}`], 'x-death')
    const byMessage = await queue({ deadLetterExchange: '', deadLetterRoutingKey: dead })
    await send(channel, byMessage, ['stays'])
    await send(channel, byMessage, ['goes'], { expiration: '50' })
    const [gone] = await arrived(channel, dead, 1)
    same(gone === undefined ? '' : textOf(gone), 'goes', 'the expired one')
    same(gone?.properties.expiration, undefined, 'its expiration')
    same(deathsOf(gone)[0]?.['original-expiration'], '50', 'its original expiration')
    same((await drained(channel, byMessage)).map(textOf), ['stays'], 'what is left')
  },
  async 'x-expires: an unused queue goes'({ open, queue }) {
    const name = await queue({ expires: 200 })
    const began = performance.now()
    for (;;) {
      await new Promise(resolve => setTimeout(resolve, 300))
      const channel = await open()
      const code = await channel.checkQueue(name).then(
        () => undefined,
        () => 404,
      )
      if (code === 404) return
      if (performance.now() - began > 5000) throw new Error('the queue is still there')
    }
  },
  async 'priorities: higher ones first'({ channel, queue }) {
    const name = await queue({ maxPriority: 10 })
    for (const priority of [1, 5, 10, 3, 20, 0])
      channel.sendToQueue(name, Buffer.from(`${priority}`), { priority })
    await channel.waitForConfirms()
    same((await drained(channel, name)).map(textOf), ['10', '20', '5', '3', '1', '0'], 'order')
  },
  async 'max-length: the head is dropped, and dead-lettered'({ channel, queue }) {
    const dead = await queue()
    const name = await queue({ maxLength: 2, deadLetterExchange: '', deadLetterRoutingKey: dead })
    await send(channel, name, ['1', '2', '3', '4'])
    const dropped = await arrived(channel, dead, 2)
    same(dropped.map(textOf), ['1', '2'], 'dropped')
    same(deathsOf(dropped[0]).map(shown), [`${name} maxlen 1 '' ${name}`], 'x-death')
    same((await drained(channel, name)).map(textOf), ['3', '4'], 'kept')
  },
  async 'max-length: publishing is refused by a nack, with and without a dead letter'({ channel, queue }) {
    const dead = await queue()
    for (const overflow of ['reject-publish', 'reject-publish-dlx']) {
      const name = await queue({
        maxLength: 1,
        deadLetterExchange: '',
        deadLetterRoutingKey: dead,
        arguments: { 'x-overflow': overflow },
      })
      await send(channel, name, ['1'])
      const refused = await new Promise<unknown>(resolve =>
        channel.sendToQueue(name, Buffer.from(overflow), {}, error => resolve(error)),
      )
      if (!(refused instanceof Error)) throw new Error('the second message was confirmed')
      same((await drained(channel, name)).map(textOf), ['1'], 'kept')
    }
    same((await arrived(channel, dead, 1)).map(textOf), ['reject-publish-dlx'], 'dead letters')
    same((await drained(channel, dead)).length, 0, 'more dead letters')
  },
  async 'max-length-bytes bounds the bodies'({ channel, queue }) {
    const name = await queue({ arguments: { 'x-max-length-bytes': 20 } })
    await send(channel, name, ['a'.repeat(8), 'b'.repeat(8), 'c'.repeat(8)])
    same((await drained(channel, name)).map(textOf), ['b'.repeat(8), 'c'.repeat(8)], 'kept')
  },
  async 'dead letters: rejected, again and again, with their history'({ channel, exchange }) {
    const x = await exchange('direct')
    const work = freshName('work')
    const wait = freshName('wait')
    await channel.assertQueue(work, { deadLetterExchange: x, deadLetterRoutingKey: 'again' })
    await channel.assertQueue(wait, { messageTtl: 30, deadLetterExchange: '', deadLetterRoutingKey: work })
    await channel.bindQueue(wait, x, 'again')
    const inbox = await Inbox.open(channel, work)
    await send(channel, work, ['m'], { headers: { own: 1 } })
    for (let n = 0; n < 2; n++) {
      const [message] = await inbox.next(1)
      if (message !== undefined) channel.reject(message, false)
    }
    const [third] = await inbox.next(1)
    same(
      deathsOf(third).map(shown),
      [`${wait} expired 2 '${x}' again`, `${work} rejected 2 '' ${work}`],
      'x-death',
    )
    const headers = (third?.properties.headers ?? {}) as Record<string, unknown>
    same(
      [headers['x-first-death-queue'], headers['x-first-death-reason'], headers['x-first-death-exchange']],
      [work, 'rejected', ''],
      'the first death',
    )
    same(
      [headers['x-last-death-queue'], headers['x-last-death-reason'], headers.own],
      [wait, 'expired', 1],
      'the last death',
    )
    if (third !== undefined) channel.ack(third)
    await channel.deleteQueue(work)
    await channel.deleteQueue(wait)
  },
  async 'dead letters keep their key, and a cycle without a rejection ends'({ channel, queue }) {
    const loop = freshName('loop')
    await channel.assertQueue(loop, { messageTtl: 30, deadLetterExchange: '' })
    await send(channel, loop, ['round'])
    await new Promise(resolve => setTimeout(resolve, 200))
    same((await channel.checkQueue(loop)).messageCount, 0, 'messages in the cycle')
    await channel.deleteQueue(loop)
    const name = await queue({ deadLetterExchange: 'amq.topic' })
    const dead = await queue()
    await channel.bindQueue(dead, 'amq.topic', name)
    await send(channel, name, ['x'])
    const message = await channel.get(name)
    if (message !== false) channel.nack(message, false, false)
    same((await arrived(channel, dead, 1)).length, 1, 'dead letters by the same key')
  },
  async 'delivery limit of a quorum queue: counted, then dead-lettered'({ channel, queue }) {
    const dead = await queue()
    const name = await queue({
      deadLetterExchange: '',
      deadLetterRoutingKey: dead,
      arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 2 },
    })
    await send(channel, name, ['m'])
    const inbox = await Inbox.open(channel, name)
    const counts: unknown[] = []
    for (let n = 0; n < 3; n++) {
      const [message] = await inbox.next(1)
      counts.push(message?.properties.headers?.['x-delivery-count'])
      if (message !== undefined) channel.reject(message, true)
    }
    same(
      counts,
      [undefined, 1, 2].map(one => one ?? null),
      'x-delivery-count',
    )
    const [gone] = await arrived(channel, dead, 1)
    same(deathsOf(gone).map(shown), [`${name} delivery_limit 1 '' ${name}`], 'x-death')
  },
  async 'a quorum queue that is not durable, an expiration that is no number: refused (406)'({
    open,
    queue,
  }) {
    const first = await open()
    const transient = await refusalOf(first, () =>
      first.assertQueue(freshName('q'), { durable: false, arguments: { 'x-queue-type': 'quorum' } }),
    )
    same(transient.code, 406, 'not durable')
    const name = await queue()
    const second = await open()
    const soon = await refusalOf(second, () =>
      second.sendToQueue(name, Buffer.from('x'), { expiration: 'soon' }),
    )
    same(soon.code, 406, 'expiration')
    const third = await open()
    const ttl = await refusalOf(third, () =>
      third.assertQueue(freshName('q'), { arguments: { 'x-message-ttl': 'soon' } }),
    )
    same(ttl.code, 406, 'argument')
  },
  async 'streams: first, last, next, number, timestamp; offsets are told; acknowledged with prefetch'({
    channel,
    open,
  }) {
    const name = freshName('stream')
    await channel.assertQueue(name, { arguments: { 'x-queue-type': 'stream' } })
    await send(channel, name, ['0', '1'])
    await new Promise(resolve => setTimeout(resolve, 1100))
    const between = Math.floor(Date.now() / 1000)
    await send(channel, name, ['2', '3'])
    const read = async (offset: unknown, count: number) => {
      const reader = await open()
      await reader.prefetch(10)
      const inbox = await Inbox.open(reader, name, { arguments: { 'x-stream-offset': offset } })
      const found = await inbox.next(count)
      for (const message of found) reader.ack(message)
      await reader.close()
      return found
    }
    const first = await read('first', 4)
    same(textsOf(first), ['0', '1', '2', '3'], 'first')
    same(
      first.map(({ properties }) => properties.headers?.['x-stream-offset']),
      [0, 1, 2, 3],
      'x-stream-offset',
    )
    same(textsOf(await read(2, 2)), ['2', '3'], 'number')
    same(textsOf(await read({ '!': 'timestamp', value: between }, 2)), ['2', '3'], 'timestamp')
    const last = textsOf(await read('last', 1))
    if (!['0', '2', '3'].includes(last[0] ?? '')) throw new Error(`last begins at ${last}`)
    const next = await open()
    await next.prefetch(10)
    const inbox = await Inbox.open(next, name, { arguments: { 'x-stream-offset': 'next' } })
    await send(channel, name, ['4'])
    same(textsOf(await inbox.next(1)), ['4'], 'next')
    await channel.deleteQueue(name)
  },
  async 'streams: a filter, no prefetch, purging'({ channel, open, connection }) {
    const name = freshName('stream')
    await channel.assertQueue(name, { arguments: { 'x-queue-type': 'stream' } })
    for (const color of ['red', 'blue', 'red'])
      channel.sendToQueue(name, Buffer.from(color), { headers: { 'x-stream-filter-value': color } })
    channel.sendToQueue(name, Buffer.from('none'))
    await channel.waitForConfirms()
    const reader = await open()
    await reader.prefetch(10)
    const args = { 'x-stream-offset': 'first', 'x-stream-filter': 'blue', 'x-stream-match-unfiltered': true }
    const inbox = await Inbox.open(reader, name, { arguments: args })
    same(textsOf(await inbox.next(2)), ['blue', 'none'], 'filtered')
    const unbounded = await open()
    same((await refusalOf(unbounded, () => unbounded.consume(name, () => {}))).code, 406, 'without prefetch')
    await channel.deleteQueue(name)
    await connection.close()
  },
}
