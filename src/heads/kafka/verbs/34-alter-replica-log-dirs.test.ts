// The one directory and what may be asked of it: the codes are those that Kafka 4.1 gave to the same requests.

import { expect, it } from 'vitest'
import { type KafkaErrorName, kafkaErrors } from '../errors.ts'
import { AlterReplicaLogDirs, DescribeLogDirs } from '../wire/index.ts'
import { Scene } from './asking.contract.ts'

const rows: readonly (readonly [path: string, topic: string, partition: number, KafkaErrorName])[] = [
  ['here', 't', 0, 'NONE'],
  ['here', 't', 7, 'UNKNOWN_TOPIC_OR_PARTITION'],
  ['here', 't', -1, 'UNKNOWN_TOPIC_OR_PARTITION'],
  ['here', 'nope', 0, 'UNKNOWN_TOPIC_OR_PARTITION'],
  ['/nowhere', 't', 0, 'LOG_DIR_NOT_FOUND'],
  ['/nowhere', 'nope', 0, 'LOG_DIR_NOT_FOUND'],
]

it.each(rows)('moving to %s, %s-%i, is answered %s', async (path, name, partition, error) => {
  const scene = await Scene.open()
  await scene.broker.topics.create({ name: 't', partitions: 1 })
  const [here] = (await scene.ask(DescribeLogDirs, { topics: null })).results
  const dirs = [
    { path: path === 'here' ? (here?.logDir ?? '') : path, topics: [{ name, partitions: [partition] }] },
  ]
  expect((await scene.ask(AlterReplicaLogDirs, { dirs })).results).toEqual([
    { topicName: name, partitions: [{ partitionIndex: partition, errorCode: kafkaErrors[error] }] },
  ])
})

it('knows the replicas of the virtual broker that is asked', async () => {
  const scene = await Scene.open({ brokers: 2 })
  await scene.broker.topics.create({ name: 't', partitions: 2 })
  const dirs = [{ path: scene.broker.dataPath, topics: [{ name: 't', partitions: [0, 1] }] }]
  const answers = [0, 1].map(nodeId => scene.ask(AlterReplicaLogDirs, { dirs }, { nodeId }))
  const codes = (await Promise.all(answers)).flatMap(({ results }) =>
    results.map(({ partitions }) => partitions.map(({ errorCode }) => errorCode).sort()),
  )
  const one = [kafkaErrors.NONE, kafkaErrors.REPLICA_NOT_AVAILABLE]
  expect(codes).toEqual([one, one])
})

it('has one row for a partition that is named for two directories', async () => {
  const scene = await Scene.open()
  await scene.broker.topics.create({ name: 't', partitions: 1 })
  const topics = [{ name: 't', partitions: [0] }]
  const dirs = [
    { path: '/nowhere', topics },
    { path: scene.broker.dataPath, topics },
  ]
  const partitions = [{ partitionIndex: 0, errorCode: kafkaErrors.NONE }]
  expect((await scene.ask(AlterReplicaLogDirs, { dirs })).results).toEqual([{ topicName: 't', partitions }])
})
