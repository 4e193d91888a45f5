// The verbs about transactions against a broker in memory, without a connection: what is asked in the order of a real
// producer (KIP-98), who may (KIP-11, KIP-679), and which words old clients are told (KIP-588).

import { describe, expect, it } from 'vitest'
import { user } from '../../auth/index.ts'
import { Broker } from '../../broker/index.ts'
import { openMemoryStore } from '../../log/index.ts'
import { buildBatch } from '../../log/record/builder.ts'
import { ManualWorld } from '../../world/index.ts'
import { Cluster } from './cluster.ts'
import { kafkaErrors } from './errors.ts'
import type { Call, Verb } from './verb.ts'
import { initProducerId } from './verbs/22-init-producer-id.ts'
import { addPartitionsToTxn } from './verbs/24-add-partitions-to-txn.ts'
import { addOffsetsToTxn } from './verbs/25-add-offsets-to-txn.ts'
import { endTxn } from './verbs/26-end-txn.ts'
import { txnOffsetCommit } from './verbs/28-txn-offset-commit.ts'
import { describeProducers } from './verbs/61-describe-producers.ts'
import { describeTransactions } from './verbs/65-describe-transactions.ts'
import { listTransactions } from './verbs/66-list-transactions.ts'

const id = 'payments'
const group = 'billing'
/** The last that speak of the first version of transactions (the second: transaction-renewal.test.ts). */
const versions: Readonly<Record<number, number>> = { 22: 5, 24: 3, 25: 4, 26: 4, 28: 4 }

interface Access {
  /** What is denied: `operation type name`. */
  readonly denied?: readonly string[]
  readonly version?: number
  readonly nodes?: number
}

async function open() {
  const broker = await Broker.open({ store: openMemoryStore(), world: new ManualWorld() })
  await broker.topics.create({ name: 'orders', partitions: 2 })
  const ask = async (verb: Verb, request: object, { denied = [], version, nodes = 1 }: Access = {}) => {
    const call: Partial<Record<keyof Call, unknown>> = {
      kafka: { broker, cluster: new Cluster('cluster', nodes) },
      version: version ?? versions[verb.api.key] ?? 0,
      nodeId: 0,
      principal: user('alice'),
      host: '127.0.0.1',
      allows: (operation: string, type: string, name: string) =>
        !denied.includes(`${operation} ${type} ${name}`),
    }
    return (await verb.handle(request, call as unknown as Call)) as Record<string, never>
  }
  return { broker, ask }
}
type Ask = Awaited<ReturnType<typeof open>>['ask']

const who = { producerId: 0, producerEpoch: 0 }
const init = { transactionalId: id, transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
const add = (topics: Readonly<Record<string, readonly number[]>>, producerEpoch = 0) => ({
  v3AndBelowTransactionalId: id,
  v3AndBelowProducerId: 0,
  v3AndBelowProducerEpoch: producerEpoch,
  v3AndBelowTopics: Object.entries(topics).map(([name, partitions]) => ({ name, partitions })),
})
const commit = (offset: number, name = 'orders', partitionIndex = 0) => ({
  transactionalId: id,
  groupId: group,
  ...who,
  generationId: -1,
  memberId: '',
  groupInstanceId: null,
  topics: [
    {
      name,
      partitions: [
        { partitionIndex, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: null },
      ],
    },
  ],
})
const addedCodes = (response: Record<string, unknown>) =>
  (response.resultsByTopicV3AndBelow as { resultsByPartition: { partitionErrorCode: number }[] }[]).flatMap(
    one => one.resultsByPartition.map(row => row.partitionErrorCode),
  )
const committedCodes = (response: Record<string, unknown>) =>
  (response.topics as { partitions: { errorCode: number }[] }[]).flatMap(one =>
    one.partitions.map(row => row.errorCode),
  )
const committedOffset = (broker: Broker, requireStable = false) =>
  broker.groups.fetchOffsets({
    groupId: group,
    memberId: null,
    memberEpoch: -1,
    topics: [{ topic: 'orders', partitions: [0] }],
    requireStable,
  })[0]

async function began(ask: Ask): Promise<void> {
  await ask(initProducerId, init)
  await ask(addPartitionsToTxn, add({ orders: [0, 1] }))
}

describe('transaction verbs', () => {
  it('carry a transaction with offsets from its beginning to its end', async () => {
    const { broker, ask } = await open()
    expect(await ask(initProducerId, init)).toMatchObject({ errorCode: 0, ...who })
    expect(addedCodes(await ask(addPartitionsToTxn, add({ orders: [0, 1] })))).toEqual([0, 0])
    expect(await ask(addOffsetsToTxn, { transactionalId: id, ...who, groupId: group })).toEqual({
      errorCode: 0,
    })
    expect(committedCodes(await ask(txnOffsetCommit, commit(7)))).toEqual([0])
    expect(committedOffset(broker)).toMatchObject({ offset: -1 })
    expect(committedOffset(broker, true)).toMatchObject({ error: 'OFFSET_UNSTABLE' })
    expect(await ask(endTxn, { transactionalId: id, ...who, committed: true })).toEqual({ errorCode: 0 })
    expect(committedOffset(broker, true)).toMatchObject({ offset: 7 })
  })

  it('drop the offsets of a transaction that aborts', async () => {
    const { broker, ask } = await open()
    await began(ask)
    await ask(addOffsetsToTxn, { transactionalId: id, ...who, groupId: group })
    await ask(txnOffsetCommit, commit(7))
    await ask(endTxn, { transactionalId: id, ...who, committed: false })
    expect(committedOffset(broker, true)).toMatchObject({ offset: -1 })
  })

  it('refuse offsets of a group that is not in the transaction, and of a topic that is not there', async () => {
    const { ask } = await open()
    await began(ask)
    expect(committedCodes(await ask(txnOffsetCommit, commit(7)))).toEqual([kafkaErrors.TRANSACTION_ABORTABLE])
    await ask(addOffsetsToTxn, { transactionalId: id, ...who, groupId: group })
    const unknown = await ask(txnOffsetCommit, commit(7, 'nowhere'))
    expect(committedCodes(unknown)).toEqual([kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION])
    const thrownOut = { ...commit(7), generationId: 3, memberId: 'gone' }
    expect(committedCodes(await ask(txnOffsetCommit, thrownOut))).not.toEqual([0])
  })

  it('tell a producer of a stale member epoch that the generation is another (KIP-848)', async () => {
    const { broker, ask } = await open()
    await began(ask)
    await ask(addOffsetsToTxn, { transactionalId: id, ...who, groupId: group })
    const member = { groupId: group, memberId: 'm', memberEpoch: 0, instanceId: null, rackId: null }
    await broker.groups.consumerHeartbeat({
      ...member,
      ...{ rebalanceTimeoutMs: 1000, topicNames: ['orders'], pattern: null, assignor: null, owned: {} },
      ...{ clientId: '', clientHost: '' },
    })
    const stale = { ...commit(7), generationId: 9, memberId: 'm' }
    expect(committedCodes(await ask(txnOffsetCommit, stale))).toEqual([kafkaErrors.ILLEGAL_GENERATION])
    const none = { ...commit(7), groupId: '' }
    expect(committedCodes(await ask(txnOffsetCommit, none))).toEqual([kafkaErrors.INVALID_GROUP_ID])
  })

  it('add all partitions or none', async () => {
    const { broker, ask } = await open()
    await ask(initProducerId, init)
    const codes = addedCodes(await ask(addPartitionsToTxn, add({ orders: [0, 9], nowhere: [0] })))
    expect(codes).toEqual([
      kafkaErrors.OPERATION_NOT_ATTEMPTED,
      kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION,
      kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION,
    ])
    expect(broker.transactions.describe(id).at).toBe('empty')
  })

  it.each([
    [1, kafkaErrors.INVALID_PRODUCER_EPOCH],
    [2, kafkaErrors.PRODUCER_FENCED],
  ])('tell a fenced producer of version %i error %i (KIP-588)', async (version, code) => {
    const { ask } = await open()
    await began(ask)
    await ask(initProducerId, init)
    expect(addedCodes(await ask(addPartitionsToTxn, add({ orders: [0] }), { version }))).toEqual([code])
    expect(await ask(endTxn, { transactionalId: id, ...who, committed: true }, { version })).toEqual({
      errorCode: code,
    })
    const offsets = { transactionalId: id, ...who, groupId: group }
    expect(await ask(addOffsetsToTxn, offsets, { version })).toEqual({ errorCode: code })
  })

  it('tell a producer that goes on with a fenced identity so, from version 4 on (KIP-588)', async () => {
    const { ask } = await open()
    await ask(initProducerId, init)
    await ask(initProducerId, init)
    const stale = { ...init, producerId: 0, producerEpoch: 0 }
    expect(await ask(initProducerId, stale, { version: 3 })).toMatchObject({ errorCode: 47 })
    expect(await ask(initProducerId, stale, { version: 4 })).toMatchObject({ errorCode: 90 })
    expect(await ask(initProducerId, { ...init, producerId: 0 })).toMatchObject({ errorCode: 42 })
    expect(await ask(initProducerId, { ...init, transactionTimeoutMs: 0 })).toMatchObject({ errorCode: 50 })
  })
})

describe('transaction verbs: access', () => {
  const transactional = `write transactional_id ${id}`

  it.each<[string, Verb, object, string, number]>([
    ['InitProducerId', initProducerId, init, transactional, 53],
    ['AddOffsetsToTxn', addOffsetsToTxn, { transactionalId: id, ...who, groupId: group }, transactional, 53],
    [
      'AddOffsetsToTxn',
      addOffsetsToTxn,
      { transactionalId: id, ...who, groupId: group },
      `read group ${group}`,
      30,
    ],
    ['EndTxn', endTxn, { transactionalId: id, ...who, committed: true }, transactional, 53],
  ])('%s without "%s"', async (_, verb, request, denied, errorCode) => {
    const { ask } = await open()
    await began(ask)
    expect(await ask(verb, request, { denied: [denied] })).toMatchObject({ errorCode })
  })

  it('AddPartitionsToTxn and TxnOffsetCommit say it of each partition', async () => {
    const { ask } = await open()
    await began(ask)
    await ask(addOffsetsToTxn, { transactionalId: id, ...who, groupId: group })
    const adding = async (denied: string) =>
      addedCodes(await ask(addPartitionsToTxn, add({ orders: [0] }), { denied: [denied] }))
    expect(await adding(transactional)).toEqual([53])
    expect(await adding('write topic orders')).toEqual([29])
    const committing = async (denied: string) =>
      committedCodes(await ask(txnOffsetCommit, commit(1), { denied: [denied] }))
    expect(await committing(transactional)).toEqual([53])
    expect(await committing(`read group ${group}`)).toEqual([30])
    expect(await committing('read topic orders')).toEqual([29])
  })

  it('an idempotent producer needs the right to write to some topic only (KIP-679)', async () => {
    const { broker, ask } = await open()
    const request = { ...init, transactionalId: null }
    const denied = ['idempotent_write cluster kafka-cluster']
    expect(await ask(initProducerId, request, { denied })).toMatchObject({ errorCode: 0 })
    const deny = { patternType: 'literal', host: '*', operation: 'write', permission: 'deny' } as const
    const everybody = { resourceType: 'topic', resourceName: '*', principal: 'User:*' } as const
    await broker.access.addAcls([{ ...deny, ...everybody }])
    expect(await ask(initProducerId, request, { denied })).toMatchObject({ errorCode: 31 })
  })

  it('another virtual broker is not the coordinator', async () => {
    const { ask } = await open()
    const nodes = [2, 3, 4, 5, 6, 7].find(size => new Cluster('cluster', size).coordinatorOf(id) !== 0) ?? 0
    expect(await ask(initProducerId, init, { nodes })).toMatchObject({ errorCode: 16 })
  })
})

describe('transaction verbs: listing (KIP-664)', () => {
  it('describe a transaction, its partitions and its producers', async () => {
    const { broker, ask } = await open()
    await began(ask)
    const partition = broker.topics.partition('orders', 1)
    const batch = buildBatch([{ timestamp: 5, value: Buffer.from('x') }], {
      ...who,
      baseSequence: 0,
      transactional: true,
    })
    if (partition !== undefined) await partition.append(batch, broker.transactionCheck(partition))
    const described = await ask(describeTransactions, { transactionalIds: [id, 'nobody', ''] })
    expect(described).toMatchObject({
      transactionStates: [
        {
          errorCode: 0,
          transactionState: 'Ongoing',
          ...who,
          topics: [{ topic: 'orders', partitions: [0, 1] }],
        },
        { errorCode: 105 },
        { errorCode: 42 },
      ],
    })
    const topics = [{ name: 'orders', partitionIndexes: [1, 9] }]
    expect(await ask(describeProducers, { topics })).toMatchObject({
      topics: [
        {
          partitions: [
            { errorCode: 0, activeProducers: [{ ...who, lastSequence: 0, currentTxnStartOffset: 0 }] },
            { errorCode: 3, activeProducers: [] },
          ],
        },
      ],
    })
    const blind = { denied: ['describe topic orders', 'read topic orders'] }
    expect(await ask(describeTransactions, { transactionalIds: [id] }, blind)).toMatchObject({
      transactionStates: [{ errorCode: 0, topics: [] }],
    })
    expect(
      await ask(describeProducers, { topics: [{ name: 'orders', partitionIndexes: [1] }] }, blind),
    ).toMatchObject({
      topics: [{ partitions: [{ errorCode: 29 }] }],
    })
  })

  it('list by state, and name the states that nobody knows', async () => {
    const { ask } = await open()
    await began(ask)
    const filter = { stateFilters: [] as string[], producerIdFilters: [] as number[], durationFilter: -1 }
    const list = async (stateFilters: string[], access: Access = {}) =>
      ask(listTransactions, { ...filter, stateFilters }, access)
    const found = [{ transactionalId: id, producerId: 0, transactionState: 'Ongoing' }]
    expect(await list([])).toMatchObject({ errorCode: 0, transactionStates: found, unknownStateFilters: [] })
    expect(await list(['Ongoing', 'Dead', 'Nonsense'])).toMatchObject({
      transactionStates: found,
      unknownStateFilters: ['Nonsense'],
    })
    expect(await list(['Empty'])).toMatchObject({ transactionStates: [] })
    expect(await list([], { denied: [`describe transactional_id ${id}`] })).toMatchObject({
      transactionStates: [],
    })
  })
})
