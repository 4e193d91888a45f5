// What the fuzzer does to a valid request. Each mutation is one way in which a peer is wrong; several may be applied one
// after another.

import { RecordBatch } from '../../src/log/index.ts'
import type { Dice } from '../../src/sim/disk/index.ts'
import { batches, produceOf, type Seed } from './corpus.ts'

const HEADER_BYTES = 8
const edges = [-0x8000_0000, -0x8000, -2, -1, 0, 1, 0x7f, 0x80, 0x7fff, 0xffff, 0xfffffff, 0x7fff_ffff]

type Mutation = (bytes: Buffer, dice: Dice, corpus: readonly Seed[]) => Buffer

/** By name, so that a finding can say what led to it. */
const mutations: Readonly<Record<string, Mutation>> = {
  flipBit: onCopy((bytes, dice) => {
    const at = dice.below(bytes.length)
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << dice.below(8)), at)
  }),
  setByte: onCopy((bytes, dice) => {
    bytes.writeUInt8(dice.pick([0, 1, 0x7f, 0x80, 0xff, dice.below(256)]), dice.below(bytes.length))
  }),
  setInt16: onCopy((bytes, dice) => {
    if (bytes.length >= 2) bytes.writeInt16BE((dice.pick(edges) << 16) >> 16, dice.below(bytes.length - 1))
  }),
  setInt32: onCopy((bytes, dice) => {
    if (bytes.length >= 4) bytes.writeInt32BE(dice.pick(edges) | 0, dice.below(bytes.length - 3))
  }),
  hugeVarint: onCopy((bytes, dice) => {
    const at = dice.below(bytes.length)
    bytes.fill(0xff, at, Math.min(bytes.length, at + dice.between(1, 6)))
  }),
  truncate: (bytes, dice) => bytes.subarray(0, dice.below(bytes.length)),
  extend: (bytes, dice) => Buffer.concat([bytes, Buffer.alloc(dice.between(1, 64), dice.below(256))]),
  repeatPart: (bytes, dice) => {
    const from = dice.below(bytes.length)
    const part = bytes.subarray(from, from + dice.between(1, 40))
    const copies = Array.from({ length: dice.between(1, 20) }, () => part)
    return Buffer.concat([bytes.subarray(0, from), ...copies, bytes.subarray(from)])
  },
  removePart: (bytes, dice) => {
    const from = dice.below(bytes.length)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + dice.between(1, 20))])
  },
  splice: (bytes, dice, corpus) => {
    const other = dice.pick(corpus).bytes
    return Buffer.concat([
      bytes.subarray(0, dice.below(bytes.length)),
      other.subarray(dice.below(other.length)),
    ])
  },
  otherVersion: onCopy((bytes, dice) => {
    if (bytes.length >= HEADER_BYTES) bytes.writeInt16BE(dice.between(-1, 20), 2)
  }),
  otherKey: onCopy((bytes, dice) => {
    if (bytes.length >= HEADER_BYTES) bytes.writeInt16BE(dice.between(-1, 100), 0)
  }),
  none: bytes => bytes,
  batch: (_, dice) => produceOf(dice.pick(['plain', 'compacted']), damagedBatch(dice), dice.between(-1, 1)),
}
/** Small changes more often: what breaks the whole message ends the connection and gets no further. */
const names = [
  ...Object.keys(mutations),
  ...['none', 'none', 'flipBit', 'flipBit', 'flipBit', 'setByte', 'setByte', 'setInt32', 'batch', 'batch'],
]
const goodBatches = batches()

/** A request made from `seed`, and the names of what was done to it. */
export function mutated(seed: Seed, dice: Dice, corpus: readonly Seed[]): { bytes: Buffer; story: string } {
  let { bytes } = seed
  const story: string[] = []
  for (let times = dice.pick([1, 1, 1, 1, 2, 3]); times > 0; times--) {
    const name = dice.pick(names)
    if (bytes.length > 0) bytes = (mutations[name] as Mutation)(bytes, dice, corpus)
    story.push(name)
  }
  return { bytes, story: `${seed.api.name} v${seed.version} ${story.join(' ')}` }
}

/** One small change somewhere after the header. */
export function nudged(bytes: Buffer, dice: Dice): Buffer {
  const copy = Buffer.from(bytes)
  const at = dice.between(Math.min(HEADER_BYTES, copy.length - 1), copy.length - 1)
  copy.writeUInt8(dice.chance(0.5) ? copy.readUInt8(at) ^ (1 << dice.below(8)) : dice.below(256), at)
  return copy
}

/** A batch with one thing wrong, mostly with a right checksum, so that what is behind it is reached. */
function damagedBatch(dice: Dice): Buffer {
  let bytes = Buffer.from(dice.pick(goodBatches))
  for (let times = dice.between(1, 3); times > 0; times--) {
    const at = dice.chance(0.5) ? dice.below(61) : dice.below(bytes.length)
    if (dice.chance(0.5)) bytes.writeUInt8(dice.below(256), at)
    else if (at + 4 <= bytes.length) bytes.writeInt32BE(dice.pick(edges) | 0, at)
  }
  if (dice.chance(0.1)) bytes = bytes.subarray(0, dice.between(0, bytes.length))
  if (dice.chance(0.8) && bytes.length >= 61) {
    bytes.writeInt32BE(bytes.length - 12, 8)
    bytes.writeInt8(2, 16)
    new RecordBatch(bytes).seal()
  }
  return dice.chance(0.1) ? Buffer.concat([bytes, dice.pick(goodBatches)]) : bytes
}

function onCopy(change: (bytes: Buffer, dice: Dice) => void): Mutation {
  return (bytes, dice) => {
    const copy = Buffer.from(bytes)
    change(copy, dice)
    return copy
  }
}
