// A run of the fuzzer: visits to a broker that is renewed now and then, with a healthy client in between and memory
// looked at when a broker has gone.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Reader } from '../../src/bytes/index.ts'
import type { Api } from '../../src/heads/kafka/wire/api.ts'
import { Fetch, Produce } from '../../src/heads/kafka/wire/index.ts'
import { Dice } from '../../src/sim/disk/index.ts'
import { Arena, type Visit } from './arena.ts'
import { batches, corpus, encodeRequest, produceOf, type Seed } from './corpus.ts'
import { hostileRequests } from './hostile.ts'
import { mutated } from './mutate.ts'
import { story } from './stories.ts'

export interface CampaignOptions {
  readonly seed: number
  /** Mutated requests to be read by brokers; what stands behind a request that ended its connection is not counted. */
  readonly requests: number
  /** A broker serves this many, then another takes its place. */
  readonly renewAfter: number
  /** Whether bombs and crowds are sent too: some seconds for each broker. */
  readonly hostile: boolean
  readonly progress?: (line: string) => void
}

export interface Outcome {
  readonly requests: number
  readonly answered: number
  readonly findings: readonly string[]
  /** Bytes in use, buffers included, after each broker was closed and its garbage collected. */
  readonly inUse: readonly number[]
  readonly rssMax: number
}

/** Share of the visits that are stories. */
const STORIES = 0.1

export async function campaign(options: CampaignOptions): Promise<Outcome> {
  const { seed, requests, renewAfter, progress } = options
  const dice = new Dice(seed)
  const seeds = corpus(seed, 4)
  const hostile = options.hostile ? hostileRequests() : []
  const findings: string[] = []
  const inUse: number[] = []
  let sent = 0
  let answered = 0
  let rssMax = 0
  while (sent < requests) {
    const arena = await Arena.open(dice.seed())
    for (const { story, bytes } of hostile) answered += (await arena.visit(alone(story, bytes))).answers.size
    for (const until = Math.min(requests, sent + renewAfter); sent < until; ) {
      const done = dice.chance(STORIES) ? await story(arena, dice) : await visit(arena, dice, seeds)
      answered += done.answered
      sent += done.read
      rssMax = Math.max(rssMax, process.memoryUsage.rss())
    }
    await healthy(arena)
    await arena.close()
    findings.push(...arena.findings)
    inUse.push(bytesInUse())
    progress?.(
      `${sent} requests, ${answered} answered, ${findings.length} findings, in use ${mb(inUse.at(-1) ?? 0)}, rss ${mb(rssMax)}`,
    )
  }
  return { requests: sent, answered, findings, inUse, rssMax }
}

async function visit(arena: Arena, dice: Dice, seeds: readonly Seed[]) {
  const { answers, read } = await arena.visit(randomVisit(dice, seeds))
  return { answered: answers.size, read }
}

/** One to eight requests of one client: some cut into crumbs, some with a frame that never ends, some before a login. */
function randomVisit(dice: Dice, seeds: readonly Seed[]): Visit {
  const count = dice.between(1, 8)
  const made = Array.from({ length: count }, () => mutated(dice.pick(seeds), dice, seeds))
  const crumbs = dice.chance(0.1)
  const torn = dice.chance(0.05)
  return {
    requests: made.map(one => one.bytes),
    cut: stream => cut(torn ? stream.subarray(0, dice.below(stream.length)) : stream, crumbs, dice),
    login: torn || dice.chance(0.1),
    impatient: torn || dice.chance(0.8),
    story: made.map(one => one.story).join(' | '),
  }
}

function cut(stream: Buffer, crumbs: boolean, dice: Dice): Buffer[] {
  if (!crumbs) return [stream]
  const parts: Buffer[] = []
  for (let at = 0; at < stream.length; ) {
    const size = dice.between(1, 50)
    parts.push(stream.subarray(at, at + size))
    at += size
  }
  return parts
}

function alone(story: string, bytes: Buffer): Visit {
  return { requests: [bytes], cut: stream => [stream], login: false, impatient: false, story }
}

/** A client that does everything right still gets what it asks for. */
async function healthy(arena: Arena): Promise<void> {
  const name = 'healthy'
  await arena.broker.topics.findOrCreate({ name, partitions: 1 })
  const [batch = Buffer.alloc(0)] = batches()
  const fetch = encodeRequest(Fetch as unknown as Api, 4, {
    replicaId: -1,
    maxWaitMs: 100,
    minBytes: 1,
    maxBytes: 1_000_000,
    isolationLevel: 0,
    topics: [{ topic: name, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }] }],
  })
  const produced = (await arena.visit(alone('healthy', produceOf(name, batch)))).answers.get(0)
  const fetched = (await arena.visit(alone('healthy', fetch))).answers.get(0)
  if (produced === undefined || fetched === undefined) {
    arena.findings.push('a healthy client got no answer')
    return
  }
  const error = Produce.response.decode(new Reader(produced, 5), 9).responses[0]?.partitionResponses[0]
    ?.errorCode
  const records = Fetch.response.decode(new Reader(fetched, 4), 4).responses[0]?.partitions[0]?.records
  // Offset and epoch, the first 16 bytes, are the broker's.
  if (error !== 0 || records == null || !records.subarray(16).equals(batch.subarray(16)))
    arena.findings.push(`a healthy client got error ${error} and ${records?.length} bytes`)
}

/** After a collection of garbage. */
export function bytesInUse(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function mb(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`
}
