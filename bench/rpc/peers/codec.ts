// The XDR codec against straight-line code as a stub generator would write it: one record, encoded and decoded in turns.
// Prints for each round what each took, in ns of processor time.
//
//   node codec.mjs ROUNDS

import { load } from './built.ts'
import { say } from './drive.ts'

const { xdr } = await load()

const point = xdr.struct({ x: xdr.int, y: xdr.int })
const record = xdr.struct({
  id: xdr.int,
  revision: xdr.int,
  isOpen: xdr.bool,
  ratio: xdr.double,
  name: xdr.string(),
  street: xdr.string(),
  city: xdr.string(),
  remark: xdr.string(),
  from: point,
  to: point,
  key: xdr.opaque(16),
})

const value: Parameters<typeof record.encode>[0] = {
  id: 4711,
  revision: 12,
  isOpen: true,
  ratio: 0.618,
  name: 'Erika Muster',
  street: 'Am Tannenhorst 17',
  city: 'Lahr',
  remark: 'second floor',
  from: { x: 12, y: -7 },
  to: { x: 640, y: 480 },
  key: Buffer.alloc(16, 0x5a),
}
type Value = typeof value

/** The room that a hand-written stub writes into, before it copies out what it has written. */
const room = Buffer.allocUnsafeSlow(64 * 1024)

function text(value: string, at: number): number {
  const length = room.write(value, at + 4)
  room.writeUInt32BE(length, at)
  return padded(at + 4, length)
}

function padded(at: number, length: number): number {
  const end = at + ((length + 3) & ~3)
  for (let fill = at + length; fill < end; fill++) room[fill] = 0
  return end
}

function encodeByHand(value: Value): Buffer {
  room.writeInt32BE(value.id, 0)
  room.writeInt32BE(value.revision, 4)
  room.writeUInt32BE(value.isOpen ? 1 : 0, 8)
  room.writeDoubleBE(value.ratio, 12)
  let at = text(value.name, 20)
  at = text(value.street, at)
  at = text(value.city, at)
  at = text(value.remark, at)
  room.writeInt32BE(value.from.x, at)
  room.writeInt32BE(value.from.y, at + 4)
  room.writeInt32BE(value.to.x, at + 8)
  room.writeInt32BE(value.to.y, at + 12)
  room.set(value.key, at + 16)
  const made = Buffer.allocUnsafe(at + 32)
  room.copy(made, 0, 0, at + 32)
  return made
}

function decodeByHand(bytes: Buffer): Value {
  let at = 20
  const string = (): string => {
    const length = bytes.readUInt32BE(at)
    const begin = at + 4
    if (length > bytes.length - begin) throw new RangeError('a string is longer than the message')
    at = begin + ((length + 3) & ~3)
    return bytes.toString('utf8', begin, begin + length)
  }
  const flag = bytes.readUInt32BE(8)
  if (flag > 1) throw new RangeError('no boolean')
  return {
    id: bytes.readInt32BE(0),
    revision: bytes.readInt32BE(4),
    isOpen: flag === 1,
    ratio: bytes.readDoubleBE(12),
    name: string(),
    street: string(),
    city: string(),
    remark: string(),
    from: { x: bytes.readInt32BE(at), y: bytes.readInt32BE(at + 4) },
    to: { x: bytes.readInt32BE(at + 8), y: bytes.readInt32BE(at + 12) },
    key: bytes.subarray(at + 16, at + 32),
  }
}

const TURNS = 20_000
const WARM_UPS = 10

const bytes = record.encode(value)
if (!encodeByHand(value).equals(bytes)) throw new Error('the bytes differ')
if (JSON.stringify(decodeByHand(bytes)) !== JSON.stringify(record.decode(bytes)))
  throw new Error('the values differ')

let sink = 0

const contenders = {
  encode: () => record.encode(value).length,
  encodeByHand: () => encodeByHand(value).length,
  decode: () => record.decode(bytes).name.length,
  decodeByHand: () => decodeByHand(bytes).name.length,
}

function nanoseconds(once: () => number): number {
  const before = process.cpuUsage()
  for (let n = 0; n < TURNS; n++) sink += once()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / TURNS
}

for (let round = -WARM_UPS; round < Number(process.argv[2] ?? 20); round++) {
  const taken = Object.entries(contenders).map(([name, once]) => [name, nanoseconds(once)] as const)
  if (round >= 0) say(JSON.stringify({ ...Object.fromEntries(taken), bytes: bytes.length }))
}
if (sink === 0) throw new Error('nothing was done')
