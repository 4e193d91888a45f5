// DescribeQuorum (KIP-595, KIP-836, KIP-853): who votes on the metadata log. One process, so one voter, which leads.

import { METADATA_LOG } from '../../../broker/index.ts'
import { demandOfCluster, refused, succeeded } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import { DescribeQuorum } from '../wire/index.ts'

/** What Kafka calls its own metadata log; it has one partition. */
const KAFKA_METADATA_TOPIC = '__cluster_metadata'

export const describeQuorum = verb(DescribeQuorum, {
  async handle({ topics }, call) {
    demandOfCluster(call, 'describe')
    const quorum = await describe(call)
    const unknown = {
      ...nobody,
      ...refused('UNKNOWN_TOPIC_OR_PARTITION', 'Only the metadata log has a quorum.'),
    }
    return {
      ...succeeded,
      topics: topics.map(({ topicName, partitions }) => ({
        topicName,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          ...(topicName === KAFKA_METADATA_TOPIC && partitionIndex === 0 ? quorum : unknown),
        })),
      })),
      nodes: nodesOf(call),
    }
  },
  refuse: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage, topics: [], nodes: [] }),
})

const nobody = { leaderId: -1, leaderEpoch: -1, highWatermark: -1, currentVoters: [], observers: [] }

async function describe({ kafka }: Call) {
  const { broker, cluster, world } = kafka
  const log = await broker.store.open(METADATA_LOG)
  const now = world.now()
  return {
    ...succeeded,
    leaderId: cluster.controllerId,
    leaderEpoch: log.epoch,
    highWatermark: log.end,
    currentVoters: [
      {
        replicaId: cluster.controllerId,
        logEndOffset: log.end,
        lastFetchTimestamp: now,
        lastCaughtUpTimestamp: now,
      },
    ],
    observers: [],
  }
}

function nodesOf({ kafka, listener }: Call) {
  const node = kafka.cluster.node(listener, kafka.cluster.controllerId)
  if (node === undefined) return []
  return [
    { nodeId: node.id, listeners: [{ name: listener.toUpperCase(), host: node.host, port: node.port }] },
  ]
}
