// AlterReplicaLogDirs (KIP-113): moves a broker's partitions between its directories. There is one, where every partition
// is already; so this says whether directory and partition are known, in the order that Kafka looks at them.

import { type KafkaErrorName, kafkaErrors } from '../errors.ts'
import { demandOfCluster } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { AlterReplicaLogDirs } from '../wire/index.ts'

type Request = RequestOf<typeof AlterReplicaLogDirs>

export const alterReplicaLogDirs = verb(AlterReplicaLogDirs, {
  handle(request, call) {
    demandOfCluster(call, 'alter')
    return rows(request, (path, topic, partition) => kafkaErrors[outcome(path, topic, partition, call)])
  },
  refuse: (request, errorCode) => rows(request, () => errorCode),
})

/** A row for each partition that is named; of one that is named for two directories, the last counts. */
function rows({ dirs }: Request, codeOf: (path: string, topic: string, partition: number) => number) {
  const codes = new Map<string, Map<number, number>>()
  for (const { path, topics } of dirs)
    for (const { name, partitions } of topics) {
      const ofTopic = codes.get(name) ?? new Map<number, number>()
      codes.set(name, ofTopic)
      for (const partition of partitions) ofTopic.set(partition, codeOf(path, name, partition))
    }
  return {
    results: Array.from(codes, ([topicName, ofTopic]) => ({
      topicName,
      partitions: Array.from(ofTopic, ([partitionIndex, errorCode]) => ({ partitionIndex, errorCode })),
    })),
  }
}

function outcome(path: string, name: string, partition: number, { kafka, nodeId }: Call): KafkaErrorName {
  if (path !== kafka.broker.dataPath) return 'LOG_DIR_NOT_FOUND'
  const topic = kafka.broker.topics.get(name)
  if (topic?.partitions[partition] === undefined) return 'UNKNOWN_TOPIC_OR_PARTITION'
  return kafka.cluster.replicasOf(topic, partition).includes(nodeId) ? 'NONE' : 'REPLICA_NOT_AVAILABLE'
}
