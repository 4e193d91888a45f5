// The two ways to seal the messages of a connection, against each other.

import { beforeAll, describe, expect, it } from 'vitest'
import { BoxSeries, generateKeyPair, KEY_BYTES, open, sharedKey, TAG_BYTES } from './box.ts'
import { fastBox, fastBoxLoaded } from './fast-box.ts'

const PREFIX = Buffer.from('CurveZMQMESSAGEC')
const NONCE = Buffer.from('0000000000000007', 'hex')
const [ours, theirs] = [generateKeyPair(), generateKeyPair()]
const key = sharedKey(theirs.publicKey, ours.secretKey)

const ways = {
  libsodium: () => new BoxSeries(key, PREFIX),
  JavaScript: () => new BoxSeries(key, PREFIX, () => undefined),
}
const names = ['libsodium', 'JavaScript'] as const
const pairs = names.flatMap(seals => names.map(opens => [seals, opens] as const))

function sealed(series: BoxSeries, plain: Buffer): Buffer {
  const work = Buffer.concat([Buffer.alloc(KEY_BYTES, 'anything'), plain])
  series.seal(NONCE, work)
  return work.subarray(KEY_BYTES - TAG_BYTES)
}

beforeAll(async () => {
  await fastBoxLoaded()
  expect(fastBox(), 'libsodium-wrappers is a dependency').toBeDefined()
})

describe.each(pairs)('boxes that %s seals and %s opens', (seals, opens) => {
  const [sealing, opening] = [ways[seals](), ways[opens]()]

  it.each([1, 15, 16, 17, 63, 64, 65, 1000, 65_537])('%i bytes come back, and are those of NaCl', size => {
    const plain = Buffer.from(Array.from({ length: size }, (_, at) => (at * 7) & 0xff))
    const box = sealed(sealing, plain)
    expect(opening.open(NONCE, box)?.equals(plain)).toBe(true)
    expect(open(key, Buffer.concat([PREFIX, NONCE]), box)?.equals(plain)).toBe(true)
  })

  it('does not open what was changed, cut short, or sealed with another nonce', () => {
    const box = sealed(sealing, Buffer.from('a message'))
    for (let at = 0; at < box.length; at++) {
      const forged = Buffer.from(box)
      forged[at] = (forged[at] as number) ^ 1
      expect(opening.open(NONCE, forged)).toBeUndefined()
    }
    for (let length = 0; length < box.length; length++)
      expect(opening.open(NONCE, box.subarray(0, length))).toBeUndefined()
    expect(opening.open(Buffer.alloc(8), box)).toBeUndefined()
  })
})
