// FindCoordinator: which broker looks after a group or a transactional id. Version 4 asks for several at once (KIP-699).

import { kafkaErrors } from '../errors.ts'
import { type Call, verb } from '../verb.ts'
import { FindCoordinator } from '../wire/index.ts'

const GROUP = 0
const TRANSACTION = 1

export const findCoordinator = verb(FindCoordinator, {
  handle(request, call) {
    if (call.version >= 4) {
      return {
        coordinators: request.coordinatorKeys.map(key => ({ key, ...locate(key, request.keyType, call) })),
      }
    }
    return locate(request.key, request.keyType, call)
  },
  refuse: ({ coordinatorKeys }, errorCode, errorMessage) => ({
    errorCode,
    errorMessage,
    ...nowhere,
    coordinators: coordinatorKeys.map(key => ({ key, errorCode, errorMessage, ...nowhere })),
  }),
})

const nowhere = { nodeId: -1, host: '', port: -1 }

function locate(key: string, keyType: number, call: Call) {
  const denied = deniedBecause(key, keyType, call)
  if (denied !== undefined) return { errorCode: denied, errorMessage: null, ...nowhere }
  const { cluster } = call.kafka
  const node = cluster.node(call.listener, cluster.coordinatorOf(key))
  if (node === undefined)
    return { errorCode: kafkaErrors.COORDINATOR_NOT_AVAILABLE, errorMessage: null, ...nowhere }
  return {
    errorCode: kafkaErrors.NONE,
    errorMessage: null,
    nodeId: node.id,
    host: node.host,
    port: node.port,
  }
}

function deniedBecause(key: string, keyType: number, { allows }: Call): number | undefined {
  if (keyType === GROUP)
    return allows('describe', 'group', key) ? undefined : kafkaErrors.GROUP_AUTHORIZATION_FAILED
  if (keyType === TRANSACTION)
    return allows('describe', 'transactional_id', key)
      ? undefined
      : kafkaErrors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
  return kafkaErrors.INVALID_REQUEST
}
