// Field tables and properties for property tests: such as come back as they were.

import fc, { type Arbitrary } from 'fast-check'
import { Decimal, type FieldTable, type FieldValue } from '../../../broker/field-value.ts'

const scalar: Arbitrary<FieldValue> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.boolean(),
  fc.constant(null),
  fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  fc.maxSafeInteger(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
  fc.double().filter(value => !Number.isSafeInteger(value) || Object.is(value, -0)),
  // Bytes that are text are a string's bytes only by their letter, and keep it.
  fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes)),
  fc.integer({ min: 0, max: 8_640_000_000_000 }).map(seconds => new Date(seconds * 1000)),
  fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }))
    .map(([scale, unscaled]) => new Decimal(scale, unscaled)),
)

const name = fc.oneof(
  fc.constantFrom('x-match', 'x-death', 'CC', 'x-max-priority', ''),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)

export const { value: fieldValue, table: fieldTable } = fc.letrec<{ value: FieldValue; table: FieldTable }>(
  tie => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      scalar,
      fc.array(tie('value'), { maxLength: 3 }),
      tie('table'),
    ),
    table: fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map(entries => new Map(entries)),
  }),
)

const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const octet = fc.integer({ min: 0, max: 255 })
export const propertyValues = fc.record(
  {
    contentType: text,
    contentEncoding: text,
    headers: fieldTable,
    deliveryMode: octet,
    priority: octet,
    correlationId: text,
    replyTo: text,
    expiration: text,
    messageId: text,
    timestamp: fc.maxSafeNat(),
    type: text,
    userId: text,
    appId: text,
    clusterId: text,
  },
  { requiredKeys: [] },
)
