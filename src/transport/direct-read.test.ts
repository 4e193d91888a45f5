// Sockets read into the shared buffer, on this Node; and the contract of streams where a runtime cannot do that.

import { once } from 'node:events'
import { createServer, type Socket, connect as tcpConnect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { readDirectly } from './direct-read.ts'
import { SocketReader } from './socket-reader.ts'

let open: Socket[] = []

afterEach(() => {
  for (const socket of open) socket.destroy()
  open = []
})

/** Both ends of a connection: the one that connected, and the one that was accepted. */
async function pair(): Promise<{ readonly connected: Socket; readonly accepted: Socket }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const connected = tcpConnect(port, '127.0.0.1')
  const [[accepted]] = (await Promise.all([once(server, 'connection'), once(connected, 'connect')])) as [
    [Socket],
    unknown,
  ]
  server.close()
  open.push(connected, accepted)
  return { connected, accepted }
}

describe('direct reading', () => {
  it.each(['connected', 'accepted'] as const)(
    'is done on the side that %s, past the queue of the socket',
    async side => {
      const both = await pair()
      const [reader, writer] =
        side === 'connected' ? [both.connected, both.accepted] : [both.accepted, both.connected]
      const chunks: Buffer[] = []
      let queued = 0
      reader.on('data', chunk => {
        queued += chunk.length
      })
      const isDirect = readDirectly(reader, chunk => {
        chunks.push(chunk)
        return false
      })
      expect(isDirect).toBe(true)
      reader.resume()
      writer.write('one')
      writer.end('two')
      await once(reader, 'end')
      expect([Buffer.concat(chunks).toString(), queued]).toEqual(['onetwo', 0])
    },
  )

  it.each([
    ['copied for a sink that keeps them', false, ['first', 'other']],
    ['lent to a sink that borrows', true, ['other', 'other']],
  ])('chunks are %s', async (_, borrows, expected) => {
    const { connected, accepted } = await pair()
    const chunks: Buffer[] = []
    const ended = new Promise<void>(resolve => {
      new SocketReader(accepted).flow({
        borrows,
        chunk: chunk => chunks.push(chunk) < 0,
        ended: () => resolve(),
      })
    })
    connected.write('first')
    while (chunks.length === 0) await new Promise(resolve => setImmediate(resolve))
    connected.end('other')
    await ended
    expect(chunks.map(String)).toEqual(expected)
  })

  it('begins with what the socket had read before anybody asked', async () => {
    const { connected, accepted } = await pair()
    connected.write('early')
    await once(accepted, 'readable')
    const { bytes } = new SocketReader(accepted)
    const chunks = bytes[Symbol.asyncIterator]()
    expect(String((await chunks.next()).value)).toBe('early')
    connected.end('late')
    expect(String((await chunks.next()).value)).toBe('late')
    expect((await chunks.next()).done).toBe(true)
  })

  it('gives a sink what a loop has left, then the rest, and the end', async () => {
    const { connected, accepted } = await pair()
    const reader = new SocketReader(accepted)
    const chunks = reader.bytes[Symbol.asyncIterator]()
    connected.write('asked for')
    expect(String((await chunks.next()).value)).toBe('asked for')
    connected.write(' held')
    while (!accepted.isPaused() && accepted.bytesRead < 14)
      await new Promise(resolve => setImmediate(resolve))
    connected.end(' driven')
    let text = ''
    const reason = await new Promise<Error | undefined>(resolve => {
      reader.flow({
        chunk: chunk => {
          text += chunk
          return false
        },
        ended: resolve,
      })
    })
    expect([text, reason]).toEqual([' held driven', undefined])
  })

  it('tells a sink of a socket that was over before', async () => {
    const { accepted } = await pair()
    accepted.on('error', () => {})
    accepted.destroy(new Error('cut'))
    await new Promise(resolve => accepted.once('close', resolve))
    const reason = await new Promise<Error | undefined>(resolve => {
      new SocketReader(accepted).flow({ chunk: () => false, ended: resolve })
    })
    expect(reason?.message).toBe('cut')
  })
})
