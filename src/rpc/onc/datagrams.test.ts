// ONC RPC over UDP, and calls that come twice: what is sent again, what is answered again, and what runs once.

import { describe, expect, it } from 'vitest'
import { BoundedQueue, deferred } from '../../flow/index.ts'
import {
  connect,
  type Datagram,
  type DatagramSocket,
  openUdp,
  parseAddress,
  SocketError,
  type UdpPlace,
} from '../../transport/index.ts'
import { program } from '../program.ts'
import * as xdr from '../xdr/index.ts'
import { DatagramService } from './datagram-server.ts'
import { Dispatcher } from './dispatcher.ts'
import { connectOnc, type OncServeOptions, serveOnc, service } from './index.ts'
import { RecordSplitter, unmarked } from './record.ts'
import { Services } from './service.ts'

const COUNTER = program({
  name: 'COUNTER_V1',
  program: 0x2000_0098,
  version: 1,
  procedures: {
    NEXT: { number: 1, argument: xdr.int, result: xdr.int },
    BYTES: { number: 2, argument: xdr.uint, result: xdr.varOpaque() },
  },
})

async function open(address: string, options: OncServeOptions = {}) {
  const gate = { waiting: undefined as Promise<void> | undefined }
  let count = 0
  const server = await serveOnc(
    address,
    [
      service(COUNTER, {
        NEXT: async () => {
          count++
          await gate.waiting
          return count
        },
        BYTES: length => Buffer.alloc(length, 'b'),
      }),
    ],
    options,
  )
  return { server, gate, counted: () => count }
}

/** A call of NEXT as it travels, with a mark before it. */
function nextCall(xid: number): Buffer {
  const words = [0x8000_0000 + 44, xid, 0, 2, COUNTER.program, 1, 1, 0, 0, 0, 0, 5]
  const bytes = Buffer.alloc(48)
  for (const [n, word] of words.entries()) bytes.writeUInt32BE(word, 4 * n)
  return bytes
}

/** A socket that sends datagrams by hand. */
async function byHand(address: string) {
  const place = parseAddress(address)
  if (place.scheme !== 'udp') throw new Error(address)
  const socket = await openUdp({ host: '127.0.0.1', remote: { host: place.host, port: place.port } })
  const answers = socket.datagrams[Symbol.asyncIterator]()
  return {
    socket,
    send: (payload: Buffer) => void socket.send(payload),
    answer: async () => {
      const { value } = await answers.next()
      return value === undefined ? 'closed' : Array.from(value.payload as Buffer)
    },
  }
}

/** The result of a reply: its last word. */
const resultOf = (answer: readonly number[] | string): number | string =>
  typeof answer === 'string' ? answer : Buffer.from(answer).readInt32BE(answer.length - 4)

describe('a call over UDP', () => {
  it('is carried out, many at a time', async () => {
    const { server, counted } = await open('udp://127.0.0.1:*')
    await using _ = server
    await using connection = await connectOnc(server.address)
    const calls = connection.client(COUNTER)
    await Promise.all(Array.from({ length: 100 }, (_, n) => calls.NEXT(n)))
    expect(counted()).toBe(100)
    expect((await calls.BYTES(60_000)).length).toBe(60_000)
  })

  it('is sent again, with the same xid, until an answer comes', async () => {
    await using deaf = await openUdp({ host: '127.0.0.1' })
    await using connection = await connectOnc(`udp://127.0.0.1:${deaf.local.port}`, { resendMs: 1 })
    const called = connection.client(COUNTER).NEXT(5)
    const heard: Buffer[] = []
    for await (const { payload, from } of deaf.datagrams) {
      heard.push(payload)
      if (heard.length < 3) continue
      const reply = Buffer.alloc(28)
      reply.writeUInt32BE(payload.readUInt32BE(0), 0)
      reply.writeUInt32BE(1, 4)
      reply.writeInt32BE(77, 24)
      void deaf.send(reply, from)
      break
    }
    expect(await called).toBe(77)
    expect(heard.every(one => one.equals(heard[0] ?? Buffer.alloc(0)))).toBe(true)
  })

  it('is given up when its time is over', async () => {
    await using deaf = await openUdp({ host: '127.0.0.1' })
    await using connection = await connectOnc(`udp://127.0.0.1:${deaf.local.port}`)
    await expect(connection.client(COUNTER).NEXT(5, { timeoutMs: 5 })).rejects.toMatchObject({
      code: 'RPC_TIMEOUT',
    })
  })

  it('does not believe datagrams that are no replies', async () => {
    await using strange = await openUdp({ host: '127.0.0.1' })
    await using connection = await connectOnc(`udp://127.0.0.1:${strange.local.port}`)
    const called = connection.client(COUNTER).NEXT(5)
    for await (const { payload, from } of strange.datagrams) {
      const reply = Buffer.alloc(28)
      reply.writeUInt32BE(payload.readUInt32BE(0), 0)
      reply.writeUInt32BE(1, 4)
      for (const bytes of [Buffer.alloc(0), Buffer.from('hello'), payload, reply])
        void strange.send(bytes, from)
      break
    }
    expect(await called).toBe(0)
  })

  it('that is too long for a datagram is refused at once, and an answer that is becomes an error', async () => {
    const faults: unknown[] = []
    const { server } = await open('udp://127.0.0.1:*', { onFault: (_, error) => faults.push(error) })
    await using _ = server
    await using connection = await connectOnc(server.address)
    await expect(connection.client(COUNTER).BYTES(70_000)).rejects.toMatchObject({ code: 'RPC_SYSTEM_ERROR' })
    expect(faults).toMatchObject([{ code: 'RPC_RECORD_TOO_LARGE' }])
    const large = program({
      ...COUNTER,
      procedures: { PUT: { number: 3, argument: xdr.varOpaque(), result: xdr.nothing } },
    })
    await expect(connection.client(large).PUT(Buffer.alloc(70_000))).rejects.toMatchObject({
      code: 'RPC_RECORD_TOO_LARGE',
    })
  })
})

describe('a call that comes twice', () => {
  it('over UDP runs once and is answered twice', async () => {
    const { server, counted } = await open('udp://127.0.0.1:*')
    await using _ = server
    const { socket, send, answer } = await byHand(server.address)
    await using _socket = socket
    send(unmarked([nextCall(1)]))
    expect(resultOf(await answer())).toBe(1)
    send(unmarked([nextCall(1)]))
    expect(resultOf(await answer())).toBe(1)
    send(unmarked([nextCall(2)]))
    expect(resultOf(await answer())).toBe(2)
    expect(counted()).toBe(2)
  })

  it('while it runs is not run again', async () => {
    const { server, gate, counted } = await open('udp://127.0.0.1:*')
    await using _ = server
    const running = deferred()
    gate.waiting = running.promise
    const { socket, send, answer } = await byHand(server.address)
    await using _socket = socket
    for (const xid of [1, 1, 1, 2]) send(unmarked([nextCall(xid)]))
    while (counted() < 2) await new Promise(setImmediate)
    running.resolve()
    await answer()
    await answer()
    expect(counted()).toBe(2)
  })

  it('runs twice where no answers are kept, or so many came since', async () => {
    for (const replyCache of [false, { entriesMax: 1 }, { bytesMax: 30 }]) {
      const { server, counted } = await open('udp://127.0.0.1:*', { replyCache })
      await using _ = server
      const { socket, send, answer } = await byHand(server.address)
      await using _socket = socket
      for (const xid of [1, 2, 1]) {
        send(unmarked([nextCall(xid)]))
        await answer()
      }
      expect(counted()).toBe(3)
    }
  })

  it('over a new connection runs once where answers are kept', async () => {
    const { server, counted } = await open('tcp://127.0.0.1:*', { replyCache: true })
    await using _ = server
    for (let n = 0; n < 3; n++) {
      const stream = await connect(server.address)
      void stream.write([nextCall(9)])
      const answers: Buffer[] = []
      const splitter = new RecordSplitter(record => answers.push(record))
      for await (const chunk of stream.bytes) {
        splitter.push(chunk)
        if (answers.length > 0) break
      }
      stream.abort()
      expect(answers[0]?.readInt32BE(24)).toBe(1)
    }
    expect(counted()).toBe(1)
  })
})

it('a UDP server outlives a call whose sender cannot be answered', async () => {
  const datagrams = new BoundedQueue<Datagram>({
    itemsMax: 2,
    bytesMax: 1000,
    bytesOf: one => one.payload.length,
  })
  const socket = {
    family: 4,
    datagrams,
    send(_: Buffer, to: UdpPlace) {
      if (to.port === 0) throw new SocketError('EINVAL', 'port 0')
    },
    close: async () => datagrams.close(),
  } as unknown as DatagramSocket
  const faults: string[] = []
  const ran = deferred()
  const services = new Services([
    service(COUNTER, {
      NEXT: n => {
        ran.resolve()
        return n
      },
      BYTES: () => Buffer.alloc(0),
    }),
  ])
  const dispatcher = new Dispatcher({
    services,
    refuse: undefined,
    onFault: title => faults.push(title),
    cache: undefined,
    isTlsRequired: false,
  })
  const server = new DatagramService(socket, dispatcher)
  const running = server.run()
  datagrams.push({ payload: unmarked([nextCall(1)]), from: { host: '192.0.2.1', port: 0 } })
  await ran.promise
  await server.close()
  await running
  expect(faults).toEqual(['answer to 192.0.2.1'])
})

it('a UDP server drops what is no call, and tells its owner', async () => {
  const faults: string[] = []
  const { server } = await open('udp://127.0.0.1:*', { onFault: title => faults.push(title) })
  await using _ = server
  const { socket, send, answer } = await byHand(server.address)
  await using _socket = socket
  send(Buffer.from('GET / HTTP/1.1'))
  send(Buffer.alloc(0))
  send(unmarked([nextCall(1)]))
  expect(resultOf(await answer())).toBe(1)
  expect(faults).toEqual(['datagram of 127.0.0.1', 'datagram of 127.0.0.1'])
})
