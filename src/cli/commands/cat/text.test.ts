import { describe, expect, it } from 'vitest'
import { unescaped } from './escapes.ts'
import { Splitter } from './splitter.ts'

describe('the splitter', () => {
  const split = (delimiter: string, chunks: readonly string[]) => {
    const splitter = new Splitter(Buffer.from(delimiter))
    const found = chunks.flatMap(chunk => [...splitter.push(Buffer.from(chunk))])
    return [...found, ...[splitter.end() ?? []].flat()].map(String)
  }

  it.each([
    ['\n', ['a\nb\n'], ['a', 'b']],
    ['\n', ['a\nb'], ['a', 'b']],
    ['\n', ['a', 'b\n\n', 'c'], ['ab', '', 'c']],
    ['<>', ['a<', '>b<', '<>c'], ['a', 'b<', 'c']],
    ['<<>', ['a<<<', '>b'], ['a<', 'b']],
    ['\n', [''], []],
  ])('cuts at %j in %j', (delimiter, chunks, records) => {
    expect(split(delimiter, chunks)).toEqual(records)
  })

  it('cuts alike however the bytes arrive', () => {
    const text = 'aa--b----c-d--'
    const whole = split('--', [text])
    for (let at = 1; at < text.length; at++)
      expect(split('--', [text.slice(0, at), text.slice(at)])).toEqual(whole)
  })

  it('has a limit', () => {
    const splitter = new Splitter(Buffer.from('\n'), 10)
    expect([...splitter.push(Buffer.from('0123456789'))]).toEqual([])
    expect(() => [...splitter.push(Buffer.from('x'))]).toThrow('longer than 10 bytes')
  })
})

describe('escapes', () => {
  it.each([
    ['a\\nb', '610a62'],
    ['\\t\\r\\0\\\\', '090d005c'],
    ['\\x1F\\xff', '1fff'],
    ['é\\q\\', 'c3a95c715c'],
  ])('reads %s', (text, hex) => {
    expect(unescaped(text).toString('hex')).toBe(hex)
  })
})
