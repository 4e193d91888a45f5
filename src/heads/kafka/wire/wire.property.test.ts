// Every message of every API at every version: what is written is read back, every proper prefix is refused by a
// WireError and by nothing else, and the compiled and the walked codec agree on good and on damaged bytes.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Codec, Reader, WireError, Writer } from '../../../bytes/index.ts'
import type { Api, Message } from './api.ts'
import { readBack, valuesFor } from './arbitrary.contract.ts'
import { apis } from './index.ts'
import { struct } from './kinds.ts'

type Way = 'request' | 'response'
type AnyMessage = Message<Api['request']['fields']>

const cases = apis.flatMap(api =>
  versionsOf(api).flatMap(version =>
    (['request', 'response'] as const).map((way): [string, Api, number, Way] => [
      `${api.name} ${way} v${version}`,
      api,
      version,
      way,
    ]),
  ),
)
const runs = { seed: 1, numRuns: 6 }

describe('the tables', () => {
  it('cover every API that is served', () => {
    expect(cases.length).toBeGreaterThan(400)
  })
})

describe.each(cases)('%s', (_, api, version, way) => {
  const message = api[way]
  const values = valuesFor(message.fields, version)
  const walked = struct(message.fields).codec({
    version,
    flexible: version >= api.flexibleSince,
    way: 'walked',
  })

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(values, value => {
        const read = message.decode(new Reader(written(message, value, version)), version)
        expect(read).toEqual(readBack(message.fields, value, version))
      }),
      runs,
    )
  })

  it('refuses every proper prefix with a WireError', () => {
    fc.assert(
      fc.property(values, value => {
        const bytes = written(message, value, version)
        const accepted = Array.from(bytes.keys()).filter(
          end => !isRefused(() => message.decode(new Reader(bytes, 0, end), version)),
        )
        expect(accepted).toEqual([])
      }),
      { ...runs, numRuns: 2 },
    )
  })

  it('means the same compiled and walked, also where a byte is wrong', () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, place, change) => {
        const bytes = written(message, value, version)
        expect(writtenBy(walked, value)).toEqual(bytes)
        if (bytes.length === 0) return
        const damaged = Buffer.from(bytes)
        const at = place % bytes.length
        damaged.writeUInt8(damaged.readUInt8(at) ^ change, at)
        expect(outcome(() => walked.read(new Reader(damaged)))).toEqual(
          outcome(() => message.decode(new Reader(damaged), version)),
        )
      }),
      runs,
    )
  })
})

function versionsOf({ versions: { min, max } }: Api): number[] {
  return Array.from({ length: max - min + 1 }, (_, n) => min + n)
}

function written(message: AnyMessage, value: object, version: number): Buffer {
  const to = new Writer()
  message.encode(to, value, version)
  return Buffer.concat(to.finish())
}

function writtenBy(codec: Codec<unknown, unknown>, value: unknown): Buffer {
  const to = new Writer()
  codec.write(to, value)
  return Buffer.concat(to.finish())
}

/** Any exception but a WireError goes through. */
function isRefused(read: () => unknown): boolean {
  try {
    read()
    return false
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return true
  }
}

/** The value, or the code and place of the refusal; any other exception goes through. */
function outcome(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return { code: error.code, offset: error.offset }
  }
}
