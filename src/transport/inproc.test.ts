// Pairs in one process: the contract, that nothing is copied, and the names.

import { describe, expect, it } from 'vitest'
import { InprocNames, inprocNames, inprocPair } from './inproc.ts'
import { streamContract } from './stream.contract.ts'
import type { DuplexStream } from './stream.ts'

streamContract('inproc', {
  connect: async ({ halfOpen }) => {
    const names = new InprocNames()
    const accepted: DuplexStream[] = []
    const listener = names.listen('place', stream => accepted.push(stream), { halfOpen })
    const a = names.connect('place', { halfOpen })
    const [b] = accepted
    if (b === undefined) throw new Error('nothing was accepted')
    return { a, b, release: () => listener.close() }
  },
  connectNowhere: () => new InprocNames().connect('nowhere'),
  halfCloses: true,
  joins: false,
})

describe('inproc', () => {
  it('hands chunks over without copying', async () => {
    const [a, b] = inprocPair('pair')
    const chunk = Buffer.from('the very same')
    a.write([chunk])
    const { value } = await b.bytes[Symbol.asyncIterator]().next()
    expect(value).toBe(chunk)
  })

  it.each([
    ['at', 10, false],
    ['above', 11, true],
  ])('asks a writer to wait with bytes %s its bound', (_where, bytes, waits) => {
    const [a] = inprocPair('pair', { bufferBytesMax: 10 })
    expect(a.write([Buffer.alloc(bytes)]) !== undefined).toBe(waits)
  })

  it('has one listener for each name, and the name back when it is closed', async () => {
    const names = new InprocNames()
    const first = names.listen('n', () => {})
    expect(() => names.listen('n', () => {})).toThrow('EADDRINUSE')
    expect(() => names.listen('', () => {})).toThrow('EINVAL')
    await first.close()
    const second = names.listen('n', () => {})
    await first.close() // idempotent, and not the second's
    expect(() => names.listen('n', () => {})).toThrow('EADDRINUSE')
    await second.close()
    expect(() => names.connect('n')).toThrow('ECONNREFUSED: connection refused: inproc://n')
  })

  it('keeps registries apart', () => {
    new InprocNames().listen('apart', () => {})
    expect(() => inprocNames.connect('apart')).toThrow('ECONNREFUSED')
  })
})
