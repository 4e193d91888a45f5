// Content properties: against captured bytes, each by itself, absent against empty, edited, and damaged.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WireError } from '../../../bytes/index.ts'
import { propertyValues } from './arbitrary.contract.ts'
import { encodeProperties, noProperties, Properties, type PropertyValues } from './properties.ts'
import { encodeTable } from './table.ts'

/** Written by amqplib 2.3, with all properties but content-encoding. */
const headersHex =
  '00000071016162010162530000000178036269676c00000001000000000166643ff800000000000001747401016e560362696e780000000201ff02617454000000006553f1000364656344020000013a046c697374410000000a6201530000000374776f036d61704600000008016b530000000176'
const capturedHex = `bffc0a746578742f706c61696e${headersHex}02070163000431303030016d000000006553f100017401750161016b`

describe('properties of another implementation', () => {
  const raw = Buffer.from(capturedHex, 'hex')
  const properties = Properties.read(raw)

  it('are read', () => {
    expect({ ...properties.values(), headers: properties.headers?.size }).toEqual({
      contentType: 'text/plain',
      headers: 11,
      deliveryMode: 2,
      priority: 7,
      correlationId: 'c',
      replyTo: '',
      expiration: '1000',
      messageId: 'm',
      timestamp: 1_700_000_000,
      type: 't',
      userId: 'u',
      appId: 'a',
      clusterId: 'k',
    })
  })

  it('are kept byte for byte', () => {
    expect(properties.raw).toBe(raw)
    expect(properties.headerBytes?.toString('hex')).toBe(headersHex)
    expect(properties.bytes('expiration')).toEqual(Buffer.from('1000'))
  })
})

describe('absent and empty', () => {
  it('are not the same', () => {
    const properties = Properties.of({ replyTo: '', headers: new Map() })
    expect(properties.replyTo).toBe('')
    expect(properties.has('replyTo')).toBe(true)
    expect(properties.headers).toEqual(new Map())
    expect(properties.correlationId).toBeUndefined()
    expect(properties.bytes('correlationId')).toBeUndefined()
    expect(properties.has('correlationId')).toBe(false)
    expect(noProperties.headers).toBeUndefined()
    expect(noProperties.values()).toEqual({})
  })
})

describe('flags', () => {
  it('lie from bit 15 down, as the specification orders the properties', () => {
    const values: PropertyValues[] = [
      { contentType: '' },
      { contentEncoding: '' },
      { deliveryMode: 1 },
      { clusterId: '' },
    ]
    expect(values.map(one => encodeProperties(one).readUInt16BE(0))).toEqual([0x8000, 0x4000, 0x1000, 0x0004])
  })

  it('may go on in further words, if those are empty', () => {
    const raw = Buffer.from('80010001000002' + '6869', 'hex')
    expect(Properties.read(raw).contentType).toBe('hi')
  })

  it.each([
    ['that are missing', '', 'flags are missing'],
    ['cut in two', '80', 'flags are missing'],
    ['without the word that is announced', '0001', 'go on beyond'],
    ['of a property that does not exist', '0002', 'name no property'],
    ['in a further word', '00010004', 'name no property'],
    ['without their value', '8000', 'beyond the frame'],
    ['with a text that is cut', '8000056869', 'beyond the frame'],
    ['with a table that is cut', '2000000000', 'beyond the frame'],
    ['with a table longer than the frame', '2000ffffffff', 'beyond the frame'],
    ['with a time that is cut', '004000000000', 'beyond the frame'],
    ['followed by more', '000000', 'follow'],
  ])('%s are refused', (_title, hex, words) => {
    expect(() => Properties.read(Buffer.from(hex, 'hex'))).toThrow(words)
    expect(() => Properties.read(Buffer.from(hex, 'hex'))).toThrow(WireError)
  })
})

describe('a time', () => {
  it('is a bigint beyond 2^53', () => {
    expect(Properties.of({ timestamp: 2n ** 64n - 1n }).timestamp).toBe(2n ** 64n - 1n)
    expect(Properties.of({ timestamp: 2n ** 40n }).timestamp).toBe(2 ** 40)
  })
})

describe('what is written', () => {
  it('is read back, each property by itself', () => {
    fc.assert(
      fc.property(propertyValues, values => {
        const properties = Properties.of(values)
        expect(properties.values()).toEqual(values)
        expect(encodeProperties(properties.values())).toEqual(properties.raw)
      }),
      { seed: 1, numRuns: 200 },
    )
  })

  it('is refused when it is cut, and is refused or read when a bit is wrong', () => {
    fc.assert(
      fc.property(propertyValues, values => {
        const { raw } = Properties.of(values)
        for (let end = 0; end < raw.length; end++)
          expect(() => Properties.read(raw.subarray(0, end))).toThrow(WireError)
        for (let bit = 0; bit < raw.length * 8; bit++) readOrRefused(flipped(raw, bit))
      }),
      { seed: 1, numRuns: 30 },
    )
  })

  it('cannot be longer than a short string', () => {
    expect(() => encodeProperties({ replyTo: 'x'.repeat(256) })).toThrow('above the limit of 255')
  })
})

describe('editing', () => {
  it('leaves the bytes of all others as they are', () => {
    // A 16-bit integer, which no value that we would write has.
    const headers = Buffer.from('0000000a' + '016173ffff' + '016273fffe', 'hex')
    const raw = Buffer.concat([Buffer.from([0x30, 0x00]), headers, Buffer.from([9])])
    const edited = Properties.read(raw).edited({
      removeHeaders: name => name === 'b',
      addHeaders: new Map([['c', true]]),
    })
    expect(edited.raw.toString('hex')).toBe('3000' + '00000009' + '016173ffff' + '01637401' + '09')
  })

  it('drops properties, and adds headers where there were none', () => {
    const edited = Properties.of({ contentType: 'a', expiration: '5', appId: 'b' }).edited({
      drop: ['expiration'],
      addHeaders: new Map([['c', true]]),
    })
    expect(edited.values()).toEqual({ contentType: 'a', appId: 'b', headers: new Map([['c', true]]) })
  })

  it('without anything to edit changes nothing', () => {
    fc.assert(
      fc.property(propertyValues, values => {
        const properties = Properties.of(values)
        expect(properties.edited({}).raw).toEqual(properties.raw)
      }),
      { seed: 1, numRuns: 100 },
    )
  })

  it('refuses headers that are broken', () => {
    const raw = Buffer.concat([Buffer.from([0x20, 0x00]), encodeTable(new Map([['a', 1]]))])
    raw.writeUInt8(0x5a, 8)
    expect(() => Properties.read(raw).edited({})).toThrow("no type 'Z'")
  })
})

function flipped(raw: Buffer, bit: number): Buffer {
  const damaged = Buffer.from(raw)
  damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
  return damaged
}

function readOrRefused(raw: Buffer): void {
  try {
    Properties.read(raw).values()
  } catch (error) {
    if (!(error instanceof WireError)) throw error
  }
}
