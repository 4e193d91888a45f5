// Every transport with its own handshake, both ways, with messages of every size that is treated differently: copied into a
// batch, sent as it lies, cut into WebSocket frames, gathered from pieces.

import { afterEach, describe, expect, it } from 'vitest'
import { selfSigned } from '../../transport/certificate.contract.ts'
import { errorCodeOf } from '../../transport/index.ts'
import { spLimits } from './limits.ts'
import type { SpSocket } from './socket.ts'
import { Pair1, Pull, Push } from './sockets.ts'

const open: SpSocket[] = []
function own<T extends SpSocket>(socket: T): T {
  open.push(socket)
  return socket
}
afterEach(() => {
  for (const one of open.splice(0)) one.abort()
})

const sizes = [
  0,
  1,
  100,
  spLimits.copyBytesMax,
  spLimits.copyBytesMax + 1,
  70_000,
  spLimits.aheadBytesMax + 1,
  3_000_000,
]

describe.each([
  'tcp://127.0.0.1:*',
  'tls+tcp://127.0.0.1:*',
  'ipc://*',
  `abstract://posthorn-sp-${process.pid}`,
  'inproc://transports',
  'ws://127.0.0.1:*/sp',
  'wss://127.0.0.1:*/sp',
])('%s', url => {
  const tls = /^(tls|wss)/.test(url)
  it('carries messages of every size, both ways, in order', async () => {
    const certificate = tls ? selfSigned() : undefined
    const [a, b] = [own(new Pair1()), own(new Pair1())]
    const { address } = await a.listen(url, { ...(certificate && { tls: certificate }) })
    await b.dial(address, { ...(certificate && { tls: { ca: certificate.cert, servername: 'localhost' } }) })
    const sending = (async () => {
      for (const size of sizes) {
        await a.send(Buffer.alloc(size, 'a'))
        await b.send(Buffer.alloc(size, 'b'))
      }
    })()
    for (const size of sizes) {
      expect((await b.receive()).equals(Buffer.alloc(size, 'a'))).toBe(true)
      expect((await a.receive()).equals(Buffer.alloc(size, 'b'))).toBe(true)
    }
    await sending
    expect(a.pipes[0]?.peer.encrypted).toBe(tls)
  })

  it('refuses what is larger than it may be', async () => {
    if (tls) return
    const faults: (string | undefined)[] = []
    const pull = own(new Pull({ receiveSizeMax: 1000, onFault: error => faults.push(errorCodeOf(error)) }))
    const push = own(new Push())
    const { address } = await pull.listen(url)
    await push.dial(address)
    await push.send(Buffer.alloc(1000))
    await push.send(Buffer.alloc(1001))
    expect((await pull.receive()).length).toBe(1000)
    for (let n = 0; n < 20_000 && faults.length === 0; n++) await new Promise(setImmediate)
    expect(faults[0]).toBe(url.startsWith('ws') ? 'WS_TOO_LARGE' : 'EMSGSIZE')
  })
})

it('a TLS listener without a certificate is refused, and a client that does not trust it', async () => {
  const pull = own(new Pull())
  await expect(pull.listen('tls+tcp://127.0.0.1:0')).rejects.toMatchObject({ code: 'EINVAL' })
  await expect(pull.listen('wss://127.0.0.1:0')).rejects.toMatchObject({ code: 'EINVAL' })
  const { address } = await pull.listen('tls+tcp://127.0.0.1:0', { tls: selfSigned() })
  await expect(own(new Push()).dial(address)).rejects.toThrow(/self-signed|certificate/i)
})
