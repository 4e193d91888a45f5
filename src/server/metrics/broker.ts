// The metrics of the server as a whole: bounded in number, whatever topics and groups there are.

import type { Broker } from '../../broker/index.ts'
import type { Kafka } from '../../heads/kafka/index.ts'
import type { Served } from '../health.ts'
import { packageVersion } from '../version.ts'
import type { Family, Labels } from './exposition.ts'
import { statsOf, storeFamilies } from './store.ts'

const kafka: Labels = { protocol: 'kafka' }

/** All families; those of parts that are not open yet are left out. */
export function* brokerFamilies({ life, store, broker, head }: Served): Generator<Family> {
  yield gauge('posthorn_build_info', 'Version of posthorn and of Node.js; always 1.', 1, {
    version: packageVersion(),
    node: process.versions.node,
  })
  yield gauge('posthorn_ready', '1 while clients are served.', life.phase.at === 'ready' ? 1 : 0)
  if (head !== undefined) yield* headFamilies(head)
  if (broker !== undefined) yield* topicFamilies(broker)
  const stats = store && statsOf(store)
  if (stats !== undefined) yield* storeFamilies(stats)
}

function* headFamilies({ metrics, connectionCount }: Kafka): Generator<Family> {
  const apis = [...metrics.byApi]
  yield {
    name: 'posthorn_requests_total',
    help: 'Requests answered, by API.',
    type: 'counter',
    samples: apis.map(([api, { requests }]) => ({ labels: { ...kafka, api }, value: requests })),
  }
  yield {
    name: 'posthorn_request_seconds_total',
    help: 'Time from a request to its answer, by API; long polls include their waiting.',
    type: 'counter',
    samples: apis.map(([api, { seconds }]) => ({ labels: { ...kafka, api }, value: seconds })),
  }
  yield gauge('posthorn_connections', 'Connections that are open.', connectionCount, kafka)
  yield counter(
    'posthorn_connections_accepted_total',
    'Connections accepted.',
    metrics.connectionsAccepted,
    kafka,
  )
  yield counter('posthorn_logins_failed_total', 'Logins refused.', metrics.loginsFailed, kafka)
  const { batches, records, bytes } = metrics.appended
  yield counter('posthorn_appended_batches_total', 'Batches of clients made durable.', batches, kafka)
  yield counter('posthorn_appended_records_total', 'Records of clients made durable.', records, kafka)
  yield counter('posthorn_appended_bytes_total', 'Bytes of batches of clients made durable.', bytes, kafka)
  yield counter('posthorn_read_bytes_total', 'Bytes of batches sent to clients.', metrics.bytesRead, kafka)
}

function* topicFamilies({ topics }: Broker): Generator<Family> {
  const list = topics.list()
  let partitions = 0
  let bytes = 0
  for (const topic of list) {
    partitions += topic.partitions.length
    for (const { log } of topic.partitions) bytes += log.bytes
  }
  yield gauge('posthorn_topics', 'Topics.', list.length)
  yield gauge('posthorn_partitions', 'Partitions of all topics.', partitions)
  yield gauge('posthorn_log_bytes', 'Bytes kept in the logs of all partitions.', bytes)
}

function gauge(name: string, help: string, value: number, labels: Labels = {}): Family {
  return { name, help, type: 'gauge', samples: [{ labels, value }] }
}

function counter(name: string, help: string, value: number, labels: Labels = {}): Family {
  return { name, help, type: 'counter', samples: [{ labels, value }] }
}
