import { describe, expect, it } from 'vitest'
import { formatBytes, formatDuration, parseBytes } from './quantity.ts'

describe('a size', () => {
  it.each([
    ['0', 0],
    ['1024', 1024],
    ['64MB', 64_000_000],
    ['64 MiB', 67_108_864],
    ['1.5kB', 1500],
    ['2gib', 2_147_483_648],
  ])('%s is %i bytes', (text, bytes) => expect(parseBytes(text)).toBe(bytes))

  it.each(['', 'MB', '-1', '1e3', '12 parsecs', '9999999TiB', '1,5kB'])('%j is refused by name', text =>
    expect(() => parseBytes(text)).toThrow(`'${text}' is not a size`),
  )

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1_572_864, '1.5 MiB'],
    [-2048, '-2 KiB'],
  ])('%i is shown as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))
})

describe('a length of time', () => {
  it.each([
    [0, '0 ms'],
    [250, '250 ms'],
    [1500, '1.5 s'],
    [180_000, '3 min'],
    [604_800_000, '7 d'],
  ])('%i ms is shown as %s', (ms, text) => expect(formatDuration(ms)).toBe(text))
})
