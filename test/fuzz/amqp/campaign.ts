// A run of the AMQP fuzzer: visits of mutated frames to a head that is renewed now and then, hostile ones first, with a healthy
// client in between and memory looked at when a head has gone.

import { frameTypes } from '../../../src/heads/amqp091/frame.ts'
import { Dice } from '../../../src/sim/disk/index.ts'
import { bytesInUse, type CampaignOptions, type Outcome } from '../campaign.ts'
import { AmqpArena, type AmqpVisit } from './arena.ts'
import { type AmqpSeed, amqpCorpus, rawFrame } from './corpus.ts'
import { hostileVisits } from './hostile.ts'

const EACH = 6
/** Frames of one visit, at most. */
const VISIT_FRAMES = 12
/** Bytes of a frame before its payload. */
const PREFIX_BYTES = 7

export async function amqpCampaign(options: CampaignOptions): Promise<Outcome> {
  const { seed, requests, renewAfter, progress } = options
  const dice = new Dice(seed)
  const seeds = amqpCorpus(seed, EACH)
  const findings: string[] = []
  const inUse: number[] = []
  let sent = 0
  let answered = 0
  let rssMax = 0
  while (sent < requests) {
    const arena = await AmqpArena.open()
    if (options.hostile) for (const visit of hostileVisits()) answered += await arena.visit(visit)
    for (const until = Math.min(requests, sent + renewAfter); sent < until; ) {
      const { visit, frames } = randomVisit(dice, seeds)
      answered += await arena.visit(visit)
      sent += frames
      rssMax = Math.max(rssMax, process.memoryUsage.rss())
    }
    await arena.healthy()
    await arena.close()
    findings.push(...arena.findings)
    inUse.push(bytesInUse())
    progress?.(`amqp: ${sent} frames, ${answered} frames came back, ${findings.length} findings`)
  }
  return { requests: sent, answered, findings, inUse, rssMax }
}

/** Some frames of one client: most of them whole, so that what stands behind is reached. */
function randomVisit(dice: Dice, seeds: readonly AmqpSeed[]): { visit: AmqpVisit; frames: number } {
  const frames = dice.between(1, VISIT_FRAMES)
  const made = Array.from({ length: frames }, () => frameOf(dice, seeds))
  const stream = Buffer.concat(made.map(one => one.bytes))
  return {
    frames,
    visit: {
      story: made.map(one => one.story).join(' | '),
      chunks: dice.chance(0.2) ? crumbs(stream, dice) : [stream],
      bare: dice.chance(0.05),
      slow: dice.chance(0.02),
      waitMs: dice.chance(0.1) ? dice.pick([1, 1000, 60_000]) : 0,
    },
  }
}

function frameOf(dice: Dice, seeds: readonly AmqpSeed[]): { story: string; bytes: Buffer } {
  const { name, bytes } = dice.pick(seeds)
  const copy = Buffer.from(bytes)
  const at = dice.below(copy.length)
  switch (dice.below(12)) {
    case 0:
      copy.writeUInt8(copy.readUInt8(at) ^ (1 << dice.below(8)), at)
      return { story: `${name} flipBit ${at}`, bytes: copy }
    case 1:
      copy.writeUInt8(dice.pick([0, 1, 0x7f, 0x80, 0xff]), Math.max(at, PREFIX_BYTES) % copy.length)
      return { story: `${name} setByte ${at}`, bytes: copy }
    case 2:
      return {
        story: `${name} cut ${at}`,
        bytes: resized(copy, copy.subarray(PREFIX_BYTES, Math.max(at, PREFIX_BYTES))),
      }
    case 3: {
      const more = Buffer.alloc(dice.between(1, 40), dice.below(256))
      return {
        story: `${name} longer`,
        bytes: resized(copy, Buffer.concat([copy.subarray(PREFIX_BYTES, -1), more])),
      }
    }
    case 4:
      copy.writeUInt16BE(dice.pick([0, 1, 2, 2047, 2048, 0xffff]), 1)
      return { story: `${name} other channel`, bytes: copy }
    case 5:
      copy.writeUInt16BE(dice.pick([0, 10, 20, 30, 60, 90, 0xffff]), PREFIX_BYTES)
      return { story: `${name} other class`, bytes: copy }
    case 6:
      return { story: 'a stray content frame', bytes: rawFrame(dice.pick([2, 3]), 1, copy.subarray(0, at)) }
    default:
      return { story: name, bytes: copy }
  }
}

/** The frame with another payload, its length made right, so that what reads the payload is reached. */
function resized(frame: Buffer, payload: Buffer): Buffer {
  return rawFrame(frame[0] ?? frameTypes.method, frame.readUInt16BE(1), payload)
}

function crumbs(stream: Buffer, dice: Dice): Buffer[] {
  const parts: Buffer[] = []
  for (let at = 0; at < stream.length; ) {
    const size = dice.between(1, 50)
    parts.push(stream.subarray(at, at + size))
    at += size
  }
  return parts
}
