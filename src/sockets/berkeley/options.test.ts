// Options: those that can be set are read back, from the system where it has a say; the others are refused by name with a
// reason, on either kind of socket.

import { afterEach, describe, expect, it } from 'vitest'
import type { DatagramSocket } from './datagram-socket.ts'
import { OptionRefusedError, refusedOptions } from './options.ts'
import { socket } from './socket.ts'
import type { StreamSocket } from './stream-socket.ts'

const open: (StreamSocket | DatagramSocket)[] = []
function own<T extends StreamSocket | DatagramSocket>(one: T): T {
  open.push(one)
  return one
}
afterEach(() => {
  for (const one of open.splice(0)) one.abort()
})

const streams = Object.keys(refusedOptions).concat(
  'SO_RCVBUF',
  'SO_SNDBUF',
  'SO_REUSEADDR',
  'IP_TTL',
  'SO_NONSENSE',
)

describe('options of stream sockets', () => {
  it.each(streams)('%s is refused, with a reason', option => {
    const one = own(socket('inet', 'stream'))
    const act = (): void => one.setOption(option as 'TCP_NODELAY', true)
    expect(act).toThrow(OptionRefusedError)
    expect(act).toThrow(
      expect.objectContaining({ code: 'ENOPROTOOPT', option, reason: expect.stringMatching(/\w/) }),
    )
    expect(() => one.getOption(option as 'TCP_NODELAY')).toThrow(OptionRefusedError)
  })

  it('are kept before, and applied while connected', async () => {
    const server = own(socket('inet', 'stream'))
    server.setOption('TCP_NODELAY', false)
    await server.bind({ host: '127.0.0.1' })
    await server.listen()
    const client = own(socket('inet', 'stream'))
    client.setOption('SO_KEEPALIVE', true)
    client.setOption('TCP_KEEPIDLE', 30)
    await client.connect(server.localAddress ?? { path: '' })
    const accepted = own(await server.accept())
    expect(accepted.getOption('TCP_NODELAY')).toBe(false)
    accepted.setOption('TCP_NODELAY', true)
    client.setOption('SO_KEEPALIVE', false)
    expect([client.getOption('TCP_KEEPIDLE'), client.getOption('SO_KEEPALIVE')]).toEqual([30, false])
    expect([server.getOption('SO_ACCEPTCONN'), client.getOption('SO_TYPE')]).toEqual([true, 'stream'])
    expect(() => client.setOption('IPV6_V6ONLY', true)).toThrow(expect.objectContaining({ code: 'EINVAL' }))
  })

  it.each([
    ['TCP_NODELAY', 1],
    ['TCP_KEEPIDLE', 1.5],
    ['TCP_KEEPIDLE', -1],
    ['SO_RCVTIMEO', -1],
    ['SO_SNDTIMEO', 'soon'],
  ] as const)('%s cannot be %j', (option, value) => {
    const one = own(socket('inet', 'stream'))
    expect(() => one.setOption(option, value as never)).toThrow(expect.objectContaining({ code: 'EINVAL' }))
  })
})

describe('options of datagram sockets', () => {
  it.each(Object.keys(refusedOptions).concat('TCP_NODELAY', 'IPV6_UNICAST_HOPS'))('%s is refused', option => {
    const one = own(socket('inet', 'datagram'))
    expect(() => one.setOption(option as 'IP_TTL', 1)).toThrow(OptionRefusedError)
  })

  it('are applied before and after binding; buffers are read from the system', async () => {
    const one = own(socket('inet', 'datagram'))
    one.setOption('SO_REUSEADDR', true)
    one.setOption('SO_RCVBUF', 8192)
    await one.bind({ host: '127.0.0.1' })
    expect(one.getOption('SO_RCVBUF')).toBeGreaterThanOrEqual(8192)
    one.setOption('SO_BROADCAST', true)
    one.setOption('IP_TTL', 9)
    one.setOption('IP_MULTICAST_TTL', 2)
    one.setOption('IP_MULTICAST_LOOP', true)
    one.setOption('IP_MULTICAST_IF', '127.0.0.1')
    expect([one.getOption('IP_TTL'), one.getOption('SO_BROADCAST')]).toEqual([9, true])
    expect(() => one.setOption('IP_TTL', 300)).toThrow(expect.objectContaining({ code: 'EINVAL' }))
    expect(() => one.setOption('SO_REUSEADDR', false)).toThrow(expect.objectContaining({ code: 'EINVAL' }))
  })

  it('joins a group once it is bound, and hears it', async () => {
    const one = own(socket('inet', 'datagram'))
    const membership = { group: '239.1.2.3', interfaceAddress: '127.0.0.1' }
    expect(() => one.setOption('IP_ADD_MEMBERSHIP', membership)).toThrow(
      expect.objectContaining({ code: 'EINVAL' }),
    )
    await one.bind({ port: 0 })
    one.setOption('IP_ADD_MEMBERSHIP', membership)
    one.setOption('IP_MULTICAST_IF', '127.0.0.1')
    await one.send('all', { host: '239.1.2.3', port: one.localAddress?.port ?? 0 })
    expect(String((await one.receive()).payload)).toBe('all')
    one.setOption('IP_DROP_MEMBERSHIP', membership)
    expect(() => one.setOption('IP_DROP_MEMBERSHIP', membership)).toThrow(
      expect.objectContaining({ code: 'EADDRNOTAVAIL' }),
    )
  })
})
