// DescribeLogDirs (KIP-113): where a broker keeps its partitions, and how many bytes each has. There is one place; each
// virtual broker shows the partitions of which it is a replica.

import type { Topic } from '../../../broker/index.ts'
import { kafkaErrors } from '../errors.ts'
import { demandOfCluster } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { DescribeLogDirs } from '../wire/index.ts'

type Request = RequestOf<typeof DescribeLogDirs>

/** The size of the disk is not asked for. */
const UNKNOWN_BYTES = -1

export const describeLogDirs = verb(DescribeLogDirs, {
  handle(request, call) {
    demandOfCluster(call, 'describe')
    const { broker } = call.kafka
    const place = {
      errorCode: kafkaErrors.NONE,
      logDir: broker.dataPath,
      topics: wantedTopics(request, call).filter(({ partitions }) => partitions.length > 0),
      totalBytes: UNKNOWN_BYTES,
      usableBytes: UNKNOWN_BYTES,
    }
    return { errorCode: kafkaErrors.NONE, results: [place] }
  },
  refuse: (_request, errorCode) => ({ errorCode, results: [] }),
})

/** Topics that are not there are left out, as Kafka does. */
function wantedTopics({ topics }: Request, call: Call) {
  const all = call.kafka.broker.topics
  if (topics === null) return all.list().map(topic => held(topic, undefined, call))
  return topics.flatMap(({ topic, partitions }) => {
    const found = all.get(topic)
    return found === undefined ? [] : [held(found, new Set(partitions), call)]
  })
}

function held(topic: Topic, wanted: ReadonlySet<number> | undefined, { kafka, nodeId }: Call) {
  const partitions = topic.partitions
    .filter(({ index }) => wanted?.has(index) ?? true)
    .filter(({ index }) => kafka.cluster.replicasOf(topic, index).includes(nodeId))
    .map(({ index, log }) => ({
      partitionIndex: index,
      partitionSize: log.bytes,
      offsetLag: 0,
      isFutureKey: false,
    }))
  return { name: topic.name, partitions }
}
