// DescribeCluster (KIP-700): the brokers without any topics. Controllers (KIP-919) have no addresses of their own here.

import { KafkaRefusal, kafkaErrors } from '../errors.ts'
import { clusterOperations } from '../operations.ts'
import { type Call, verb } from '../verb.ts'
import { DescribeCluster } from '../wire/index.ts'

const BROKERS = 1
const CONTROLLERS = 2

export const describeCluster = verb(DescribeCluster, {
  handle({ endpointType, includeClusterAuthorizedOperations }, call) {
    checkEndpoint(endpointType)
    const { cluster } = call.kafka
    return {
      errorCode: kafkaErrors.NONE,
      endpointType,
      clusterId: cluster.id,
      controllerId: cluster.controllerId,
      brokers: cluster
        .nodes(call.listener)
        .map(({ id, host, port }) => ({ brokerId: id, host, port, rack: null, isFenced: false })),
      ...(includeClusterAuthorizedOperations && { clusterAuthorizedOperations: operationsFor(call) }),
    }
  },
  refuse: (_request, errorCode, errorMessage) => ({
    errorCode,
    errorMessage,
    // Of the endpoint that answers, not of the one that was wanted.
    endpointType: BROKERS,
    clusterId: '',
    brokers: [],
  }),
})

function checkEndpoint(type: number): void {
  if (type === BROKERS) return
  if (type === CONTROLLERS)
    throw new KafkaRefusal(
      'MISMATCHED_ENDPOINT_TYPE',
      'The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER',
    )
  throw new KafkaRefusal('UNSUPPORTED_ENDPOINT_TYPE', `Unsupported endpoint type ${type}`)
}

/** Whoever may not describe the cluster is told of nothing. */
function operationsFor(call: Call): number {
  return call.allows('describe', 'cluster', 'kafka-cluster') ? clusterOperations(call) : 0
}
