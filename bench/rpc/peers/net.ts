// The ceiling: bare node:net with frames of a length and bytes, answered in order, a promise for each call, and
// read where they lie. `plain` writes each frame by itself; `joined` writes the frames of one turn together; `packed` has not
// even a buffer for each frame, but puts all of them into a large one: the least that it can cost.
//
//   node net.mjs plain|joined|packed serve          prints its port
//   node net.mjs plain|joined|packed call PORT

import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { drive, say } from './drive.ts'

const HEAD_BYTES = 4
const BATCH_BYTES = 64 * 1024
/** More than are ever in flight. */
const WAITING_MAX = 1024

const [way = '', role = '', port = ''] = process.argv.slice(2)

type Send = (payload: Buffer) => void

function plain(socket: Socket): Send {
  return payload => void socket.write(frameOf(payload))
}

function joined(socket: Socket): Send {
  let turn: Buffer[] = []
  const flush = (): void => {
    const all = turn
    turn = []
    socket.write(all.length === 1 ? (all[0] as Buffer) : Buffer.concat(all))
  }
  return payload => {
    if (turn.push(frameOf(payload)) === 1) process.nextTick(flush)
  }
}

function packed(socket: Socket): Send {
  let batch = Buffer.allocUnsafe(BATCH_BYTES)
  let [from, to] = [0, 0]
  const flush = (): void => {
    if (to > from) socket.write(batch.subarray(from, to))
    from = to
  }
  return payload => {
    if (to + HEAD_BYTES + payload.length > batch.length) {
      flush()
      batch = Buffer.allocUnsafe(BATCH_BYTES)
      from = 0
      to = 0
    }
    if (to === from) process.nextTick(flush)
    batch.writeUInt32BE(payload.length, to)
    batch.set(payload, to + HEAD_BYTES)
    to += HEAD_BYTES + payload.length
  }
}

function frameOf(payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + payload.length)
  frame.writeUInt32BE(payload.length)
  frame.set(payload, HEAD_BYTES)
  return frame
}

function frames(socket: Socket, whole: (payload: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (at + HEAD_BYTES <= bytes.length) {
      const end = at + HEAD_BYTES + bytes.readUInt32BE(at)
      if (end > bytes.length) break
      whole(bytes.subarray(at + HEAD_BYTES, end))
      at = end
    }
    rest = bytes.subarray(at)
  })
}

const sender = way === 'plain' ? plain : way === 'joined' ? joined : packed

if (role === 'serve') {
  const server = createServer({ noDelay: true }, socket => frames(socket, sender(socket)))
  server.listen(0, '127.0.0.1', () => say(String((server.address() as AddressInfo).port)))
} else {
  const socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true })
  const send = sender(socket)
  const waiting: ((payload: Buffer) => void)[] = []
  let [first, last] = [0, 0]
  frames(socket, payload => {
    const resolve = waiting[first++ % WAITING_MAX]
    resolve?.(payload)
  })
  await drive(
    payload =>
      new Promise<Buffer>(resolve => {
        waiting[last++ % WAITING_MAX] = resolve
        send(payload)
      }),
  )
  socket.destroy()
}
