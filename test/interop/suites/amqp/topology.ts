// Queues, exchanges and bindings, through amqplib: every kind declared, found and refused, and where messages go.

import { arrived, drained, freshName, refusalOf, type Scene, send, textOf } from '../../clients/amqplib.ts'
import { has, same } from '../../report.ts'

type Case = (scene: Scene) => Promise<void>

export const topology: Readonly<Record<string, Case>> = {
  async 'declares every type of exchange, finds it, and deletes it'({ channel, exchange }) {
    for (const type of [
      ...['direct', 'fanout', 'topic', 'headers', 'x-consistent-hash', 'x-modulus-hash', 'x-random'],
    ]) {
      const name = await exchange(type)
      await channel.checkExchange(name)
      await channel.assertExchange(name, type)
      await channel.deleteExchange(name)
    }
    for (const name of ['amq.direct', 'amq.fanout', 'amq.topic', 'amq.headers', 'amq.match'])
      await channel.checkExchange(name)
  },
  async 'declares a queue again as it is, and is told how many messages and consumers it has'({
    channel,
    queue,
  }) {
    const name = await queue({ arguments: { 'x-max-length': 10 } })
    await send(channel, name, ['a', 'b'])
    await channel.prefetch(1)
    const again = await channel.assertQueue(name, { arguments: { 'x-max-length': 10 } })
    same([again.messageCount, again.consumerCount], [2, 0], 'counts')
    const taker = await channel.consume(name, () => {})
    const checked = await channel.checkQueue(name)
    same([checked.messageCount, checked.consumerCount], [1, 1], 'counts with a consumer')
    await channel.cancel(taker.consumerTag)
    same((await channel.deleteQueue(name)).messageCount, 1, 'ready messages of the deleted queue')
  },
  async 'a server-named queue, and one that goes with its connection'({ channel, connection }) {
    const { queue } = await channel.assertQueue('', { exclusive: true })
    has(queue, /^amq\.gen-/, 'the name')
    await connection.close()
  },
  async 'an exclusive queue is locked to others (405)'({ channel, connection, open }) {
    const { queue } = await channel.assertQueue(freshName('exclusive'), { exclusive: true })
    await (await open()).checkQueue(queue)
    const { default: amqplib } = await import('amqplib')
    const other = await amqplib.connect(urlOf(connection))
    const theirs = await other.createChannel()
    const refused = await refusalOf(theirs, () => theirs.checkQueue(queue))
    same(refused.code, 405, 'code')
    await other.close()
  },
  async 'inequivalent declarations are refused (406)'({ queue, exchange, open }) {
    const name = await queue({ arguments: { 'x-message-ttl': 1000 } })
    const first = await open()
    const ttl = await refusalOf(first, () =>
      first.assertQueue(name, { arguments: { 'x-message-ttl': 2000 } }),
    )
    same(ttl.code, 406, 'code')
    has(ttl.message, /inequivalent arg 'x-message-ttl' for queue .* received .*2000.* current .*1000/, 'text')
    const second = await open()
    same((await refusalOf(second, () => second.assertQueue(name, { durable: false }))).code, 406, 'durable')
    const x = await exchange('direct')
    const third = await open()
    const type = await refusalOf(third, () => third.assertExchange(x, 'fanout'))
    same(type.code, 406, 'type')
    has(type.message, /inequivalent arg 'type' for exchange/, 'text')
  },
  async 'auto-delete: the queue with its last consumer, the exchange with its last binding'({
    channel,
    queue,
    exchange,
    open,
  }) {
    const name = await queue({ autoDelete: true, durable: false })
    const x = await exchange('fanout', { autoDelete: true })
    await channel.bindQueue(name, x, '')
    const { consumerTag } = await channel.consume(name, () => {})
    await channel.cancel(consumerTag)
    const first = await open()
    same((await refusalOf(first, () => first.checkQueue(name))).code, 404, 'the queue')
    const second = await open()
    same((await refusalOf(second, () => second.checkExchange(x))).code, 404, 'the exchange')
  },
  async 'direct, fanout and topic exchanges route, unbinding ends it'({ channel, queue, exchange }) {
    const [one, two] = [await queue(), await queue()]
    const direct = await exchange('direct')
    await channel.bindQueue(one, direct, 'one')
    const topic = await exchange('topic')
    await channel.bindQueue(one, topic, 'a.*.c')
    await channel.bindQueue(two, topic, 'a.#')
    const fanout = await exchange('fanout')
    await channel.bindQueue(one, fanout, '')
    await channel.bindQueue(two, fanout, '')
    for (const [x, key] of [
      ...([
        [direct, 'one'],
        [direct, 'two'],
        [topic, 'a.b.c'],
        [topic, 'a'],
        [topic, 'b.b.c'],
        [fanout, 'any'],
      ] as const),
    ])
      channel.publish(x, key, Buffer.from(key))
    await channel.waitForConfirms()
    same((await drained(channel, one)).map(textOf), ['one', 'a.b.c', 'any'], 'queue one')
    same((await drained(channel, two)).map(textOf), ['a.b.c', 'a', 'any'], 'queue two')
    await channel.unbindQueue(one, direct, 'one')
    channel.publish(direct, 'one', Buffer.from('x'))
    await channel.waitForConfirms()
    same((await drained(channel, one)).length, 0, 'messages after unbind')
  },
  async 'headers exchange: all, any and with-x'({ channel, queue, exchange }) {
    const x = await exchange('headers')
    const [all, any, withX] = [await queue(), await queue(), await queue()]
    await channel.bindQueue(all, x, '', { 'x-match': 'all', a: 1, b: 'two' })
    await channel.bindQueue(any, x, '', { 'x-match': 'any', a: 1, b: 'two' })
    await channel.bindQueue(withX, x, '', { 'x-match': 'all-with-x', 'x-a': true })
    const publish = (text: string, headers: Record<string, unknown>) =>
      channel.publish(x, '', Buffer.from(text), { headers })
    publish('both', { a: 1, b: 'two' })
    publish('one', { a: 1 })
    publish('none', { c: 1 })
    publish('x', { 'x-a': true })
    await channel.waitForConfirms()
    same((await drained(channel, all)).map(textOf), ['both'], 'all')
    same((await drained(channel, any)).map(textOf), ['both', 'one'], 'any')
    same((await drained(channel, withX)).map(textOf), ['x'], 'all-with-x')
  },
  async 'exchange-to-exchange bindings, an internal exchange, an alternate exchange'({
    channel,
    queue,
    exchange,
    open,
  }) {
    const [routed, rest] = [await queue(), await queue()]
    const unrouted = await exchange('fanout')
    const from = await exchange('topic', { alternateExchange: unrouted })
    const inner = await exchange('direct', { internal: true })
    await channel.bindExchange(inner, from, '#.in')
    await channel.bindQueue(routed, inner, 'x.in')
    await channel.bindQueue(rest, unrouted, '')
    channel.publish(from, 'x.in', Buffer.from('in'))
    channel.publish(from, 'x.out', Buffer.from('out'))
    await channel.waitForConfirms()
    same((await drained(channel, routed)).map(textOf), ['in'], 'through the internal exchange')
    same((await drained(channel, rest)).map(textOf), ['out'], 'of the alternate exchange')
    const other = await open()
    const refused = await refusalOf(other, () => other.publish(inner, 'x.in', Buffer.from('x')))
    same(refused.code, 403, 'publishing to an internal exchange')
    await channel.unbindExchange(inner, from, '#.in')
  },
  async 'consistent hash: one key goes to one queue, many keys to all'({ channel, queue, exchange }) {
    const x = await exchange('x-consistent-hash')
    const queues = [await queue(), await queue()]
    for (const one of queues) await channel.bindQueue(one, x, '1')
    for (let n = 0; n < 200; n++) channel.publish(x, `key ${n % 50}`, Buffer.from(`${n % 50}`))
    await channel.waitForConfirms()
    const [left = [], right = []] = await Promise.all(
      queues.map(async one => (await drained(channel, one)).map(textOf)),
    )
    same(left.length + right.length, 200, 'messages')
    same(
      left.filter(text => right.includes(text)),
      [],
      'keys that went to both',
    )
    if (left.length === 0 || right.length === 0) throw new Error('all went to one queue')
  },
  async 'delayed exchange: later ones come later'({ channel, queue }) {
    const x = freshName('delayed')
    await channel.assertExchange(x, 'x-delayed-message', { arguments: { 'x-delayed-type': 'direct' } })
    const name = await queue()
    await channel.bindQueue(name, x, 'k')
    channel.publish(x, 'k', Buffer.from('late'), { headers: { 'x-delay': 400 } })
    channel.publish(x, 'k', Buffer.from('soon'), { headers: { 'x-delay': 100 } })
    channel.publish(x, 'k', Buffer.from('now'))
    await channel.waitForConfirms()
    const began = performance.now()
    same((await arrived(channel, name, 3)).map(textOf), ['now', 'soon', 'late'], 'order')
    const took = performance.now() - began
    if (took < 200) throw new Error(`the last came after ${Math.round(took)} ms`)
    await channel.deleteExchange(x)
  },
  async 'CC and BCC: both route, BCC is not shown'({ channel, queue }) {
    const [a, b, c] = [await queue(), await queue(), await queue()]
    channel.sendToQueue(a, Buffer.from('m'), { CC: [b], BCC: [c] })
    await channel.waitForConfirms()
    for (const name of [a, b, c]) {
      const [message] = await drained(channel, name)
      same(message?.properties.headers, { CC: [b] }, `headers in ${name}`)
    }
  },
  async 'deletes what is not there, unbinds what is not bound'({ channel, queue, exchange }) {
    await channel.deleteQueue(freshName('never'))
    await channel.deleteExchange(freshName('never'))
    await channel.unbindQueue(await queue(), await exchange('direct'), 'never')
  },
  async 'if-unused and if-empty refuse (406)'({ channel, queue, exchange, open }) {
    const name = await queue()
    await send(channel, name, ['x'])
    const first = await open()
    same((await refusalOf(first, () => first.deleteQueue(name, { ifEmpty: true }))).code, 406, 'if-empty')
    await channel.consume(name, () => {})
    const second = await open()
    same((await refusalOf(second, () => second.deleteQueue(name, { ifUnused: true }))).code, 406, 'if-unused')
    const x = await exchange('fanout')
    await channel.bindQueue(name, x, '')
    const third = await open()
    same((await refusalOf(third, () => third.deleteExchange(x, { ifUnused: true }))).code, 406, 'exchange')
  },
}

/** The address that a connection was made to. */
function urlOf({ connection }: Scene['connection']): string {
  const { remotePort } = (connection as unknown as { stream: { remotePort: number } }).stream
  return `amqp://guest:guest@127.0.0.1:${remotePort}`
}
