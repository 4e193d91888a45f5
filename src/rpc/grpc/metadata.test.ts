// Metadata there and back without a network: what is sent is what arrives, whatever the bytes.

import * as grpc from '@grpc/grpc-js'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fromWire, toWire } from './metadata.ts'

type Incoming = Parameters<typeof grpc.Metadata.fromHttp2Headers>[0]

const key = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,20}$/).filter(one => !one.endsWith('-bin'))
const text = fc.stringMatching(/^[!-~]([ -~]{0,40}[!-~])?$/)
const bytes = fc.uint8Array({ maxLength: 100 }).map(array => Buffer.from(array))
const some = { minLength: 1, maxLength: 4 }

it('text and bytes come back in order', () => {
  const texts = fc.dictionary(key, fc.array(text, some), { maxKeys: 5 })
  const binaries = fc.dictionary(
    key.map(one => `${one}-bin`),
    fc.array(bytes, some),
    { maxKeys: 5 },
  )
  fc.assert(
    fc.property(texts, binaries, (first, second) => {
      const given = { ...first, ...second }
      const headers = toWire(grpc, given).toHttp2Headers()
      const received = fromWire(grpc.Metadata.fromHttp2Headers(headers as Incoming))
      for (const [name, values] of Object.entries(given)) {
        const expected = typeof values[0] === 'string' ? [values.join(', ')] : values
        const found = received[name]
        expect(typeof values[0] === 'string' ? [found?.join(', ')] : found).toEqual(expected)
      }
      expect(Object.keys(received).sort()).toEqual(Object.keys(given).sort())
    }),
  )
})

it('a key that is everywhere in JavaScript is nowhere in metadata', () => {
  const metadata = new grpc.Metadata()
  metadata.set('__proto__', 'x')
  const received = fromWire(metadata)
  expect(received.constructor).toBeUndefined()
  expect(Object.getPrototypeOf(received)).toBeNull()
  expect(({} as Record<string, unknown>)['0']).toBeUndefined()
})
