// Frames that a broken or malicious peer may send: mostly well formed, with numbers, names and values that mean something else
// than they should; some of them damaged in their bytes.

import { callFlags, frames } from '../../../src/rpc/engine/frames.ts'
import { frame, GivenReference, type Part, values } from '../../../src/rpc/engine/peer.contract.ts'
import type { Dice } from '../../../src/sim/disk/index.ts'

const numbers = [0, 1, 2, 3, 4, 5, 6, 7, 8, 127, 128, 1000, 65_535, 0x7fff_ffff, 0xffff_ffff]
const names = [
  ...[
    'echo',
    'counter',
    'list',
    'hang',
    'sum',
    'call',
    'pay',
    'slow',
    'fail',
    'add',
    'rooms.open',
    'sink',
    '',
  ],
  ...['health', 'describe', 'submit', 'poll', 'take', 'defer', 'close', 'done', 'failed', 'write', 'abort'],
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'rooms.__proto__.open',
    'constructor.constructor',
    '__defineGetter__',
  ],
  ...[
    'then',
    'toString',
    'hasOwnProperty',
    'call.call',
    '_secret',
    '#state',
    '.',
    'a..b',
    'x'.repeat(1024),
    '\u0000',
  ],
]

/** One frame. `damage` is the chance that its bytes are; at 0 it is one that does not end the connection by itself. */
export function randomFrame(dice: Dice, damage: number): Buffer {
  const made = wellFormed(dice, damage === 0)
  return dice.chance(damage) ? damaged(made, dice) : made
}

const harmless = [
  frames.call,
  frames.cancel,
  frames.finished,
  frames.release,
  frames.credit,
  frames.stop,
  frames.ping,
]

function wellFormed(dice: Dice, isHarmless: boolean): Buffer {
  const n = (): number => number(dice)
  const kind = dice.chance(0.5) ? frames.call : dice.pick(isHarmless ? harmless : Object.values(frames))
  switch (kind) {
    case frames.call:
      return call(dice)
    case frames.result:
      return frame(kind, n(), value(dice))
    case frames.fault:
      return frame(kind, n(), ...failure(dice))
    case frames.item:
      return frame(kind, n(), value(dice))
    case frames.end:
      return dice.chance(0.5) ? frame(kind, n(), 2) : frame(kind, n(), ...failure(dice))
    case frames.hello:
      return dice.chance(0.1) ? frame(kind, Buffer.from('PHRP'), n(), n()) : frame(frames.ping)
    case frames.credit:
    case frames.release:
      return frame(kind, n(), n())
    case frames.delivered:
    case frames.cancel:
    case frames.finished:
    case frames.stop:
      return frame(kind, n())
    default:
      return frame(kind)
  }
}

function number(dice: Dice): number {
  return dice.chance(0.7) ? dice.below(12) : dice.pick(numbers)
}

/** Flags that go with what the head has, mostly. */
function call(dice: Dice): Buffer {
  let flags = 0
  for (const flag of Object.values(callFlags)) if (dice.chance(0.15)) flags |= flag
  const head: Part[] = []
  if ((flags & callFlags.deadline) !== 0) head.push(dice.pick([0, 1, 100, 5000, 0xffff_ffff]))
  if ((flags & callFlags.metadata) !== 0) head.push(...metadata(dice))
  if ((flags & callFlags.keyed) !== 0) head.push(number(dice), number(dice))
  const name = dice.pick(names)
  const some = (): unknown[] => Array.from({ length: dice.below(4) }, () => anything(dice, 3))
  const isPutOff = name === 'defer' || name === 'submit'
  const args = isPutOff && dice.chance(0.8) ? [dice.pick(names), some(), leaf(dice)] : some()
  if ((flags & callFlags.restore) !== 0) {
    head.push(dice.below(3))
    for (let marks = dice.below(3); marks > 0; marks--) head.push(dice.below(4), dice.below(2))
  }
  const count = dice.chance(0.95) ? args.length : number(dice)
  const target = isPutOff ? 1 : dice.chance(0.6) ? 0 : dice.chance(0.5) ? 1 : number(dice)
  const id = dice.chance(0.3) ? dice.below(12) : dice.below(0xffff)
  return frame(frames.call, id, flags, target, 0, name, ...head, count, values(...args))
}

function metadata(dice: Dice): readonly Part[] {
  const count = dice.chance(0.9) ? dice.below(4) : 65
  return [
    count,
    ...Array.from({ length: count * 2 }, () => dice.pick([...names, 'traceparent', 'v'.repeat(300)])),
  ]
}

function failure(dice: Dice): readonly Part[] {
  return dice.chance(0.5)
    ? [0, value(dice)]
    : [1, dice.pick(['CALL_TIMEOUT', 'CALL_DRAINING', 'CALL_CONNECTION_LOST', '__proto__', 'x']), 'detail']
}

function value(dice: Dice): Buffer {
  return values(anything(dice, 4))
}

/** Values that programs send, and those that attackers do. */
function anything(dice: Dice, depth: number): unknown {
  if (depth === 0 || dice.chance(0.4)) return leaf(dice)
  const some = (): unknown[] => Array.from({ length: dice.below(4) }, () => anything(dice, depth - 1))
  switch (dice.below(6)) {
    case 0:
      return new Map(some().map((one, n) => [n, one]))
    case 1:
      return new Set(some())
    case 2: {
      const keys = ['__proto__', 'constructor', 'prototype', 'then', 'toJSON', 'polluted', 'done', 'length']
      const object: Record<string, unknown> = {}
      for (const one of some())
        Object.defineProperty(object, dice.pick(keys), { value: one, enumerable: true, configurable: true })
      return object
    }
    case 3:
      return Object.assign(new Error('of the peer'), { code: leaf(dice) })
    case 4: {
      let deep: unknown = leaf(dice)
      for (let n = dice.below(600); n > 0; n--) deep = [deep]
      return deep
    }
    default:
      return some()
  }
}

function leaf(dice: Dice): unknown {
  switch (dice.below(9)) {
    case 0:
      return number(dice)
    case 1:
      return dice.pick(names)
    case 2:
    case 3:
      return new GivenReference(dice.chance(0.9) ? dice.below(6) : dice.below(256), number(dice))
    case 4:
      return dice.pick([undefined, null, true, Number.NaN, -1, 2n ** 70n])
    case 5:
      return Buffer.alloc(dice.below(100), 7)
    case 6:
      return new Date(0)
    case 7:
      return /a+b/g
    default:
      return 'text'
  }
}

function damaged(bytes: Buffer, dice: Dice): Buffer {
  const copy = Buffer.from(bytes)
  switch (dice.below(5)) {
    case 0:
      copy.writeUInt8(dice.below(256), dice.between(4, copy.length - 1))
      return copy
    case 1: {
      const at = dice.between(4, copy.length - 1)
      return copy.fill(0xff, at, Math.min(copy.length, at + dice.between(1, 6)))
    }
    case 2:
      return sealed(copy.subarray(0, dice.between(5, copy.length)))
    case 3:
      return sealed(Buffer.concat([copy, Buffer.alloc(dice.between(1, 30), dice.below(256))]))
    default:
      copy.writeUInt32BE(dice.pick(numbers), 0)
      return copy
  }
}

/** With the length that it has. */
function sealed(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(bytes.length - 4, 0)
  return bytes
}
