// One echo over every scheme, by address alone; and what is refused.

import { describe, expect, it } from 'vitest'
import { formatAddress } from './address.ts'
import { selfSigned } from './certificate.contract.ts'
import { connect, listen } from './dial.ts'
import type { Stream } from './stream.ts'

const tls = selfSigned()

async function echo(stream: Stream): Promise<void> {
  for await (const chunk of stream.bytes) await stream.write([chunk])
  await stream.close()
}

describe('connect and listen', () => {
  it.each([
    ['tcp://127.0.0.1:*'],
    ['tcp://lo:0'],
    ['tcp://[::1]:*'],
    ['tls://127.0.0.1:*'],
    ['ipc://*'],
    ['inproc://echo'],
    ['ws://127.0.0.1:*/path'],
    ['wss://127.0.0.1:*'],
  ])('meet at %s', async text => {
    const endpoint = await listen(text, { tls, protocols: ['echo'] }, stream => void echo(stream))
    const where = { ...endpoint.address, ...('host' in endpoint.address && hostIn(endpoint.address)) }
    const stream = await connect(formatAddress(where), { tls: { ca: tls.cert }, protocols: ['echo'] })
    stream.write([Buffer.from('hello')])
    const { value } = await stream.bytes[Symbol.asyncIterator]().next()
    expect(String(value)).toBe('hello')
    await stream.close()
    await endpoint.close()
    await expect(connect(where, { tls: { ca: tls.cert } })).rejects.toHaveProperty('code')
  })

  it('connects from the source that the address names', async () => {
    const peers: string[] = []
    const endpoint = await listen('tcp://127.0.0.1:*', {}, stream => {
      peers.push(stream.peer.address)
      stream.abort()
    })
    const to = formatAddress(endpoint.address).slice('tcp://'.length)
    const stream = await connect(`tcp://127.0.0.2:*;${to}`)
    for await (const _ of stream.bytes);
    await Promise.all([stream.close(), endpoint.close()])
    expect(peers).toEqual(['127.0.0.2'])
  })

  it.each([
    ['tcp://*:1', 'ADDRESS_WILDCARD'],
    ['tcp://a:0', 'ADDRESS_WILDCARD'],
    ['ipc://*', 'ADDRESS_WILDCARD'],
    ['udp://a:1', 'ADDRESS_NO_STREAM'],
    ['inproc://nowhere', 'ECONNREFUSED'],
  ])('connecting to %s is refused with %s', async (text, code) => {
    await expect(connect(text)).rejects.toMatchObject({ code })
  })

  it.each([
    ['udp://a:1', 'ADDRESS_NO_STREAM'],
    ['tls://127.0.0.1:*', 'EINVAL'],
    ['wss://127.0.0.1:*', 'EINVAL'],
  ])('listening at %s is refused with %s', async (text, code) => {
    await expect(listen(text, {}, () => {})).rejects.toMatchObject({ code })
  })

  it('does not begin when the signal has aborted', async () => {
    const signal = AbortSignal.abort(new Error('off'))
    await expect(connect('inproc://x', { signal })).rejects.toThrow('off')
  })
})

/** An interface is a place to listen at; one connects to its address. */
function hostIn({ host }: { readonly host: string }): { readonly host: string } {
  return { host: host === 'lo' ? '127.0.0.1' : host }
}
