// Sequences in which each request is built from the answers before: members of groups with their real ids, producers with
// their real epochs. Noise alone never gets there. Now and then a request is changed a little, sent twice or left out.

import { Reader } from '../../src/bytes/index.ts'
import type { Api } from '../../src/heads/kafka/wire/api.ts'
import * as wire from '../../src/heads/kafka/wire/index.ts'
import { buildBatch } from '../../src/log/record/builder.ts'
import type { Dice } from '../../src/sim/disk/index.ts'
import type { Arena } from './arena.ts'
import { encodeRequest, produceOf } from './corpus.ts'
import { nudged } from './mutate.ts'

interface Step {
  readonly api: unknown
  readonly version: number
  readonly request: object
}

/** What the answers so far have said. */
interface Known {
  groupId: string
  memberId: string
  generation: number
  memberEpoch: number
  producerId: number
  producerEpoch: number
  sequence: number
  /** Of the topic 'plain'. */
  topicId: string
}

/** Several steps go over one connection. */
type Maker = (known: Known, dice: Dice) => Step | readonly Step[] | Buffer

/** Few enough that stories meet. */
const GROUPS = 30
const txn = 'txn'
const topics = (dice: Dice) => [{ name: 'plain', partitions: [dice.between(0, 2)] }]
const offsets = (dice: Dice) => [
  {
    name: 'plain',
    partitions: [
      { partitionIndex: dice.between(0, 1), committedOffset: dice.between(-1, 50), committedMetadata: null },
    ],
  },
]

const join: Maker = ({ groupId, memberId }, dice) => ({
  api: wire.JoinGroup,
  version: dice.between(2, 9),
  request: {
    groupId,
    memberId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: dice.pick([1000, 10_000]),
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(8) }],
  },
})

const classic: readonly Maker[] = [
  join, // the first time it is told its id
  join,
  ({ groupId, memberId, generation: generationId }) => ({
    api: wire.SyncGroup,
    version: 4,
    request: { groupId, generationId, memberId, assignments: [{ memberId, assignment: Buffer.alloc(4) }] },
  }),
  ({ groupId, memberId, generation: generationId }) => ({
    api: wire.Heartbeat,
    version: 4,
    request: { groupId, generationId, memberId },
  }),
  ({ groupId, memberId, generation }, dice) => ({
    api: wire.OffsetCommit,
    version: 8,
    request: { groupId, generationIdOrMemberEpoch: generation, memberId, topics: offsets(dice) },
  }),
  ({ groupId, memberId }) => ({
    api: wire.LeaveGroup,
    version: 4,
    request: { groupId, members: [{ memberId }] },
  }),
]

const consumer: readonly Maker[] = [
  ({ memberId, memberEpoch }, dice) => ({
    api: wire.ConsumerGroupHeartbeat,
    version: 1,
    request: {
      groupId: 'modern',
      memberId,
      memberEpoch: dice.pick([memberEpoch, memberEpoch, 0, -1]),
      rebalanceTimeoutMs: 5000,
      subscribedTopicNames: dice.pick([['plain'], ['plain', 'compacted'], []]),
      topicPartitions: [],
    },
  }),
  ({ memberId, memberEpoch }, dice) => ({
    api: wire.OffsetCommit,
    version: 9,
    request: { groupId: 'modern', generationIdOrMemberEpoch: memberEpoch, memberId, topics: offsets(dice) },
  }),
]

const transaction: readonly Maker[] = [
  (_, dice) => ({
    api: wire.InitProducerId,
    version: 3,
    request: { transactionalId: txn, transactionTimeoutMs: dice.pick([1000, 60_000]) },
  }),
  ({ producerId, producerEpoch }, dice) => ({
    api: wire.AddPartitionsToTxn,
    version: 3,
    request: {
      v3AndBelowTransactionalId: txn,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: topics(dice),
    },
  }),
  known => {
    const { producerId, producerEpoch } = known
    const records = [{ timestamp: 1_000_000, key: Buffer.from('k'), value: Buffer.from('v') }]
    const baseSequence = Math.max(0, known.sequence++)
    const options = { transactional: true, producerId, producerEpoch, baseSequence }
    return produceOf('plain', buildBatch(records, options).buffer, -1, txn)
  },
  ({ groupId, producerId, producerEpoch }) => ({
    api: wire.AddOffsetsToTxn,
    version: 3,
    request: { transactionalId: txn, producerId, producerEpoch, groupId },
  }),
  ({ groupId, producerId, producerEpoch, memberId, generation: generationId }, dice) => ({
    api: wire.TxnOffsetCommit,
    version: 3,
    request: {
      transactionalId: txn,
      groupId,
      producerId,
      producerEpoch,
      memberId,
      generationId,
      topics: offsets(dice),
    },
  }),
  ({ producerId, producerEpoch }, dice) => ({
    api: wire.EndTxn,
    version: 3,
    request: { transactionalId: txn, producerId, producerEpoch, committed: dice.chance(0.5) },
  }),
]

const shareBeat = ({ groupId, memberId, memberEpoch }: Known): Step => ({
  api: wire.ShareGroupHeartbeat,
  version: 1,
  request: {
    groupId: `share ${groupId}`,
    memberId: memberId || 'member',
    memberEpoch,
    rackId: null,
    subscribedTopicNames: memberEpoch === 0 ? ['plain'] : null,
  },
})

const acknowledged = ({ topicId }: Known, dice: Dice) => {
  const firstOffset = dice.between(0, 20)
  const lastOffset = firstOffset + dice.between(0, 10)
  const acknowledgeTypes = dice.chance(0.5)
    ? [dice.between(0, 4)]
    : Array.from({ length: lastOffset - firstOffset + 1 }, () => dice.between(0, 4))
  const acknowledgementBatches = [{ firstOffset, lastOffset, acknowledgeTypes }]
  return [{ topicId, partitions: [{ partitionIndex: dice.between(0, 1), acknowledgementBatches }] }]
}

const shareFetch = (known: Known, dice: Dice, shareSessionEpoch: number): Step => {
  const partitions = [0, 1].map(partitionIndex => ({ partitionIndex, acknowledgementBatches: [] }))
  return {
    api: wire.ShareFetch,
    version: 2,
    request: {
      groupId: `share ${known.groupId}`,
      memberId: known.memberId || 'member',
      shareSessionEpoch,
      maxWaitMs: dice.pick([0, 100]),
      minBytes: dice.between(0, 2),
      maxBytes: dice.pick([1, 10_000]),
      maxRecords: dice.between(0, 20),
      batchSize: dice.between(0, 5),
      shareAcquireMode: dice.between(0, 1),
      isRenewAck: dice.chance(0.1),
      topics: shareSessionEpoch === 0 ? [{ topicId: known.topicId, partitions }] : acknowledged(known, dice),
      forgottenTopicsData: [],
    },
  }
}

const shareAcknowledge = (known: Known, dice: Dice, shareSessionEpoch: number): Step => ({
  api: wire.ShareAcknowledge,
  version: 2,
  request: {
    groupId: `share ${known.groupId}`,
    memberId: known.memberId || 'member',
    shareSessionEpoch,
    isRenewAck: dice.chance(0.5),
    topics: acknowledged(known, dice),
  },
})

const share: readonly Maker[] = [
  ({ groupId }) => ({
    api: wire.IncrementalAlterConfigs,
    version: 1,
    request: {
      validateOnly: false,
      resources: [
        {
          resourceType: 32,
          resourceName: `share ${groupId}`,
          configs: [{ name: 'share.auto.offset.reset', configOperation: 0, value: 'earliest' }],
        },
      ],
    },
  }),
  shareBeat,
  // A session ends with its connection.
  (known, dice) => [
    shareFetch(known, dice, 0),
    shareFetch(known, dice, 1),
    shareAcknowledge(known, dice, 2),
    shareFetch(known, dice, dice.pick([3, 3, -1])),
    shareAcknowledge(known, dice, -1),
  ],
  ({ groupId }) => ({
    api: wire.DescribeShareGroupOffsets,
    version: 1,
    request: { groups: [{ groupId: `share ${groupId}`, topics: null }] },
  }),
  known => shareBeat({ ...known, memberEpoch: -1 }),
  ({ groupId }, dice) => ({
    api: wire.AlterShareGroupOffsets,
    version: 0,
    request: {
      groupId: `share ${groupId}`,
      topics: [
        { topicName: 'plain', partitions: [{ partitionIndex: 0, startOffset: dice.between(-1, 30) }] },
      ],
    },
  }),
]

const stories = { classic, consumer, transaction, share }

/** Plays one story; gives how many requests were read and answered. */
export async function story(arena: Arena, dice: Dice): Promise<{ read: number; answered: number }> {
  const name = dice.pick(Object.keys(stories) as (keyof typeof stories)[])
  const known: Known = {
    groupId: `group-${dice.below(GROUPS)}`,
    memberId: '',
    generation: -1,
    memberEpoch: 0,
    producerId: -1,
    producerEpoch: -1,
    sequence: 0,
    topicId: arena.broker.topics.get('plain')?.id ?? '',
  }
  let read = 0
  let answered = 0
  for (let round = dice.between(1, 3); round > 0; round--)
    for (const maker of stories[name]) {
      if (dice.chance(0.1)) continue
      const made = maker(known, dice)
      const all = encoded(made)
      const sent = all.map(bytes => (dice.chance(0.25) ? nudged(bytes, dice) : bytes))
      const requests = dice.chance(0.1) ? [...sent, ...sent] : sent
      const visit = {
        requests,
        cut: (all: Buffer) => [all],
        login: false,
        impatient: dice.chance(0.2),
        story: `${name} story`,
      }
      const outcome = await arena.visit(visit)
      read += outcome.read
      answered += outcome.answers.size
      const answer = outcome.answers.get(0)
      if (answer !== undefined && sent[0] === all[0] && 'api' in made) learn(known, made, answer)
    }
  return { read, answered }
}

function encoded(made: ReturnType<Maker>): readonly Buffer[] {
  if (Buffer.isBuffer(made)) return [made]
  const steps: readonly Step[] = 'api' in made ? [made] : made
  return steps.map(({ api, version, request }) => encodeRequest(api as Api, version, request))
}

function learn(known: Known, { api, version }: Step, answer: Buffer): void {
  const table = api as Api
  const from = new Reader(answer, version >= table.flexibleSince ? 5 : 4)
  const said = table.response.decode(from, version) as Readonly<Record<string, unknown>>
  if (typeof said.memberId === 'string' && said.memberId !== '') known.memberId = said.memberId
  if (typeof said.generationId === 'number') known.generation = said.generationId
  if (typeof said.memberEpoch === 'number') known.memberEpoch = said.memberEpoch
  if (typeof said.producerEpoch !== 'number' || said.errorCode !== 0) return
  known.producerId = Number(said.producerId)
  known.producerEpoch = said.producerEpoch
  known.sequence = 0
}
