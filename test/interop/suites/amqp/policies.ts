// What administrators decide while clients are there: policies, alarms, how long a consumer may hold a message; through
// amqplib.

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
import type { Administered, Case } from './administered.ts'

/** How often a broker looks for consumers that hold a message too long, ms, and some more. */
const CONSUMER_CHECK_MS = 15_000

/** A policy for the things of these names as long as `body` runs. */
async function withPolicy(
  { ask }: Administered,
  kind: 'policies' | 'operator-policies',
  policy: { readonly pattern: string; readonly definition: object; readonly 'apply-to'?: string },
  body: () => Promise<void>,
): Promise<void> {
  const path = `${kind}/%2F/of-${policy.pattern.replace(/\W/g, '')}`
  await ask('PUT', path, { 'apply-to': 'queues', ...policy })
  try {
    await body()
  } finally {
    await ask('DELETE', path)
  }
}

async function countOf({ channel }: Scene, queue: string): Promise<number> {
  return (await channel.checkQueue(queue)).messageCount
}

async function refusalsOf({ channel }: Scene, queue: string, texts: readonly string[]): Promise<boolean[]> {
  const told = (text: string) =>
    new Promise<boolean>(resolve =>
      channel.sendToQueue(queue, Buffer.from(text), {}, error => resolve(error instanceof Error)),
    )
  return Promise.all(texts.map(told))
}

export const policies: Readonly<Record<string, Case>> = {
  async 'a policy: time to live and dead letters of a queue that is there, until it is taken away'(
    host,
    scene,
  ) {
    const { channel, queue } = scene
    const dead = await queue()
    await channel.assertQueue('lived-in')
    await send(channel, 'lived-in', ['old'])
    const definition = { 'message-ttl': 50, 'dead-letter-exchange': '', 'dead-letter-routing-key': dead }
    await withPolicy(host, 'policies', { pattern: '^lived-in$', definition }, async () => {
      same((await arrived(channel, dead, 1)).map(textOf), ['old'], 'what was there before the policy')
      await send(channel, 'lived-in', ['new'])
      same((await arrived(channel, dead, 1)).map(textOf), ['new'], 'what came after it')
    })
    await send(channel, 'lived-in', ['stays'])
    await new Promise(resolve => setTimeout(resolve, 200))
    same(await countOf(scene, 'lived-in'), 1, 'messages without the policy')
    await channel.deleteQueue('lived-in')
  },
  async 'policies: the higher priority, the lower of two bounds, an operator over all'(host, scene) {
    const { channel } = scene
    await channel.assertQueue('bounded', { arguments: { 'x-max-length': 8 } })
    const lowly = { pattern: '^bounde', definition: { 'max-length': 5 }, priority: 1 }
    const higher = {
      pattern: '^bounded',
      definition: { 'max-length': 6, overflow: 'reject-publish' },
      priority: 2,
    }
    const operator = { pattern: '^bound', definition: { 'max-length': 3 } }
    const texts = ['1', '2', '3', '4', '5', '6', '7']
    const kept = async () => {
      await refusalsOf(scene, 'bounded', texts)
      return (await drained(channel, 'bounded')).map(textOf)
    }
    await withPolicy(host, 'policies', lowly, async () => {
      same(await kept(), texts.slice(2), 'with the policy: the oldest are dropped')
      await withPolicy(host, 'policies', higher, async () => {
        same(await kept(), texts.slice(0, 6), 'with the higher one: publishing is refused')
        await withPolicy(host, 'operator-policies', operator, async () =>
          same(await kept(), texts.slice(0, 3), 'with the operator'),
        )
      })
    })
    same(await kept(), texts, 'without any')
    await channel.deleteQueue('bounded')
  },
  async 'a policy: an alternate exchange, and a delivery limit'(host, scene) {
    const { channel, queue, open } = scene
    const lost = await queue()
    await channel.assertExchange('leaky', 'direct')
    await channel.bindQueue(lost, 'amq.fanout', '')
    const leaky = {
      pattern: '^leaky$',
      definition: { 'alternate-exchange': 'amq.fanout' },
      'apply-to': 'exchanges',
    }
    await withPolicy(host, 'policies', leaky, async () => {
      channel.publish('leaky', 'nobody', Buffer.from('caught'))
      same((await arrived(channel, lost, 1)).map(textOf), ['caught'], 'by the alternate exchange')
    })
    channel.publish('leaky', 'nobody', Buffer.from('lost'))
    await channel.waitForConfirms()
    same(await countOf(scene, lost), 0, 'without the policy')
    await channel.assertQueue('limited', { arguments: { 'x-queue-type': 'quorum' } })
    const limited = {
      pattern: '^limited$',
      definition: { 'delivery-limit': 1, 'dead-letter-exchange': '', 'dead-letter-routing-key': lost },
    }
    await withPolicy(host, 'policies', limited, async () => {
      await send(channel, 'limited', ['m'])
      const reader = await open()
      const inbox = await Inbox.open(reader, 'limited')
      for (let n = 0; n < 2; n++) {
        const [message] = await inbox.next(1)
        if (message !== undefined) reader.reject(message, true)
      }
      same((await arrived(channel, lost, 1)).map(textOf), ['m'], 'after two deliveries')
    })
    await channel.deleteQueue('limited')
    await channel.deleteExchange('leaky')
  },
  async 'connection.blocked and unblocked: publishers wait and lose nothing, consumers go on'(host, scene) {
    const { channel, connection, queue } = scene
    const told: string[] = []
    connection.on('blocked', reason => told.push(`blocked: ${reason}`))
    connection.on('unblocked', () => told.push('unblocked'))
    const name = await queue()
    await send(channel, name, ['before'])
    const nodes = (await host.ask('GET', 'nodes')).json as readonly { readonly name: string }[]
    const watermark = `nodes/${nodes[0]?.name}/memory-high-watermark`
    await host.ask('PUT', watermark, { value: 0 })
    try {
      await until('blocked', () => (told.length > 0 ? true : undefined), 5000)
      let confirmed = false
      channel.sendToQueue(name, Buffer.from('during'), {}, () => {
        confirmed = true
      })
      const { default: amqplib } = await import('amqplib')
      const reading = await amqplib.connect(host.url())
      const inbox = await Inbox.open(await reading.createChannel(), name, { noAck: true })
      same(textsOf(await inbox.next(1)), ['before'], 'what a consumer gets meanwhile')
      if (confirmed) throw new Error('a message was confirmed while publishers were blocked')
      await host.ask('PUT', watermark, { value: null } as object)
      same(textsOf(await inbox.next(1)), ['during'], 'what was published meanwhile')
      await until('the confirm', () => (confirmed ? true : undefined), 5000)
      await reading.close()
    } finally {
      await host.ask('PUT', watermark, { value: null } as object)
    }
    same(told, ['blocked: low on memory', 'unblocked'], 'what the publisher was told')
  },
  async 'consumer timeout: the channel of who holds a message too long is closed (406), and the message comes back'(
    _,
    { channel, open },
  ) {
    const name = 'held'
    await channel.assertQueue(name, { arguments: { 'x-consumer-timeout': 1000 } })
    await send(channel, name, ['m'])
    const slow = await open()
    const refusal = new Promise<unknown>(resolve => slow.once('error', resolve))
    const inbox = await Inbox.open(slow, name)
    await inbox.next(1)
    const late = new Promise<never>((_resolve, reject) =>
      setTimeout(() => reject(new Error('the channel is still open')), CONSUMER_CHECK_MS).unref(),
    )
    const error = (await Promise.race([refusal, late])) as {
      readonly code?: number
      readonly message?: string
    }
    same(error.code, 406, 'the code')
    has(String(error.message), /delivery acknowledgement on channel \d+ timed out.*1000 ms/, 'the text')
    const [again] = await drained(channel, name)
    same([again?.fields.redelivered, again?.content.toString()], [true, 'm'], 'the message')
    const other = await open()
    const missing = await refusalOf(other, () => other.checkQueue('nowhere'))
    same(missing.code, 404, 'the connection goes on')
    await channel.deleteQueue(name)
  },
}
