import { describe, expect, it } from 'vitest'
import { parseFieldValue } from './fields.ts'
import { parseAmqpUrl } from './url.ts'

const plain = { tls: false, host: '127.0.0.1', port: 5672, user: undefined, password: undefined, vhost: '/' }

describe('URLs of brokers', () => {
  it.each([
    ['amqp://', plain],
    ['amqp://h', { ...plain, host: 'h' }],
    ['amqps://h/', { ...plain, tls: true, host: 'h', port: 5671 }],
    ['amqp://[::1]:1/v', { ...plain, host: '::1', port: 1, vhost: 'v' }],
    ['amqp://u%40x:p%3Aq:r@h/%2F', { ...plain, host: 'h', user: 'u@x', password: 'p:q:r' }],
    ['amqp://u@h', { ...plain, host: 'h', user: 'u' }],
    ['amqp:///%2F/q%2Fr', { ...plain, path: { to: 'queue', queue: 'q/r' } }],
    ['amqp:////q', { ...plain, path: { to: 'queue', queue: 'q' } }],
    ['amqp:///v/x/a.#', { ...plain, vhost: 'v', path: { to: 'exchange', exchange: 'x', routingKey: 'a.#' } }],
    ['amqp:///v/x/', { ...plain, vhost: 'v', path: { to: 'exchange', exchange: 'x', routingKey: '' } }],
  ])('reads %s', (text, url) => {
    expect(parseAmqpUrl(text)).toEqual({ path: { to: 'nothing' }, ...url })
  })

  it.each([
    'h',
    'kafka://h',
    'amqp://h:0',
    'amqp://h:99999',
    'amqp://h:x',
    'amqp://h/%zz',
    'amqp://h/v/x/k/more',
  ])('refuses %s', text => {
    expect(() => parseAmqpUrl(text)).toThrow(expect.objectContaining({ exit: 'usage' }))
  })
})

describe('values as they are typed', () => {
  it.each([
    ['5', 5],
    ['true', true],
    ['"5"', '5'],
    ['7D', '7D'],
    ['', ''],
    ['{"a":[1,"x"]}', new Map([['a', [1, 'x']]])],
  ])('reads %j', (text, value) => {
    expect(parseFieldValue(text)).toEqual(value)
  })
})
