import { describe, expect, it } from 'vitest'
import { parseBrokers } from './options.ts'
import { parseStart } from './start.ts'
import { parseTarget } from './target.ts'

describe('broker addresses', () => {
  it.each([
    ['a', [{ host: 'a', port: 9092 }]],
    [
      'a:1, b:2,',
      [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    ],
    ['[::1]:9', [{ host: '::1', port: 9 }]],
    ['[::1]', [{ host: '::1', port: 9092 }]],
  ])('reads %s', (text, addresses) => {
    expect(parseBrokers(text)).toEqual(addresses)
  })

  it.each(['', ',', 'a:0', 'a:65536', 'a:b', '::1', 'u@a:1', 'http://a'])('refuses %j', text => {
    expect(() => parseBrokers(text)).toThrow(/--brokers names no broker|is no broker address/)
  })
})

describe('the URL of a topic', () => {
  it.each([
    ['kafka://a:1/t', { topic: 't', brokers: 'a:1' }],
    ['kafka://a:1,b:2/t.x', { topic: 't.x', brokers: 'a:1,b:2' }],
    ['kafka:///t', { topic: 't', brokers: undefined }],
  ])('reads %s', (text, target) => {
    expect(parseTarget(text)).toEqual(target)
  })

  it.each(['t', 'kafka://a:1', 'kafka://a/', 'kafka://a/b/c', 'amqp://a/t'])('refuses %s', text => {
    expect(() => parseTarget(text)).toThrow(/not the URL of a topic/)
  })
})

describe('where to begin', () => {
  const now = Date.UTC(2026, 0, 31, 12)

  it.each([
    ['start', { at: 'start' }],
    ['latest', { at: 'end' }],
    ['0', { at: 'offset', offset: 0 }],
    ['-5', { at: 'last', count: 5 }],
    ['90s', { at: 'time', ms: now - 90_000 }],
    ['2026-01-31T12:00:00Z', { at: 'time', ms: now }],
    ['2026-01-31', { at: 'time', ms: Date.UTC(2026, 0, 31) }],
  ])('reads %s', (text, start) => {
    expect(parseStart(text, '--from', now)).toEqual(start)
  })

  it.each(['', 'soon', '1.5', '5x', '2026-99-99'])('refuses %j', text => {
    expect(() => parseStart(text, '--from', now)).toThrow(/--from cannot be/)
  })
})
