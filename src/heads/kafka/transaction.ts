// What the verbs about transactions have in common: the protocol's words for the coordinator's refusals and states.

import { BrokerError, type TransactionState } from '../../broker/index.ts'
import { kafkaErrors, refusalOf } from './errors.ts'
import { coordinates } from './place.ts'
import type { Call } from './verb.ts'

/** Kafka's names of the states, as DescribeTransactions and ListTransactions spell them. */
export const stateNames: Readonly<Record<TransactionState, string>> = {
  empty: 'Empty',
  ongoing: 'Ongoing',
  'preparing-commit': 'PrepareCommit',
  'preparing-abort': 'PrepareAbort',
  'complete-commit': 'CompleteCommit',
  'complete-abort': 'CompleteAbort',
}

/** What stands against a request about this transactional id before it is looked at; undefined when nothing does. */
export function refusedId(transactionalId: string, call: Call): number | undefined {
  if (!call.allows('write', 'transactional_id', transactionalId))
    return kafkaErrors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
  return coordinates(transactionalId, call) ? undefined : kafkaErrors.NOT_COORDINATOR
}

/**
 * NONE, or the error that the work was refused with. Clients below version `fencedSince` do not know PRODUCER_FENCED
 * and are told INVALID_PRODUCER_EPOCH (KIP-588). What the disk refuses may be tried again: clients do so when the
 * coordinator is not available. Rethrows what is no refusal.
 */
export async function outcomeCode(work: Promise<unknown>, call: Call, fencedSince: number): Promise<number> {
  try {
    await work
    return kafkaErrors.NONE
  } catch (error) {
    const { code, unexpected } = refusalOf(error)
    if (unexpected) throw error
    const reason = error instanceof BrokerError ? error.code : undefined
    if (reason === 'PRODUCER_FENCED' && call.version >= fencedSince) return kafkaErrors.PRODUCER_FENCED
    if (reason === 'STORAGE_FULL' || reason === 'STORAGE_FAILED') return kafkaErrors.COORDINATOR_NOT_AVAILABLE
    return code
  }
}
