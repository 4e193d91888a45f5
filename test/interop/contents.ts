// The records that clients write for one another: awkward on purpose (no key, no value, empty, binary, UTF-8, large,
// the same header twice), and the same in every run.

import type { ReadRow, Row } from './client.ts'

const base64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString('base64')

/** Every byte value there is. */
const allBytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value))
/** Header values that a reader printing text cannot tell from its own separators are left out. */
const headerBytes = allBytes.subarray(0x80)
const LARGE_BYTES = 200_000
const MANY = 40

/** Records for clients that can write anything. */
export function freeRows(tag: string): Row[] {
  const row = (key: Row['key'], value: Row['value'], headers: Row['headers'] = []): Row => ({
    key,
    value,
    headers,
  })
  return [
    row(base64('key'), base64(`${tag} plain`)),
    row(null, base64(`${tag} without a key`)),
    row(base64('tombstone'), null),
    row(base64(allBytes), base64(allBytes)),
    row(base64('ключ 鍵'), base64(`${tag} žluťoučký kůň 🐎`)),
    row(base64('headers'), base64(tag), [
      ['text', base64('one')],
      ['bytes', base64(headerBytes)],
      ['again', base64('1')],
      ['again', base64('2')],
    ]),
    row(base64('large'), base64(noise(LARGE_BYTES))),
    ...Array.from({ length: MANY }, (_, n) =>
      row(base64(`k${n % 3}`), base64(`${tag} ${n} ${'x'.repeat(n)}`)),
    ),
  ]
}

/** Records for a client that takes lines of text and one set of headers. */
export function textRows(tag: string): Row[] {
  return Array.from({ length: MANY }, (_, n) => ({
    key: base64(`key ${n}`),
    value: base64(`${tag} ${n} žluťoučký 🐎 ${'y'.repeat(n * 50)}`),
    headers: [['one', base64('1')] as const, ['two', base64('zwei ž')] as const],
  }))
}

/** What is compared: contents in order, without where they lie. */
export function contents(rows: readonly (Row | ReadRow)[]): string[] {
  return rows.map(({ key, value, headers }) => JSON.stringify([key, value, headers]))
}

/** Bytes that hardly compress: a small generator with a fixed seed. */
function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  let state = 42
  for (let n = 0; n < size; n++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    bytes[n] = state >>> 24
  }
  return bytes
}
