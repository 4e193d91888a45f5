// amqplib, driven for the AMQP suites: a connection and a channel for the length of one case, and what cases ask for again
// and again: the next messages, the counts of a queue, why a channel or a connection was closed.

import amqplib, {
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  type ConsumeMessage,
  type GetMessage,
  type Options,
} from 'amqplib'
import { until } from '../report.ts'

/** What the server closed a channel or a connection with. */
export interface Refusal {
  readonly code: number | undefined
  readonly message: string
}

export interface Scene {
  readonly connection: ChannelModel
  readonly channel: ConfirmChannel
  /** Another channel of the connection. */
  open(): Promise<Channel>
  /** Names of this case alone, deleted with it. */
  queue(options?: Options.AssertQueue): Promise<string>
  exchange(type: string, options?: Options.AssertExchange): Promise<string>
}

let names = 0

/** A name that no other case has. */
export function freshName(kind: string): string {
  return `interop-${kind}-${process.pid}-${++names}`
}

/** Connects, opens a channel with confirms, and closes the connection when `body` is done. */
export async function scene<T>(url: string, body: (scene: Scene) => Promise<T>): Promise<T> {
  const connection = await amqplib.connect(url)
  connection.on('error', () => {})
  try {
    const channel = await connection.createConfirmChannel()
    channel.on('error', () => {})
    return await body({
      connection,
      channel,
      async open() {
        const other = await connection.createChannel()
        other.on('error', () => {})
        return other
      },
      queue: async options => (await channel.assertQueue(freshName('q'), options)).queue,
      async exchange(type, options) {
        return (await channel.assertExchange(freshName('x'), type, options)).exchange
      },
    })
  } finally {
    await connection.close().catch(() => {})
  }
}

/** Publishes texts to a queue and waits until they are confirmed. */
export async function send(
  channel: ConfirmChannel,
  queue: string,
  texts: readonly string[],
  options?: Options.Publish,
): Promise<void> {
  for (const text of texts) channel.sendToQueue(queue, Buffer.from(text), options)
  await channel.waitForConfirms()
}

/** Messages as they come; `next` waits for as many more. */
export class Inbox {
  readonly messages: ConsumeMessage[] = []
  cancelled = false
  tag = ''

  static async open(channel: Channel, queue: string, options?: Options.Consume): Promise<Inbox> {
    const inbox = new Inbox()
    const { consumerTag } = await channel.consume(
      queue,
      message => {
        if (message === null) inbox.cancelled = true
        else inbox.messages.push(message)
      },
      options,
    )
    inbox.tag = consumerTag
    return inbox
  }

  /** Takes the next `count` messages. */
  async next(count: number): Promise<ConsumeMessage[]> {
    await until(`${count} messages (there are ${this.messages.length})`, () =>
      this.messages.length >= count ? true : undefined,
    )
    return this.messages.splice(0, count)
  }
}

export const textOf = ({ content }: ConsumeMessage | GetMessage): string => content.toString()
export const textsOf = (messages: readonly ConsumeMessage[]): string[] => messages.map(textOf)

/** Everything that is in the queue, fetched and acknowledged. */
export async function drained(channel: Channel, queue: string): Promise<GetMessage[]> {
  const found: GetMessage[] = []
  for (;;) {
    const message = await channel.get(queue, { noAck: true })
    if (message === false) return found
    found.push(message)
  }
}

/** Waits for `count` messages in the queue, by asking; gives them. */
export async function arrived(channel: Channel, queue: string, count: number): Promise<GetMessage[]> {
  const found: GetMessage[] = []
  const end = performance.now() + 10_000
  while (found.length < count) {
    const message = await channel.get(queue, { noAck: true })
    if (message !== false) found.push(message)
    else if (performance.now() > end) throw new Error(`${queue}: ${found.length} of ${count} messages came`)
    else await new Promise(resolve => setTimeout(resolve, 10))
  }
  return found
}

/** What the server closes the channel with after `act`; also when `act` itself fails. */
export async function refusalOf(channel: Channel, act: () => unknown): Promise<Refusal> {
  const closed = new Promise<Refusal>((resolve, reject) => {
    channel.once('error', error => resolve(refusal(error)))
    setTimeout(() => reject(new Error('nothing was refused within 5 s')), 5000).unref()
  })
  await Promise.resolve()
    .then(act)
    .catch(() => {})
  return closed
}

/** The same of the connection. */
export async function hardRefusalOf(connection: ChannelModel, act: () => unknown): Promise<Refusal> {
  const closed = new Promise<Refusal>((resolve, reject) => {
    connection.once('error', error => resolve(refusal(error)))
    setTimeout(() => reject(new Error('nothing was refused within 5 s')), 5000).unref()
  })
  await Promise.resolve()
    .then(act)
    .catch(() => {})
  return closed
}

function refusal(error: unknown): Refusal {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return {
    code: typeof code === 'number' ? code : undefined,
    message: error instanceof Error ? error.message : String(error),
  }
}
