// AlterUserScramCredentials (KIP-554): sets and deletes credentials. The client has salted the password already, so the
// password itself is never here. A user may be named once in a request, whatever the mechanism.

import {
  AuthError,
  SCRAM_ITERATIONS_MAX,
  SCRAM_ITERATIONS_MIN,
  type ScramName,
  saltedChange,
  type UserChange,
} from '../../../auth/index.ts'
import { BrokerError } from '../../../broker/index.ts'
import { type KafkaErrorName, KafkaRefusal } from '../errors.ts'
import { demandOfCluster, outcomeOf, refused, repeatedIn } from '../outcome.ts'
import { scramNameOf } from '../scram.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { AlterUserScramCredentials } from '../wire/index.ts'

type Request = RequestOf<typeof AlterUserScramCredentials>
type Deletion = Request['deletions'][number]
type Upsertion = Request['upsertions'][number]

export const alterUserScramCredentials = verb(AlterUserScramCredentials, {
  async handle(request, call) {
    demandOfCluster(call, 'alter')
    const wanted = [...request.deletions, ...request.upsertions]
    const repeated = repeatedIn(wanted.map(({ name }) => name))
    const once = wanted.filter(({ name }) => !repeated.has(name))
    const rows = once.map(async one => ({
      user: one.name,
      ...(await outcomeOf(call, () => alter(one, call))),
    }))
    const twice = refused(
      'DUPLICATE_RESOURCE',
      'A user credential cannot be altered twice in the same request',
    )
    return { results: [...(await Promise.all(rows)), ...[...repeated].map(user => ({ user, ...twice }))] }
  },
  refuse: ({ deletions, upsertions }, errorCode, errorMessage) => ({
    results: [...new Set([...deletions, ...upsertions].map(({ name }) => name))].map(user => ({
      user,
      errorCode,
      errorMessage,
    })),
  }),
})

function alter(wanted: Deletion | Upsertion, { kafka }: Call): Promise<void> {
  const { access } = kafka.broker
  if (wanted.name === '') throw new KafkaRefusal('UNACCEPTABLE_CREDENTIAL', 'Username must not be empty')
  const mechanism = scramNameOf(wanted.mechanism)
  if (mechanism === undefined) throw new KafkaRefusal('UNSUPPORTED_SASL_MECHANISM', 'Unknown SCRAM mechanism')
  try {
    const change =
      'salt' in wanted ? upsertion(wanted, mechanism) : access.users.deletion(wanted.name, mechanism)
    if (change.kind === 'set') access.users.checkRoom(change.user, mechanism)
    return access.changeUsers([change])
  } catch (error) {
    throw inKafkasWords(error)
  }
}

function upsertion({ name, iterations, salt, saltedPassword }: Upsertion, mechanism: ScramName): UserChange {
  if (iterations < SCRAM_ITERATIONS_MIN)
    throw new KafkaRefusal('UNACCEPTABLE_CREDENTIAL', 'Too few iterations')
  if (iterations > SCRAM_ITERATIONS_MAX)
    throw new KafkaRefusal('UNACCEPTABLE_CREDENTIAL', 'Too many iterations')
  return saltedChange(name, mechanism, { salt, saltedPassword, iterations })
}

const words: Partial<Record<AuthError['code'], KafkaErrorName>> = {
  AUTH_CREDENTIAL_UNACCEPTABLE: 'UNACCEPTABLE_CREDENTIAL',
  AUTH_CREDENTIAL_UNKNOWN: 'RESOURCE_NOT_FOUND',
}

function inKafkasWords(error: unknown): unknown {
  if (!(error instanceof AuthError)) return error
  const word = words[error.code]
  if (word !== undefined) return new KafkaRefusal(word, error.message)
  return new BrokerError('LIMIT_EXCEEDED', error.message, error)
}
