// How one row of an administrative answer ended: most of these requests carry many things to do, each of which succeeds
// or fails by itself with a code and a text.

import { CLUSTER_NAME, type Operation, type ResourceType } from '../../auth/index.ts'
import { type KafkaErrorName, KafkaRefusal, kafkaErrors, refusalOf } from './errors.ts'
import type { Call } from './verb.ts'

/** The two fields that rows have for it. */
export interface Outcome {
  readonly errorCode: number
  readonly errorMessage: string | null
}

export const succeeded: Outcome = { errorCode: kafkaErrors.NONE, errorMessage: null }

/** The outcome of `work`. What it throws unexpectedly is also written to the log. */
export async function outcomeOf(call: Call, work: () => unknown): Promise<Outcome> {
  try {
    await work()
    return succeeded
  } catch (error) {
    return failed(call, error)
  }
}

/** The outcome of what threw this error. */
export function failed({ kafka }: Call, error: unknown): Outcome {
  const { code, message, unexpected } = refusalOf(error)
  if (unexpected) kafka.report.error('a request met an unexpected error', { error: String(error) })
  return { errorCode: code, errorMessage: message }
}

/** An outcome in the protocol's own words. */
export function refused(error: KafkaErrorName, errorMessage: string): Outcome {
  return { errorCode: kafkaErrors[error], errorMessage }
}

const denials: Readonly<Record<ResourceType, KafkaErrorName>> = {
  topic: 'TOPIC_AUTHORIZATION_FAILED',
  group: 'GROUP_AUTHORIZATION_FAILED',
  cluster: 'CLUSTER_AUTHORIZATION_FAILED',
  transactional_id: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  delegation_token: 'DELEGATION_TOKEN_AUTHORIZATION_FAILED',
  user: 'CLUSTER_AUTHORIZATION_FAILED',
}

/** Throws the denial of that kind of resource unless the client may do this. */
export function demand(call: Call, operation: Operation, type: ResourceType, name: string): void {
  if (call.allows(operation, type, name)) return
  throw new KafkaRefusal(denials[type], `This client may not ${words(operation)} ${words(type)} '${name}'.`)
}

/** As `demand`, of the cluster as a whole. */
export function demandOfCluster(call: Call, operation: Operation): void {
  demand(call, operation, 'cluster', CLUSTER_NAME)
}

/** What stands in the list more than once. */
export function repeatedIn(names: Iterable<string>): Set<string> {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const name of names) (seen.has(name) ? repeated : seen).add(name)
  return repeated
}

function words(word: string): string {
  return word.replaceAll('_', ' ')
}
