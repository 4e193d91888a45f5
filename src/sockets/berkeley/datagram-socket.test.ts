// Datagram sockets over UDP: bound and unbound, connected and not, what POSIX says to misuse, deadlines and endings.

import { afterEach, describe, expect, it } from 'vitest'
import { ManualWorld } from '../../world/index.ts'
import type { DatagramSocket } from './datagram-socket.ts'
import { socket } from './socket.ts'

const open: DatagramSocket[] = []
function made(world?: ManualWorld): DatagramSocket {
  const one = socket('inet', 'datagram', { ...(world && { world }) })
  open.push(one)
  return one
}
async function bound(world?: ManualWorld): Promise<DatagramSocket> {
  const one = made(world)
  await one.bind({ host: '127.0.0.1' })
  return one
}
afterEach(() => {
  for (const one of open.splice(0)) one.abort()
})

const code = (wanted: string) => expect.objectContaining({ code: wanted })
const at = (one: DatagramSocket) => one.localAddress ?? { host: '', port: 0 }

describe('datagram sockets', () => {
  it('keeps the borders of datagrams, and says who sent them', async () => {
    const server = await bound()
    const client = made()
    await client.send('one', at(server))
    await client.send(Buffer.alloc(0), at(server))
    const first = await server.receive()
    expect(String(first.payload)).toBe('one')
    expect((await server.receive()).payload.length).toBe(0)
    await server.send('back', first.from)
    expect(String((await client.receive()).payload)).toBe('back')
  })

  it('hears only its peer once connected, and others again when that is taken back', async () => {
    const [probe, b, other] = [await bound(), await bound(), await bound()]
    const port = at(probe).port
    await probe.close()
    const a = made() // bound to a port of our choice, which outlives the peer
    await a.bind({ host: '127.0.0.1', port })
    await a.connect(at(b))
    expect(a.remoteAddress).toEqual(at(b))
    await other.send('not heard', at(a))
    await b.send('heard', at(a))
    expect(String((await a.receive()).payload)).toBe('heard')
    await a.send('to the peer')
    expect(String((await b.receive()).payload)).toBe('to the peer')
    await expect(a.send('x', at(other))).rejects.toEqual(code('EISCONN'))
    await a.connect(undefined)
    await expect(a.send('x')).rejects.toEqual(code('EDESTADDRREQ'))
    await other.send('heard too', at(a))
    expect(String((await a.receive()).payload)).toBe('heard too')
  })

  it('is told that nobody is at the other end', async () => {
    const gone = await bound()
    const where = at(gone)
    await gone.close()
    const one = made()
    await one.connect(where)
    await one.send('anybody?')
    await expect(one.receive()).rejects.toEqual(code('ECONNREFUSED'))
  })

  it.each([
    ['bind twice', async () => (await bound()).bind({ host: '127.0.0.1' }), 'EINVAL'],
    ['an address in use', async () => made().bind(at(await bound())), 'EADDRINUSE'],
    ['an address that is not ours', () => made().bind({ host: '192.0.2.1' }), 'EADDRNOTAVAIL'],
    ['no destination', () => made().send('x'), 'EDESTADDRREQ'],
    ['too large', async () => made().send(Buffer.alloc(65_508), at(await bound())), 'EMSGSIZE'],
    ['a name to send to', () => made().send('x', { host: 'localhost', port: 9 }), 'EINVAL'],
    ['a path', () => made().bind({ path: '/x' }), 'EAFNOSUPPORT'],
  ] as const)('%s', async (_, act, wanted) => {
    await expect(act()).rejects.toEqual(code(wanted))
  })

  it('ends what waits by deadline, signal and closing, and loses nothing', async () => {
    const world = new ManualWorld()
    const one = await bound(world)
    const late = expect(one.receive({ timeoutMs: 10 })).rejects.toEqual(code('ETIMEDOUT'))
    await Promise.resolve()
    world.advance(10)
    await late
    const controller = new AbortController()
    const off = expect(one.receive({ signal: controller.signal })).rejects.toThrow('off')
    controller.abort(new Error('off'))
    await off
    await one.send('self', at(one))
    expect(String((await one.receive()).payload)).toBe('self')
    const ended = expect(one.receive()).rejects.toEqual(code('EBADF'))
    await Promise.resolve()
    await one.close()
    await ended
    await expect(one.send('x', { host: '127.0.0.1', port: 9 })).rejects.toEqual(code('EBADF'))
    expect(world.pendingTimers).toBe(0)
  })

  it('gives datagrams by a loop until it is closed', async () => {
    const one = await bound()
    for (const text of ['a', 'b', 'c']) await one.send(text, at(one))
    const heard: string[] = []
    for await (const { payload } of one) if (heard.push(String(payload)) === 3) await one.close()
    expect(heard).toEqual(['a', 'b', 'c'])
  })
})
