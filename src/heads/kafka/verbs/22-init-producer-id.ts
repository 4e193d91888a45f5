// InitProducerId: an identity for an idempotent producer, or for the holder of a transactional id, which fences whoever
// held it before. Version 3 lets a producer go on after an error (KIP-360), version 4 knows PRODUCER_FENCED (KIP-588).

import { kafkaErrors } from '../errors.ts'
import { outcomeCode, refusedId } from '../transaction.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { InitProducerId } from '../wire/index.ts'

const FENCED_SINCE = 4
const NONE = -1

type Request = RequestOf<typeof InitProducerId>

export const initProducerId = verb(InitProducerId, {
  async handle(request, call) {
    const refused = refusedWhole(request, call)
    if (refused !== undefined) return failure(refused)
    const { transactionalId, transactionTimeoutMs: timeoutMs, producerId, producerEpoch: epoch } = request
    const expected = producerId === NONE ? undefined : { producerId, epoch }
    const work = call.kafka.broker.transactions.initProducer({ transactionalId, timeoutMs, expected })
    const errorCode = await outcomeCode(work, call, FENCED_SINCE)
    if (errorCode !== kafkaErrors.NONE) return failure(errorCode)
    const identity = await work
    return { errorCode, producerId: identity.producerId, producerEpoch: identity.epoch }
  },
  refuse: (_, code) => failure(code),
})

function refusedWhole(
  { transactionalId, producerId, producerEpoch }: Request,
  call: Call,
): number | undefined {
  const denied =
    transactionalId === null
      ? mayWriteSomewhere(call)
        ? undefined
        : kafkaErrors.CLUSTER_AUTHORIZATION_FAILED
      : refusedId(transactionalId, call)
  if (denied !== undefined) return denied
  return (producerId === NONE) === (producerEpoch === NONE) ? undefined : kafkaErrors.INVALID_REQUEST
}

/** Idempotent producers need no right of their own when they may write to any topic at all (KIP-679). */
function mayWriteSomewhere({ allows, kafka, principal, host }: Call): boolean {
  return (
    allows('idempotent_write', 'cluster', 'kafka-cluster') ||
    kafka.broker.access.authorizer.authorizeByResourceType({ principal, host }, 'write', 'topic')
  )
}

function failure(errorCode: number) {
  return { errorCode, producerId: NONE, producerEpoch: NONE }
}
