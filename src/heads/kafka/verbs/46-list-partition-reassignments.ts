// ListPartitionReassignments (KIP-455): none is ever under way.

import { demandOfCluster, succeeded } from '../outcome.ts'
import { verb } from '../verb.ts'
import { ListPartitionReassignments } from '../wire/index.ts'

export const listPartitionReassignments = verb(ListPartitionReassignments, {
  handle(_request, call) {
    demandOfCluster(call, 'describe')
    return { ...succeeded, topics: [] }
  },
  refuse: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage, topics: [] }),
})
