// The four operations of message queuing, for the program that the broker runs in, and what other protocols see of them.

import amqplib from 'amqplib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningBroker, start } from './index.ts'

let broker: RunningBroker
beforeEach(async () => {
  broker = await start({ amqp: true })
})
afterEach(() => broker.close())

describe('a queue in the process', () => {
  it('puts, polls, gets and notifies', async () => {
    const queue = await broker.queue('jobs')
    expect(await queue.poll()).toBeUndefined()
    const calls: string[] = []
    queue.notify(() => calls.push('there is something'))
    const waiting = queue.get()
    await queue.put('one', { headers: { colour: 'red' }, key: 'k' })
    const one = await waiting
    expect([one.body.toString(), one.key?.toString(), one.headers.get('colour'), one.redelivered]).toEqual([
      'one',
      'k',
      'red',
      false,
    ])
    one.release()
    const again = await queue.poll()
    expect([again?.body.toString(), again?.redelivered]).toEqual(['one', true])
    again?.accept()
    expect([queue.count, calls.length]).toEqual([0, 1])
  })

  it('ends its waiting by a signal', async () => {
    const queue = await broker.queue('jobs')
    const abort = new AbortController()
    const waiting = queue.get({ signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })

  it('shares its messages with AMQP clients, both ways', async () => {
    const queue = await broker.queue('jobs')
    const connection = await amqplib.connect(broker.amqp?.url ?? '')
    const channel = await connection.createConfirmChannel()
    await queue.put('from here', { headers: { n: '1' } })
    const got = await channel.get('jobs', { noAck: true })
    expect(got && [got.content.toString(), got.properties.headers?.n]).toEqual(['from here', '1'])
    channel.sendToQueue('jobs', Buffer.from('from there'), { headers: { n: 2 } })
    await channel.waitForConfirms()
    const taken = await queue.get()
    expect([taken.body.toString(), taken.headers.get('n')]).toEqual(['from there', 2])
    taken.accept()
    await connection.close()
  })

  it('refuses what is a topic', async () => {
    const connection = await amqplib.connect(broker.amqp?.url ?? '')
    const channel = await connection.createChannel()
    await channel.assertQueue('s', { durable: true, arguments: { 'x-queue-type': 'stream' } })
    await expect(broker.queue('s')).rejects.toMatchObject({ code: 'SERVER_CONFIG_INVALID' })
    await connection.close()
  })
})
