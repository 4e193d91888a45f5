// ListOffsets: which words for a time a version knows, and what is asked twice. The codes are those that Kafka 4.1 gave to
// the same requests.

import { describe, expect, it } from 'vitest'
import { kafkaErrors } from '../errors.ts'
import { ListOffsets } from '../wire/index.ts'
import { Scene } from './asking.contract.ts'

const words = [
  ['the end', -1, 1],
  ['the start', -2, 1],
  ['the largest time (KIP-734)', -3, 7],
  ['the start of what is local (KIP-405)', -4, 8],
  ['the end of what is tiered (KIP-1005)', -5, 9],
] as const

async function asked(timestamps: readonly number[], version?: number) {
  const scene = await Scene.open()
  await scene.broker.topics.create({ name: 't', partitions: 1 })
  const partitions = timestamps.map(timestamp => ({ partitionIndex: 0, timestamp }))
  const request = { replicaId: -1, isolationLevel: 0, topics: [{ name: 't', partitions }] }
  const { topics } = await scene.ask(ListOffsets, request, version === undefined ? {} : { version })
  return topics[0]?.partitions.map(({ errorCode }) => errorCode)
}

describe('ListOffsets', () => {
  it.each(words)('knows a word for %s, %i, since version %i', async (_what, timestamp, since) => {
    for (let version = 1; version <= ListOffsets.versions.max; version++) {
      const code = version < since ? kafkaErrors.UNSUPPORTED_VERSION : kafkaErrors.NONE
      expect(await asked([timestamp], version), `version ${version}`).toEqual([code])
    }
  })

  it.each([-6, -9])('knows no word %i', async timestamp => {
    expect(await asked([timestamp])).toEqual([kafkaErrors.UNSUPPORTED_VERSION])
  })

  it('refuses a partition that is asked for twice', async () => {
    expect(await asked([-1, -2])).toContain(kafkaErrors.INVALID_REQUEST)
    expect(await asked([-1, -2])).not.toContain(kafkaErrors.NONE)
  })
})
