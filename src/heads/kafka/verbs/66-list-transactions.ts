// ListTransactions: the transactional ids of this coordinator that the client may describe (KIP-664); version 1 asks for
// those that have been under way for longer than a time.

import type { TransactionState } from '../../../broker/index.ts'
import { kafkaErrors } from '../errors.ts'
import { coordinates } from '../place.ts'
import { stateNames } from '../transaction.ts'
import { verb } from '../verb.ts'
import { ListTransactions } from '../wire/index.ts'

const statesByName = new Map(
  Object.entries(stateNames).map(([state, name]) => [name, state as TransactionState]),
)
/** States of Kafka's own that no transaction here is ever in; asking for them is no mistake. */
const unusedStates: ReadonlySet<string> = new Set(['Dead', 'PrepareEpochFence'])

export const listTransactions = verb(ListTransactions, {
  handle({ stateFilters, producerIdFilters, durationFilter }, call) {
    const found = call.kafka.broker.transactions.list({
      ...(stateFilters.length > 0
        ? { states: stateFilters.flatMap(name => statesByName.get(name) ?? []) }
        : {}),
      ...(producerIdFilters.length > 0 ? { producerIds: producerIdFilters } : {}),
      longerThanMs: durationFilter,
    })
    return {
      errorCode: kafkaErrors.NONE,
      unknownStateFilters: stateFilters.filter(name => !statesByName.has(name) && !unusedStates.has(name)),
      transactionStates: found
        .filter(
          ({ transactionalId: id }) =>
            coordinates(id, call) && call.allows('describe', 'transactional_id', id),
        )
        .map(({ transactionalId, producer, at }) => ({
          transactionalId,
          producerId: producer.producerId,
          transactionState: stateNames[at],
        })),
    }
  },
  refuse: (_, errorCode) => ({ errorCode, unknownStateFilters: [], transactionStates: [] }),
})
