// Values for wire tables, made from the tables: what the property tests and the fuzzer's corpus are drawn from. Texts and
// numbers lean towards what a broker knows (its topics, its groups, -1, the edges), because noise alone gets no further
// than the first check.

import fc, { type Arbitrary } from 'fast-check'
import type { AnyField, Fields } from '../../../bytes/index.ts'

/** Names that the fuzzer's broker has, and words that requests give a meaning to. */
export const knownWords = [
  'plain',
  'compacted',
  'group',
  'txn',
  'member',
  'consumer',
  'range',
  'uniform',
  'PLAIN',
  'SCRAM-SHA-256',
  'retention.ms',
  'cleanup.policy',
  'compact',
  'read_committed',
  'User:ann',
  '*',
  '',
] as const

const numbersOf: Readonly<Record<string, readonly [number, number]>> = {
  int8: [-0x80, 0x7f],
  int16: [-0x8000, 0x7fff],
  uint16: [0, 0xffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
  uint32: [0, 0xffff_ffff],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
}

const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...knownWords) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
)
const buffer = fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes))

/** A value for these fields at this version; fields that the version lacks are left out. */
export function valuesFor(fields: Fields, version: number): Arbitrary<Record<string, unknown>> {
  const present = Object.entries(fields).filter(([, field]) => field.existsAt(version))
  return fc.record(Object.fromEntries(present.map(([name, field]) => [name, fieldValue(field, version)])))
}

/** What a reader gives for a value that was written: every field, those that the version lacks at their default. */
export function readBack(fields: Fields, value: unknown, version: number): Record<string, unknown> {
  const given = value as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      field.existsAt(version) ? fieldBack(field, given[name], version) : field.shape.otherwise,
    ]),
  )
}

function fieldValue(field: AnyField, version: number): Arbitrary<unknown> {
  const value = kindValue(field, version)
  return field.isNullableAt(version) ? fc.option(value, { freq: 4 }) : value
}

function kindValue({ kind }: AnyField, version: number): Arbitrary<unknown> {
  if (kind.fields !== undefined) return valuesFor(kind.fields, version)
  if (kind.element !== undefined) return fc.array(fieldValue(kind.element, version), { maxLength: 3 })
  const range = numbersOf[kind.name]
  if (range !== undefined) return numberValue(range)
  if (kind.name === 'bool') return fc.boolean()
  if (kind.name === 'float64') return fc.double({ noNaN: true }).map(number => number + 0)
  if (kind.name === 'uuid')
    return fc.uint8Array({ minLength: 16, maxLength: 16 }).map(b => Buffer.from(b).toString('base64url'))
  if (kind.name === 'string') return text
  if (kind.name === 'bytes') return buffer
  if (kind.name === 'records') return fc.array(buffer, { maxLength: 2 })
  throw new TypeError(`no values are known for the kind ${kind.name}`)
}

function numberValue([min, max]: readonly [number, number]): Arbitrary<number> {
  const usual = [-1, 0, 1, 2, 3, 100, 30_000].filter(number => number >= min && number <= max)
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(min, max) },
    { weight: 1, arbitrary: fc.maxSafeInteger().map(number => clamped(number, min, max)) },
  )
}

function clamped(number: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, number))
}

function fieldBack(field: AnyField, value: unknown, version: number): unknown {
  const { kind } = field
  if (value === null) return null
  if (kind.fields !== undefined) return readBack(kind.fields, value, version)
  const { element } = kind
  if (element !== undefined) return (value as unknown[]).map(one => fieldBack(element, one, version))
  if (kind.name === 'records') return Buffer.concat(value as Buffer[])
  return value
}
