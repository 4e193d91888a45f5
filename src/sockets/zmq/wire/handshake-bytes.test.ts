// Greetings, commands and Z85 against captured bytes and the RFCs' own vectors.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../errors.ts'
import { metadataBytes, parseCommand, parseMetadata, parsePing, pingCommand } from './command.ts'
import { GREETING_BYTES, type Greeted, GreetingReader, greetingRest, greetingStart } from './greeting.ts'
import { z85Decode, z85Encode } from './z85.ts'

function greet(bytes: Buffer): { readonly greeted: Greeted | undefined; readonly used: number } {
  const reader = new GreetingReader()
  let used = 0
  for (const byte of bytes) used += reader.push(Buffer.from([byte]))
  return { greeted: reader.greeted(), used }
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const null31 = hex(`ff00000000000000017f 03 01 4e554c4c${'00'.repeat(16)} 00 ${'00'.repeat(31)}`)

describe('greetings', () => {
  it.each([
    ['libzmq 4.3.5, NULL', null31, { version: '3.1', mechanism: 'NULL', isServer: false }],
    [
      'libzmq 4.1, NULL',
      hex(`ff00000000000000017f 03 00 4e554c4c${'00'.repeat(16)} 00 ${'00'.repeat(31)}`),
      { version: '3.0', mechanism: 'NULL', isServer: false },
    ],
    [
      'a server of CURVE',
      hex(`ff00000000000000017f 03 01 4355525645${'00'.repeat(15)} 01 ${'00'.repeat(31)}`),
      { version: '3.1', mechanism: 'CURVE', isServer: true },
    ],
    [
      'a version to come',
      hex(`ff00000000000000017f 04 00 4e554c4c${'00'.repeat(16)} 00 ${'00'.repeat(31)}`),
      { version: '3.1', mechanism: 'NULL', isServer: false },
    ],
    [
      'libzmq 3.2 (ZMTP 2.0), a DEALER',
      hex('ff00000000000000017f 01 05 0000'),
      { version: '2.0', socketType: 5 },
    ],
  ] as const)('%s', (_, bytes, expected) => {
    expect(greet(bytes).greeted).toEqual(expected)
  })

  it('takes its own 64 octets and no more', () => {
    const ours = Buffer.concat([
      greetingStart,
      greetingRest('PLAIN', { isServer: true }),
      Buffer.from('more'),
    ])
    expect(greet(ours)).toEqual({
      greeted: { version: '3.1', mechanism: 'PLAIN', isServer: true },
      used: GREETING_BYTES,
    })
  })

  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['ZMTP 1.0, which is not spoken', hex('0100')],
    ['ZMTP 1.0 behind a signature', hex('ff00000000000000017f 00')],
    ['a signature without its last bit', hex('ff00000000000000007e')],
  ])('refuses %s', (_, bytes) => {
    expect(() => greet(bytes)).toThrow(ProtocolError)
  })

  it('garbage is refused or waited for', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.boolean(), (bytes, hasSignature) => {
        try {
          greet(hasSignature ? Buffer.concat([greetingStart, bytes]) : Buffer.from(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
    )
  })
})

describe('commands', () => {
  it('READY of a REQ, as libzmq sends it', () => {
    const body = hex('055245414459 0b 536f636b65742d54797065 00000003 524551 08 4964656e74697479 00000000')
    const { name, rest } = parseCommand(body)
    expect(name).toBe('READY')
    expect([...parseMetadata(rest)].map(([key, value]) => [key, value.toString()])).toEqual([
      ['socket-type', 'REQ'],
      ['identity', ''],
    ])
  })

  it('PING with a time to live of 3000 ms is 00 1e', () => {
    expect(pingCommand(3000).toString('hex')).toBe('0450494e47001e')
    expect(parsePing(hex('001e616263'))).toEqual({ ttlMs: 3000, context: Buffer.from('abc') })
  })

  it('properties come back', () => {
    const value = fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes))
    const name = fc.stringMatching(/^[a-z][a-z-]{0,20}$/)
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 6 }), all => {
        expect([...parseMetadata(metadataBytes(all))]).toEqual(all)
      }),
    )
  })

  it.each([
    ['an empty command', ''],
    ['a name longer than the command', '05 5045'],
    ['a PING without its time', '04 50494e47 00'],
    ['a PING with 17 octets of context', `0450494e470000${'61'.repeat(17)}`],
  ])('refuses %s', (_, text) => {
    expect(() => parsePing(parseCommand(hex(text)).rest)).toThrow(ProtocolError)
  })

  it('garbage for properties is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
        try {
          parseMetadata(Buffer.from(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
    )
  })
})

describe('Z85 (RFC 32)', () => {
  it('the example of the RFC', () => {
    expect(z85Encode(hex('864fd26fb559f75b'))).toBe('HelloWorld')
    expect(z85Decode('HelloWorld')).toEqual(hex('864fd26fb559f75b'))
  })

  it.each(['abcd', 'abc"d', '#####'])('refuses %s', text => {
    expect(() => z85Decode(text)).toThrow(RangeError)
  })
})
