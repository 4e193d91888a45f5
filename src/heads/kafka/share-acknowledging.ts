// Acknowledgements as ShareFetch and ShareAcknowledge carry them: batches of offsets with one type for all of them, or
// one for each offset.

import { type Acknowledgement, BrokerError } from '../../broker/index.ts'
import { failed, type Outcome, succeeded } from './outcome.ts'
import type { SharePlace } from './share-places.ts'
import type { ShareAsker } from './share-sessions.ts'
import type { Call } from './verb.ts'

/** By Kafka's number (AcknowledgeType; 0 is an offset without a record). */
const outcomes = ['gap', 'accepted', 'released', 'rejected', 'renewed'] as const
const RENEW = outcomes.indexOf('renewed')

export interface AcknowledgementBatch {
  readonly firstOffset: number
  readonly lastOffset: number
  readonly acknowledgeTypes: readonly number[]
}

/** What becomes of the acknowledgements of one partition. */
export async function acknowledge(
  { memberId }: ShareAsker,
  { share, outcome }: SharePlace,
  batches: readonly AcknowledgementBatch[],
  mayRenew: boolean,
  call: Call,
): Promise<Outcome> {
  if (share === undefined) return outcome
  try {
    await share.acknowledge(memberId, acknowledgementsIn(batches, mayRenew))
    return succeeded
  } catch (error) {
    return failed(call, error)
  }
}

/** Ascending, as ranges of one type each. Errors: REQUEST_INVALID. */
export function acknowledgementsIn(
  batches: readonly AcknowledgementBatch[],
  mayRenew: boolean,
): Acknowledgement[] {
  const made: Acknowledgement[] = []
  let next = 0
  for (const { firstOffset, lastOffset, acknowledgeTypes } of batches) {
    const count = lastOffset - firstOffset + 1
    if (firstOffset < next || count < 1 || !Number.isSafeInteger(lastOffset))
      throw invalid(`Offsets ${firstOffset} to ${lastOffset} are not behind those before them.`)
    if (acknowledgeTypes.length !== 1 && acknowledgeTypes.length !== count)
      throw invalid(`${acknowledgeTypes.length} acknowledge types for ${count} offsets.`)
    acknowledgeTypes.forEach((type, at) => {
      const outcome = outcomes[type]
      if (outcome === undefined || (type === RENEW && !mayRenew))
        throw invalid(`Acknowledge type ${type} is not allowed.`)
      const from = firstOffset + at
      const to = acknowledgeTypes.length === 1 ? lastOffset + 1 : from + 1
      const last = made.at(-1)
      if (last !== undefined && last.to === from && last.outcome === outcome)
        made[made.length - 1] = { ...last, to }
      else made.push({ from, to, outcome })
    })
    next = lastOffset + 1
  }
  return made
}

function invalid(message: string): BrokerError {
  return new BrokerError('REQUEST_INVALID', message)
}
