// Packed flags: which octet and which bit each lies in, compiled and walked alike.

import { describe, expect, it } from 'vitest'
import { Reader } from '../reader.ts'
import { Writer } from '../writer.ts'
import { Field } from './field.ts'
import type { Kind } from './kind.ts'
import { structKind } from './struct.ts'

function plain(name: string, packed: boolean): Field<unknown, unknown, true> {
  const kind: Kind<unknown> = {
    name,
    zero: packed ? false : 0,
    codec: () => ({ read: r => r.uint8(), write: (w, v) => w.uint8(Number(v)) }),
    ...(packed && { packed: true }),
  }
  return new Field(kind)
}

const cases: readonly (readonly [string, string, readonly unknown[], string])[] = [
  ['one flag', 'f', [true], '01'],
  ['no flag set', 'fff', [false, false, false], '00'],
  ['flags that stand together', 'fff', [true, false, true], '05'],
  ['a number ends the octet', 'ffnff', [false, true, 9, true, true], '020903'],
  ['numbers around a flag', 'nfn', [1, true, 2], '010102'],
  ['eight flags fill an octet', 'ffffffff', [true, false, false, false, false, false, false, true], '81'],
  ['the ninth begins another', 'fffffffff', [...Array(8).fill(false), true], '0001'],
  ['a number after nine', 'fffffffffn', [...Array(9).fill(true), 7], 'ff0107'],
]

describe.each(['compiled', 'walked'] as const)('packed flags, %s', way => {
  it.each(cases)('%s', (_title, kinds, values, hex) => {
    const fields = Object.fromEntries([...kinds].map((kind, n) => [`field${n}`, plain(kind, kind === 'f')]))
    const codec = structKind(fields, {}).codec({ version: 0, flexible: false, way })
    const value = Object.fromEntries(values.map((one, n) => [`field${n}`, one]))
    const to = new Writer()
    codec.write(to, value)
    const bytes = Buffer.concat(to.finish())
    expect(bytes.toString('hex')).toBe(hex)
    expect(codec.read(new Reader(bytes))).toEqual(value)
  })

  it('takes the default of a flag that is left out, and ignores bits that no flag has', () => {
    const codec = structKind({ a: plain('f', true), b: plain('f', true).default(true) }, {}).codec({
      version: 0,
      flexible: false,
      way,
    })
    const to = new Writer()
    codec.write(to, {})
    expect(Buffer.concat(to.finish())).toEqual(Buffer.from([2]))
    expect(codec.read(new Reader(Buffer.from([0xfc])))).toEqual({ a: false, b: false })
  })
})
