// Requests that no mutation would find: few bytes that ask for much. Each is sent by itself.

import type { Api } from '../../src/heads/kafka/wire/api.ts'
import { Fetch, ListOffsets, Metadata, OffsetFetch } from '../../src/heads/kafka/wire/index.ts'
import { type Codec, codecs } from '../../src/log/index.ts'
import { compressedBatch } from '../../src/log/record/builder.ts'
import { encodeRequest, produceOf } from './corpus.ts'

const BOMB_BYTES = 128 * 1024 * 1024
const MILLION = 1_000_000
/** Just below what one request may hold. */
const MANY = 249_000

/** A request and what it is. */
export interface Hostile {
  readonly story: string
  readonly bytes: Buffer
}

/** Made once: it takes some seconds. */
export function hostileRequests(): Hostile[] {
  return [...bombs(), ...crowds(MILLION), ...crowds(MANY)]
}

/** Batches that inflate to twice what the broker is ready to hold, to a topic that looks inside and to one that does not. */
function bombs(): Hostile[] {
  const zeros = Buffer.alloc(BOMB_BYTES)
  return codecs
    .filter(codec => codec !== 'none')
    .flatMap(codec => {
      const batch = bomb(codec, zeros)
      return ['plain', 'compacted'].map(topic => ({
        story: `${codec} bomb to ${topic}`,
        bytes: produceOf(topic, batch),
      }))
    })
}

function bomb(codec: Codec, zeros: Buffer): Buffer {
  return compressedBatch(codec, zeros, {
    baseOffset: 0,
    leaderEpoch: -1,
    attributes: codecs.indexOf(codec),
    lastOffsetDelta: 0,
    baseTimestamp: 1,
    maxTimestamp: 1,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    recordCount: 1,
  }).buffer
}

function crowds(count: number): Hostile[] {
  const times = <T>(one: T): T[] => new Array<T>(count).fill(one)
  const position = {
    partition: 0,
    currentLeaderEpoch: -1,
    partitionMaxBytes: 1,
    fetchOffset: 0,
    timestamp: -1,
  }
  const asked: readonly [Api, number, object][] = [
    [Metadata as unknown as Api, 1, { topics: times({ name: '' }) }],
    [Fetch as unknown as Api, 4, { ...fetching, topics: [{ topic: 'plain', partitions: times(position) }] }],
    [
      ListOffsets as unknown as Api,
      2,
      {
        replicaId: -1,
        isolationLevel: 0,
        topics: [{ name: 'plain', partitions: times({ ...position, partitionIndex: 0 }) }],
      },
    ],
    [
      OffsetFetch as unknown as Api,
      1,
      { groupId: 'group', topics: [{ name: 'plain', partitionIndexes: times(0) }] },
    ],
  ]
  return asked.map(([api, version, request]) => ({
    story: `${api.name} v${version} of ${count}`,
    bytes: encodeRequest(api, version, request),
  }))
}

const fetching = { replicaId: -1, maxWaitMs: 0, minBytes: 0, maxBytes: 1000, isolationLevel: 0 }
