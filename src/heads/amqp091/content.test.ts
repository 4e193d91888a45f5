// Content: put together from its frames, refused out of its turn, and never more memory than has come.

import { beforeEach, describe, expect, it } from 'vitest'
import { ContentAssembler } from './content.ts'
import { BasicPublish } from './wire/index.ts'
import { encodeProperties } from './wire/properties.ts'

const args = { reserved1: 0, exchange: '', routingKey: 'q', mandatory: false, immediate: false }
const raw = encodeProperties({ contentType: 'text/plain' })

function header(bytes: number, { classId = 60, properties = raw } = {}): Buffer {
  const prefix = Buffer.alloc(12)
  prefix.writeUInt16BE(classId, 0)
  prefix.writeUInt32BE(Math.floor(bytes / 2 ** 32), 4)
  prefix.writeUInt32BE(bytes % 2 ** 32, 8)
  return Buffer.concat([prefix, properties])
}

let content: ContentAssembler
beforeEach(() => {
  content = new ContentAssembler(1_000_000)
})

describe('a message', () => {
  it('in three frames, its body not copied', () => {
    const body = Buffer.from('hello')
    content.begin(BasicPublish, args)
    expect(content.header(header(5))).toBeUndefined()
    expect(content.isExpecting).toBe(true)
    const message = content.body(body)
    expect(message).toMatchObject({ method: BasicPublish, args })
    expect(message?.properties.contentType).toBe('text/plain')
    expect(message?.body).toBe(body)
    expect(content.isExpecting).toBe(false)
  })

  it('without a body is whole with its header', () => {
    content.begin(BasicPublish, args)
    expect(content.header(header(0))?.body).toEqual(Buffer.alloc(0))
    expect(content.isExpecting).toBe(false)
  })

  it.each([
    ['two', [60, 40]],
    ['unequal ones', [1, 98, 1]],
    ['some of them empty', [0, 50, 0, 50]],
    ['single bytes', Array<number>(100).fill(1)],
  ])('in several body frames: %s', (_title, sizes) => {
    const body = Buffer.from(Array.from({ length: 100 }, (_, n) => n))
    content.begin(BasicPublish, args)
    content.header(header(100))
    let at = 0
    const messages = sizes.map(size => {
      at += size
      return content.body(body.subarray(at - size, at))
    })
    expect(messages.slice(0, -1)).toEqual(messages.slice(0, -1).map(() => undefined))
    expect(messages.at(-1)?.body).toEqual(body)
  })

  it('comes after another without a trace of it', () => {
    for (const text of ['first', 'second one']) {
      content.begin(BasicPublish, args)
      content.header(header(text.length))
      content.body(Buffer.from(text.slice(0, 2)))
      expect(content.body(Buffer.from(text.slice(2)))?.body.toString()).toBe(text)
      expect(content.heldBytes).toBe(0)
    }
  })

  it('holds what has come, not what was announced', () => {
    content.begin(BasicPublish, args)
    content.header(header(1_000_000))
    expect(content.heldBytes).toBe(0)
    content.body(Buffer.alloc(10))
    expect(content.heldBytes).toBe(10)
  })

  it('of the largest size in small frames', () => {
    content.begin(BasicPublish, args)
    content.header(header(1_000_000))
    const part = Buffer.alloc(1000, 7)
    const messages = Array.from({ length: 1000 }, () => content.body(part))
    expect(messages.at(-1)?.body.equals(Buffer.alloc(1_000_000, 7))).toBe(true)
  })
})

describe('a frame out of its turn (reply code 505)', () => {
  it.each<[string, (content: ContentAssembler) => unknown, string]>([
    [
      'a header without a method',
      one => one.header(header(5)),
      'expected method, got a content header instead',
    ],
    [
      'a body without a method',
      one => one.body(Buffer.from('x')),
      'expected method, got a content body instead',
    ],
    [
      'a body before the header',
      one => {
        one.begin(BasicPublish, args)
        return one.body(Buffer.from('x'))
      },
      'expected content header, got a content body instead',
    ],
    [
      'a second header',
      one => {
        one.begin(BasicPublish, args)
        one.header(header(5))
        return one.header(header(5))
      },
      'expected content body, got a content header instead',
    ],
    [
      'a body after one that was whole',
      one => {
        one.begin(BasicPublish, args)
        one.header(header(0))
        return one.body(Buffer.alloc(0))
      },
      'expected method, got a content body instead',
    ],
    [
      'a header of another class',
      one => {
        one.begin(BasicPublish, args)
        return one.header(header(5, { classId: 50 }))
      },
      'expected content header for class 60, got one for class 50 instead',
    ],
  ])('%s', (_title, act, words) => {
    expect(() => act(content)).toThrow(expect.objectContaining({ code: 505, message: words }))
  })

  it('a method gives up what was begun', () => {
    content.begin(BasicPublish, args)
    expect(content.interrupted('method basic.ack')).toMatchObject({
      code: 505,
      message: 'expected content header, got method basic.ack instead',
    })
    expect(content.isExpecting).toBe(false)
  })
})

describe('a message that is refused', () => {
  it('because it is too large closes the channel, and is over', () => {
    content.begin(BasicPublish, args)
    expect(() => content.header(header(2 ** 40))).toThrow(
      expect.objectContaining({
        code: 406,
        scope: 'soft',
        classId: 60,
        methodId: 40,
        message: 'message size 1099511627776 is larger than configured max size 1000000',
      }),
    )
    expect(content.isExpecting).toBe(false)
  })

  it('because more comes than was announced', () => {
    content.begin(BasicPublish, args)
    content.header(header(5))
    content.body(Buffer.from('abc'))
    expect(() => content.body(Buffer.from('def'))).toThrow(expect.objectContaining({ code: 501 }))
  })

  it.each([
    ['the header is cut', Buffer.alloc(11), 501],
    ['the properties are broken', header(5, { properties: Buffer.from([0x80, 0]) }), 502],
  ])('because %s', (_title, payload, code) => {
    content.begin(BasicPublish, args)
    expect(() => content.header(payload)).toThrow(expect.objectContaining({ code }))
  })
})
