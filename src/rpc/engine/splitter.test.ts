// Frames come out as they went in, however the bytes are cut.

import { describe, expect, it } from 'vitest'
import { frame } from './peer.contract.ts'
import { Splitter } from './splitter.ts'

function split(chunks: readonly Buffer[], bytesMax = 1000): string[] {
  const got: string[] = []
  const splitter = new Splitter(bytesMax, (buffer, start, end) =>
    got.push(buffer.toString('hex', start, end)),
  )
  for (const chunk of chunks) splitter.push(chunk)
  return got
}

const three = [frame(13), frame(5, 300), frame(8, 'some text of an item')]
const bytes = Buffer.concat(three)
const wanted = three.map(one => one.toString('hex', 4))

describe('a splitter', () => {
  it('gives whole frames at every pair of cuts', () => {
    for (let a = 0; a <= bytes.length; a++)
      for (let b = a; b <= bytes.length; b++)
        expect(split([bytes.subarray(0, a), bytes.subarray(a, b), bytes.subarray(b)])).toEqual(wanted)
  })

  it('gives them byte by byte', () => {
    expect(split([...bytes].map(byte => Buffer.from([byte])))).toEqual(wanted)
  })

  it.each([
    ['is empty', '00000000', 'CALL_PROTOCOL'],
    ['is too long', '000003e9', 'CALL_TOO_LARGE'],
    ['is 4 GB', 'ffffffff', 'CALL_TOO_LARGE'],
  ])('refuses a frame that %s, at once and in pieces', (_, head, code) => {
    const length = Buffer.from(head, 'hex')
    for (const chunks of [[length], [length.subarray(0, 2), length.subarray(2)], [bytes, length]])
      expect(() => split(chunks)).toThrow(code)
  })

  it.each(['in one chunk', 'in two'])('gives %s what cannot be taken along to a thread', how => {
    const memory = Buffer.from(new Uint8Array(bytes).buffer)
    const slices: Buffer[] = []
    const splitter = new Splitter(1000, (buffer, start, end) => slices.push(buffer.subarray(start, end)))
    for (const chunk of how === 'in one chunk' ? [memory] : [memory.subarray(0, 9), memory.subarray(9)])
      splitter.push(chunk)
    for (const { buffer } of slices)
      try {
        structuredClone(buffer, { transfer: [buffer as ArrayBuffer] })
      } catch (error) {
        // Node 20 copies it, later ones refuse.
        expect(error).toMatchObject({ name: 'DataCloneError' })
      }
    expect(slices.map(slice => slice.toString('hex'))).toEqual(wanted)
  })
})
