// The second version of transactions over a broker in memory (KIP-890): a write adds its partition, an end gives the
// producer its next epoch, and nothing that was sent before gets into what comes after.

import { describe, expect, it } from 'vitest'
import { buildBatch } from '../../log/record/builder.ts'
import { EPOCH_HANDED_MAX } from './machine.ts'
import { codeOf, committedIn, openScene, type Scene, Writer } from './scene.ts'

const isTopic = (name: string) => name.startsWith('topic/')
const isMetadata = (name: string) => name === '__metadata'

describe('Transactions, second version: writes', () => {
  it('a write adds its partition, in one transaction after the other', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    const { producerId, epoch } = writer.identity
    await writer.put(scene, 0, 'a')
    await writer.put(scene, 1, 'b')
    expect(await committedIn(scene, 0)).toEqual([])
    await writer.endAndRenew(scene, 'commit')
    expect(writer.identity).toEqual({ producerId, epoch: epoch + 1 })
    await writer.put(scene, 0, 'c')
    await writer.endAndRenew(scene, 'abort')
    await writer.put(scene, 0, 'd')
    await writer.endAndRenew(scene, 'commit')
    expect(writer.identity).toEqual({ producerId, epoch: epoch + 3 })
    expect(await committedIn(scene, 0)).toEqual(['a', 'd'])
    expect(await committedIn(scene, 1)).toEqual(['b'])
  })

  it('writes that wait for their permission and those that have it begin in the order of the calls', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    const partition = scene.partition(0)
    const { producerId, epoch: producerEpoch } = writer.identity
    const write = (sequence: number) => {
      const batch = buildBatch([{ timestamp: 0, value: Buffer.from(String(sequence)) }], {
        ...{ producerId, producerEpoch, baseSequence: sequence, transactional: true },
      })
      return scene.broker.transactions.write('t', writer.identity, partition, () =>
        partition.append(batch, scene.broker.transactionCheck(partition)),
      )
    }
    const all: Promise<unknown>[] = []
    for (let sequence = 0; sequence < 20; sequence++) {
      all.push(write(sequence))
      if (sequence % 3 === 0) await Promise.resolve()
      if (sequence === 12) await new Promise(resolve => setImmediate(resolve))
    }
    await Promise.all(all)
    await writer.endAndRenew(scene, 'commit')
    expect(await committedIn(scene, 0)).toEqual(Array.from({ length: 20 }, (_, n) => String(n)))
  })

  it('writes that come together are put in together', async () => {
    const scene = await openScene(12)
    const writer = await Writer.init(scene, 't')
    let commits = 0
    scene.refuse = name => {
      if (isMetadata(name)) commits++
      return false
    }
    await Promise.all(Array.from({ length: 12 }, (_, index) => writer.put(scene, index, 'a')))
    expect(commits).toBe(1)
    await writer.endAndRenew(scene, 'commit')
    for (let index = 0; index < 12; index++) expect(await committedIn(scene, index)).toEqual(['a'])
  })

  it('one that was fenced does not take those of its successor with it', async () => {
    const scene = await openScene()
    const old = await Writer.init(scene, 't')
    const young = await Writer.init(scene, 't')
    const codes = [old.put(scene, 0, 'old'), young.put(scene, 0, 'young'), old.put(scene, 1, 'old')].map(
      codeOf,
    )
    expect(await Promise.all(codes)).toEqual(['PRODUCER_FENCED', 'accepted', 'PRODUCER_FENCED'])
    await young.endAndRenew(scene, 'commit')
    expect(await committedIn(scene, 0)).toEqual(['young'])
  })

  it('nothing is written without a permission that is durable', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    scene.refuse = isMetadata
    expect(await codeOf(writer.put(scene, 0, 'a'))).toBe('STORAGE_FULL')
    scene.refuse = () => false
    expect(scene.partition(0).highWatermark).toBe(0)
    expect(scene.broker.transactions.describe('t').at).toBe('empty')
    await writer.put(scene, 0, 'b')
    await writer.endAndRenew(scene, 'commit')
    expect(await committedIn(scene, 0)).toEqual(['b'])
  })

  it('a write that is late stays out of the next transaction', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    const late = new Writer('t', writer.identity)
    await writer.put(scene, 0, 'a')
    await writer.endAndRenew(scene, 'abort')
    expect(await codeOf(late.put(scene, 0, 'late'))).toBe('PRODUCER_FENCED')
    await writer.put(scene, 0, 'b')
    expect(await codeOf(late.put(scene, 0, 'late'))).toBe('PRODUCER_FENCED')
    expect(await codeOf(late.write(scene, 0, 'late'))).toBe('PRODUCER_FENCED')
    await writer.endAndRenew(scene, 'commit')
    expect(await committedIn(scene, 0)).toEqual(['b'])
  })
})

describe('Transactions, second version: ends', () => {
  it('an end that is asked again gives the same identity, and one marker', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    const { transactions } = scene.broker
    await writer.put(scene, 0, 'a')
    const before = writer.identity
    const [first, second] = await Promise.all([
      transactions.endAndRenew('t', before, 'commit'),
      transactions.endAndRenew('t', before, 'commit'),
    ])
    expect(second).toEqual(first)
    expect(scene.partition(0).highWatermark).toBe(2)
    expect(await codeOf(transactions.endAndRenew('t', before, 'abort'))).toBe('TRANSACTION_STATE_INVALID')
    expect(await codeOf(transactions.endAndRenew('t', first, 'commit'))).toBe('TRANSACTION_STATE_INVALID')
  })

  it('an abort of what never began gives the next epoch', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    const { epoch } = writer.identity
    await writer.endAndRenew(scene, 'abort')
    expect(writer.identity.epoch).toBe(epoch + 1)
    expect(scene.broker.transactions.describe('t')).toMatchObject({ at: 'complete-abort' })
    await writer.put(scene, 0, 'a')
    await writer.endAndRenew(scene, 'commit')
    expect(await committedIn(scene, 0)).toEqual(['a'])
  })

  it('producers of both versions take turns at one transactional id', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    await writer.send(scene, 0, 'a')
    await writer.end(scene, 'commit')
    await writer.send(scene, 0, 'b')
    await writer.endAndRenew(scene, 'commit')
    await writer.send(scene, 0, 'c')
    await writer.end(scene, 'commit')
    expect(await committedIn(scene, 0)).toEqual(['a', 'b', 'c'])
  })

  it('goes on with a fresh producer id when the epochs are used up, also over a crash in between', async () => {
    const before = await openScene()
    const writer = await Writer.init(before, 't')
    const { producerId } = writer.identity
    for (let epoch = 0; epoch < EPOCH_HANDED_MAX; epoch++) await writer.endAndRenew(before, 'abort')
    expect(writer.identity).toEqual({ producerId, epoch: EPOCH_HANDED_MAX })
    await writer.put(before, 0, 'a')
    before.refuse = isTopic
    expect(await codeOf(writer.endAndRenew(before, 'commit'))).toBe('TRANSACTION_BUSY')
    const scene = await before.crash()
    const { transactions } = scene.broker
    writer.become(await transactions.endAndRenew('t', writer.identity, 'commit'))
    expect(writer.identity.epoch).toBe(0)
    expect(writer.identity.producerId).not.toBe(producerId)
    await writer.put(scene, 0, 'b')
    await writer.endAndRenew(scene, 'commit')
    expect(await committedIn(scene, 0)).toEqual(['a', 'b'])
  })

  it.each(['commit', 'abort'] as const)(
    'a %s that was decided is carried out after a crash',
    async outcome => {
      const before = await openScene()
      const writer = await Writer.init(before, 't')
      await writer.put(before, 0, 'a')
      before.refuse = isTopic
      expect(await codeOf(writer.endAndRenew(before, outcome))).toBe('TRANSACTION_BUSY')
      const scene = await before.crash()
      expect(scene.broker.transactions.describe('t').at).toBe(`complete-${outcome}`)
      await writer.endAndRenew(scene, outcome)
      await writer.put(scene, 0, 'b')
      await writer.endAndRenew(scene, 'commit')
      expect(await committedIn(scene, 0)).toEqual(outcome === 'commit' ? ['a', 'b'] : ['b'])
    },
  )

  it('a producer that was too slow aborts, and goes on', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't', 5_000)
    await writer.put(scene, 0, 'a')
    await elapse(scene, '6s')
    expect(await codeOf(writer.put(scene, 0, 'b'))).toBe('PRODUCER_FENCED')
    await writer.endAndRenew(scene, 'abort')
    await writer.put(scene, 0, 'c')
    await writer.endAndRenew(scene, 'commit')
    expect(await committedIn(scene, 0)).toEqual(['c'])
  })
})

async function elapse(scene: Scene, by: Parameters<Scene['world']['advance']>[0]): Promise<void> {
  scene.world.advance(by)
  for (let n = 0; n < 50; n++) await new Promise(resolve => setImmediate(resolve))
}
