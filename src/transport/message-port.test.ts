// Streams between threads: the contract over a channel, and a worker at the other end.

import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { portStream } from './message-port.ts'
import { streamContract } from './stream.contract.ts'

streamContract('message port', {
  connect: async () => {
    const { port1, port2 } = new MessageChannel()
    return { a: portStream(port1), b: portStream(port2), release: async () => {} }
  },
  halfCloses: false,
  joins: false,
})

describe('portStream', () => {
  it('is cut by messages that are none of a stream', async () => {
    const { port1, port2 } = new MessageChannel()
    const stream = portStream(port1)
    port2.postMessage({ of: 'somebody else' })
    await expect(stream.bytes[Symbol.asyncIterator]().next()).rejects.toThrow('other messages')
  })

  it('holds what arrives while its sink has said stop, and gives it in order', async () => {
    const { port1, port2 } = new MessageChannel()
    const got: string[] = []
    const writer = portStream(port1)
    const ended = new Promise<void>(resolve => {
      const flow = portStream(port2).flow({
        chunk: chunk => {
          got.push(chunk.toString())
          if (chunk.toString() === 'a') setImmediate(() => flow.resume())
          return chunk.toString() === 'a'
        },
        ended: () => resolve(),
      })
    })
    for (const text of ['a', 'b', 'c']) writer.write([Buffer.from(text)])
    writer.end()
    await ended
    expect(got).toEqual(['a', 'b', 'c'])
  })
})
