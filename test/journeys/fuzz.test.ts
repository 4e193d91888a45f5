// The short form of the fuzzer, with a fixed seed; `npm run fuzz` is the long one.

import { describe, expect, it, vi } from 'vitest'
import type { Api } from '../../src/heads/kafka/wire/api.ts'
import { Metadata } from '../../src/heads/kafka/wire/index.ts'
import { Caller } from '../../src/rpc/engine/caller.ts'
import { Deadlines } from '../../src/rpc/engine/deadlines.ts'
import { Exports } from '../../src/rpc/refs/exports.ts'
import { amqpCampaign } from '../fuzz/amqp/campaign.ts'
import { Arena } from '../fuzz/arena.ts'
import { campaign } from '../fuzz/campaign.ts'
import { encodeRequest } from '../fuzz/corpus.ts'
import { rpcCampaign } from '../fuzz/rpc/campaign.ts'
import { socketAttack } from '../fuzz/sockets.ts'

describe('mutated requests', () => {
  it('are answered or end their connection, and others are served on', async () => {
    const outcome = await campaign({ seed: 1, requests: 10_000, renewAfter: 5000, hostile: false })
    expect(outcome.findings).toEqual([])
    expect(outcome.requests).toBeGreaterThanOrEqual(10_000)
    expect(outcome.answered).toBeGreaterThan(1000)
  })

  it('do no more over sockets, whole or in part', async () => {
    expect(await socketAttack(1, 60)).toEqual([])
  })
})

describe('mutated AMQP frames', () => {
  it('are answered or end their connection, and others are served on', async () => {
    const outcome = await amqpCampaign({ seed: 1, requests: 2000, renewAfter: 1000, hostile: true })
    expect(outcome.findings).toEqual([])
    expect(outcome.answered).toBeGreaterThan(100)
  })
})

describe('frames of RPC, damaged and wrong', () => {
  it('end calls and connections, and others are served on', async () => {
    const outcome = await rpcCampaign({ seed: 1, requests: 4000, renewAfter: 2000, hostile: true })
    expect(outcome.findings).toEqual([])
    expect(outcome.answered).toBeGreaterThan(1000)
  })

  it.each<[string, RegExp, () => void]>([
    [
      'a connection that breaks by our own mistake',
      /planted/,
      () => {
        vi.spyOn(Exports.prototype, 'release').mockImplementation(() => {
          throw new TypeError('planted')
        })
      },
    ],
    [
      'calls that hang',
      /hang/,
      () => {
        vi.spyOn(Deadlines.prototype, 'arm').mockImplementation(() => {})
        vi.spyOn(Caller.prototype, 'lose').mockImplementation(() => [])
      },
    ],
  ])('would be found: %s', async (_, said, plant) => {
    plant()
    const outcome = await rpcCampaign({ seed: 1, requests: 2000, renewAfter: 1000, hostile: true })
    vi.restoreAllMocks()
    expect(outcome.findings.join()).toMatch(said)
  })
})

describe('the fuzzer itself', () => {
  const request = encodeRequest(Metadata as unknown as Api, 12, { topics: null })
  const visit = {
    requests: [request],
    cut: (stream: Buffer) => [stream],
    login: false,
    impatient: false,
    story: 'planted',
  }

  it.each([
    [
      'an exception',
      () => {
        throw new TypeError('planted')
      },
      /planted/,
    ],
    ['an answer that is not of its table', () => [{ name: 7, partitions: [] }], /unexpected error/],
  ])('finds a planted mistake: %s', async (_, mistake, said) => {
    const arena = await Arena.open(1)
    await arena.visit(visit)
    expect(arena.findings).toEqual([])
    Object.assign(arena.broker.topics, { list: mistake })
    await arena.visit(visit)
    expect(arena.findings.join()).toMatch(said)
  })
})
