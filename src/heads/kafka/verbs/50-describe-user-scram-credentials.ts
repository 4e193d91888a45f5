// DescribeUserScramCredentials (KIP-554): which users have credentials, of which mechanisms; nothing that is secret.

import { kafkaErrors } from '../errors.ts'
import { demandOfCluster, type Outcome, refused, repeatedIn, succeeded } from '../outcome.ts'
import { scramCodes } from '../scram.ts'
import { type Call, verb } from '../verb.ts'
import { DescribeUserScramCredentials } from '../wire/index.ts'

export const describeUserScramCredentials = verb(DescribeUserScramCredentials, {
  handle(request, call) {
    demandOfCluster(call, 'describe')
    const asked = (request.users ?? []).map(({ name }) => name)
    const names = asked.length === 0 ? call.kafka.broker.access.users.names() : asked
    const repeated = repeatedIn(names)
    const results = [...new Set(names)].map(name =>
      repeated.has(name) ? failure(name, twice(name)) : describe(name, call),
    )
    return { ...succeeded, results }
  },
  refuse: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage, results: [] }),
})

function describe(user: string, { kafka }: Call) {
  const credentials = kafka.broker.access.users.describe(user)
  if (credentials === undefined)
    return failure(
      user,
      refused('RESOURCE_NOT_FOUND', `Attempt to describe a user credential that does not exist: ${user}`),
    )
  return {
    user,
    errorCode: kafkaErrors.NONE,
    errorMessage: null,
    credentialInfos: credentials.map(({ mechanism, iterations }) => ({
      mechanism: scramCodes[mechanism],
      iterations,
    })),
  }
}

function twice(name: string): Outcome {
  return refused(
    'DUPLICATE_RESOURCE',
    `Cannot describe SCRAM credentials for the same user twice in a single request: ${name}`,
  )
}

function failure(user: string, outcome: Outcome) {
  return { user, ...outcome, credentialInfos: [] }
}
