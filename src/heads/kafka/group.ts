// What the verbs about groups have in common: may this client, is this the right virtual broker, and the words for what
// the disk refuses.

import type { Operation } from '../../auth/index.ts'
import { BrokerError, type BrokerErrorCode } from '../../broker/index.ts'
import { KafkaRefusal, refusalOf } from './errors.ts'
import { demand } from './outcome.ts'
import { coordinates } from './place.ts'
import type { Call } from './verb.ts'

/**
 * Does work on a group if the client may and this virtual broker looks after it. What the disk refuses may be tried
 * again: group clients do so when the coordinator is not available. Errors: KafkaRefusal, and what the work throws.
 */
export async function inGroup<T>(
  call: Call,
  operation: Operation,
  groupId: string,
  work: () => T | Promise<T>,
): Promise<T> {
  demand(call, operation, 'group', groupId)
  if (!coordinates(groupId, call))
    throw new KafkaRefusal('NOT_COORDINATOR', `Another broker looks after group '${groupId}'.`)
  try {
    return await work()
  } catch (error) {
    if (error instanceof BrokerError && (error.code === 'STORAGE_FULL' || error.code === 'STORAGE_FAILED'))
      throw new KafkaRefusal('COORDINATOR_NOT_AVAILABLE', error.message)
    throw error
  }
}

/** That there is no group of this id and kind, or that no group can have the id. */
export function notFound(groupId: string, kind: 'consumer' | 'share', call: Call): KafkaRefusal {
  return groupId === ''
    ? new KafkaRefusal('INVALID_GROUP_ID', 'The group id is empty.')
    : new KafkaRefusal('GROUP_ID_NOT_FOUND', notFoundText(groupId, kind, call))
}

/** Kafka's words: tools show them, and some tell by them whether to ask for another kind. */
export function notFoundText(groupId: string, kind: string, { kafka }: Call): string {
  const { groups, shareGroups } = kafka.broker
  return groups.has(groupId) || shareGroups.has(groupId)
    ? `Group ${groupId} is not a ${kind} group.`
    : `Group ${groupId} not found.`
}

/** Errors: REQUEST_INVALID. */
export function checkPresent(value: string, what: string): void {
  if (value === '') throw new BrokerError('REQUEST_INVALID', `${what} can't be empty.`)
}

/** The protocol's number for what a row was refused with. */
export function rowCode(error: BrokerErrorCode | undefined): number {
  return error === undefined ? 0 : refusalOf(new BrokerError(error, 'a row was refused')).code
}

/** Who asks, as groups describe their members; Kafka writes addresses with a slash in front. */
export function clientOf({ clientId, host }: Call) {
  return { clientId: clientId ?? '', clientHost: `/${host}` }
}

/** The work's result, or REBALANCE_IN_PROGRESS as soon as the connection ends or the broker drains it. */
export async function unlessEnded<T>(work: Promise<T>, { signal }: Call): Promise<T> {
  let end = () => {}
  const ended = new Promise<never>((_, reject) => {
    end = () => reject(new KafkaRefusal('REBALANCE_IN_PROGRESS', 'The connection ends: join again.'))
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
  try {
    return await Promise.race([work, ended])
  } finally {
    signal.removeEventListener('abort', end)
  }
}
