// Reply codes: the table of the specification, the texts, and where errors of others go.

import { describe, expect, it } from 'vitest'
import { BrokerError, brokerErrors } from '../../broker/errors.ts'
import { WireError } from '../../bytes/index.ts'
import { AmqpError, amqpErrorOf, type ReplyName, replies, replyOfBroker } from './errors.ts'
import { BasicPublish, QueueDeclare } from './wire/index.ts'

describe('reply codes (specification section 1.2)', () => {
  it('close the channel when they are soft, the connection when they are hard', () => {
    const codes = (scope: string) =>
      Object.values(replies).flatMap(one => (one.scope === scope ? [one.code] : []))
    expect(codes('soft')).toEqual([311, 312, 313, 403, 404, 405, 406])
    expect(codes('hard')).toEqual([320, 402, 501, 502, 503, 504, 505, 506, 530, 540, 541])
  })

  it('stand for every code of the broker', () => {
    expect(Object.keys(replyOfBroker).sort()).toEqual(Object.keys(brokerErrors).sort())
  })

  it.each<[keyof typeof brokerErrors, ReplyName]>([
    ['QUEUE_UNKNOWN', 'NOT_FOUND'],
    ['EXCHANGE_UNKNOWN', 'NOT_FOUND'],
    ['QUEUE_DIFFERS', 'PRECONDITION_FAILED'],
    ['EXCHANGE_DIFFERS', 'PRECONDITION_FAILED'],
    ['QUEUE_LOCKED', 'RESOURCE_LOCKED'],
    ['EXCHANGE_RESERVED', 'ACCESS_REFUSED'],
    ['CONSUMER_EXCLUDED', 'ACCESS_REFUSED'],
    ['VHOST_UNKNOWN', 'NOT_ALLOWED'],
  ])('%s is %s', (code, reply) => {
    const { error, unexpected } = amqpErrorOf(new BrokerError(code, 'why'), QueueDeclare)
    expect(error).toMatchObject({ reply, message: 'why', classId: 50, methodId: 10 })
    expect(unexpected).toBe(false)
  })
})

describe('a reply text', () => {
  it('begins with the name of the code, as RabbitMQ words it', () => {
    const error = new AmqpError('NOT_FOUND', "no queue 'x' in vhost '/'", QueueDeclare)
    expect(error.text).toBe("NOT_FOUND - no queue 'x' in vhost '/'")
    expect([error.code, error.classId, error.methodId]).toEqual([404, 50, 10])
  })

  it.each([
    ['ASCII', 'x'.repeat(300), 255],
    ['characters of two bytes', 'ü'.repeat(200), 254],
    ['characters of four bytes', '🐇'.repeat(100), 255],
  ])('is cut to a short string: %s', (_title, message, bytes) => {
    const { text } = new AmqpError('NOT_FOUND', message)
    expect(text).toMatch(/\.\.\.$/)
    expect(text).not.toContain('\ufffd')
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(255)
    expect(Buffer.byteLength(text)).toBeGreaterThanOrEqual(bytes - 3)
  })

  it('of exactly 255 bytes stays whole', () => {
    expect(new AmqpError('NOT_FOUND', 'x'.repeat(243)).text).toHaveLength(255)
  })
})

describe('errors of others', () => {
  it('keep the method they know', () => {
    const error = new AmqpError('NOT_FOUND', 'why', BasicPublish)
    expect(amqpErrorOf(error, QueueDeclare).error).toBe(error)
    expect(amqpErrorOf(new AmqpError('NOT_FOUND', 'why'), QueueDeclare).error.classId).toBe(50)
  })

  it('of bytes are SYNTAX_ERROR', () => {
    expect(amqpErrorOf(new WireError('WIRE_TRUNCATED', 1, 'why')).error.code).toBe(502)
  })

  it('that nobody expects are told apart, and say nothing of themselves', () => {
    const { error, unexpected } = amqpErrorOf(new TypeError('secret'))
    expect(unexpected).toBe(true)
    expect(error.code).toBe(541)
    expect(error.text).not.toContain('secret')
  })
})
