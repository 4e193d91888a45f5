// Datagrams over loopback, both families: one, many, groups; the bounds of queue and size; endings.

import { afterEach, describe, expect, it } from 'vitest'
import { type Datagram, type DatagramSocket, openUdp, type UdpOptions, udpLimits } from './udp.ts'

const sockets: DatagramSocket[] = []
afterEach(async () => {
  await Promise.all(sockets.splice(0).map(socket => socket.close()))
  await expect.poll(() => process.getActiveResourcesInfo().filter(kind => kind.startsWith('UDP'))).toEqual([])
})

async function open(options: UdpOptions = {}): Promise<DatagramSocket> {
  const socket = await openUdp({ host: options.family === 6 ? '::1' : '127.0.0.1', ...options })
  sockets.push(socket)
  return socket
}

async function next(socket: DatagramSocket): Promise<Datagram> {
  const { value } = await socket.datagrams[Symbol.asyncIterator]().next()
  if (value === undefined) throw new Error('the socket has ended')
  return value
}

const bytes = (text: string): Buffer => Buffer.from(text)

describe.each([[4], [6]] as const)('UDP over IPv%i', family => {
  it('carries datagrams whole, empty and the largest too, and says from where', async () => {
    const [a, b] = [await open({ family }), await open({ family, receiveBufferBytes: 1 << 20 })]
    const largest = Buffer.alloc(udpLimits.payloadBytesMax[family], 'x')
    for (const payload of [bytes('one'), bytes(''), largest]) {
      a.send(payload, b.local)
      const got = await next(b)
      expect([got.payload.equals(payload), got.from]).toEqual([true, a.local])
    }
  })

  it('refuses what is too large before it is sent', async () => {
    const a = await open({ family })
    const large = Buffer.alloc(udpLimits.payloadBytesMax[family] + 1)
    expect(() => a.send(large, a.local)).toThrow('EMSGSIZE')
  })

  it('hears and sends only its remote when it has one', async () => {
    const [server, stranger] = [await open({ family }), await open({ family })]
    const client = await open({ family, remote: server.local })
    stranger.send(bytes('noise'), client.local)
    client.send(bytes('hello'))
    const { from } = await next(server)
    server.send(bytes('answer'), from)
    expect(String((await next(client)).payload)).toBe('answer')
    expect(() => client.send(bytes('x'), stranger.local)).toThrow('EINVAL')
  })
})

describe('UDP', () => {
  it('needs a place that is an IP address', async () => {
    const a = await open()
    expect(() => a.send(bytes('x'))).toThrow('EINVAL: invalid argument: where should it be sent to?')
    expect(() => a.send(bytes('x'), { host: 'localhost', port: 1 })).toThrow(
      "'localhost' is not an IP address",
    )
  })

  it('drops and counts what its queue has no room for', async () => {
    const [a, b] = [await open(), await open({ queueMessagesMax: 3 })]
    for (let at = 0; at < 10; at++) a.send(bytes(String(at)), b.local)
    await expect.poll(() => b.dropped).toBe(7)
    expect(b.datagrams.take().map(one => String(one.payload))).toEqual(['0', '1', '2'])
  })

  it('asks a sender to wait when much is on its way', async () => {
    const [a, b] = [await open({ sendBytesMax: 100 }), await open()]
    expect(a.send(Buffer.alloc(100), b.local)).toBeUndefined()
    const waiting = a.send(Buffer.alloc(1), b.local)
    expect(waiting).toBeInstanceOf(Promise)
    await waiting
    expect(a.send(Buffer.alloc(100), b.local)).toBeUndefined()
  })

  it('reaches the members of a group until they leave', async () => {
    const group = '239.255.7.7'
    const shared = { host: '0.0.0.0', reuseAddress: true }
    const first = await open(shared)
    const second = await open({ ...shared, port: first.local.port })
    for (const member of [first, second]) member.join(group, '127.0.0.1')
    const sender = await open({ multicastInterface: '127.0.0.1', multicastTtl: 0, multicastLoopback: true })
    const to = { host: group, port: first.local.port }
    sender.send(bytes('all'), to)
    expect([String((await next(first)).payload), String((await next(second)).payload)]).toEqual([
      'all',
      'all',
    ])
    second.leave(group, '127.0.0.1')
    expect(() => second.leave(group, '127.0.0.1')).toThrow('EADDRNOTAVAIL')
    expect(() => second.join('127.0.0.1')).toThrow('EINVAL')
    sender.send(bytes('one'), to)
    expect(String((await next(first)).payload)).toBe('one')
  })

  it('counts what the system refuses: a broadcast without the option', async () => {
    const faults: unknown[] = []
    const to = { host: '255.255.255.255', port: 9 }
    const a = await open({ onFault: error => faults.push((error as NodeJS.ErrnoException).code) })
    a.send(bytes('x'), to)
    await expect.poll(() => [a.unsent, ...faults]).toEqual([1, 'EACCES'])
  })

  it('sends a broadcast on loopback with the option', async () => {
    const b = await open({ host: '0.0.0.0' })
    const a = await open({ broadcast: true, ttl: 1 })
    a.send(bytes('x'), { host: '127.255.255.255', port: b.local.port })
    expect(String((await next(b)).payload)).toBe('x')
  })

  it('sends what is on its way when it is closed, and can be closed often', async () => {
    const [a, b] = [await open(), await open()]
    for (let at = 0; at < 5; at++) a.send(bytes(String(at)), b.local)
    await Promise.all([a.close(), a.close(), a[Symbol.asyncDispose]()])
    expect(a.send(bytes('late'), b.local)).toBeUndefined()
    for (let at = 0; at < 5; at++) expect(String((await next(b)).payload)).toBe(String(at))
  })

  it('gives takers the reason of an abort', async () => {
    const a = await open()
    const taking = next(a)
    const reason = new Error('enough')
    a.abort(reason)
    a.abort()
    await expect(taking).rejects.toBe(reason)
    await a.close()
  })

  it('says why it cannot be opened', async () => {
    const a = await open()
    await expect(open({ port: a.local.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await expect(open({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
    const controller = new AbortController()
    const opening = open({ signal: controller.signal })
    controller.abort(new Error('off'))
    await expect(opening).rejects.toThrow('off')
    await expect(open({ signal: controller.signal })).rejects.toThrow('off')
  })
})
