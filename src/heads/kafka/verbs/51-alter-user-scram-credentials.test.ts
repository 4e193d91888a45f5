// SCRAM credentials through both requests (KIP-554).

import { describe, expect, it } from 'vitest'
import { type KafkaErrorName, kafkaErrors } from '../errors.ts'
import type { RequestInput } from '../wire/api.ts'
import { AlterUserScramCredentials, DescribeUserScramCredentials } from '../wire/index.ts'
import { Scene } from './asking.contract.ts'

type Request = RequestInput<typeof AlterUserScramCredentials>
type Upsertion = Request['upsertions'][number]

const SHA_256 = 1
const SHA_512 = 2

function upsertion(change: Partial<Upsertion> = {}): Upsertion {
  return {
    name: 'ann',
    mechanism: SHA_256,
    iterations: 4096,
    salt: Buffer.from('salt'),
    saltedPassword: Buffer.alloc(32, 7),
    ...change,
  }
}

describe('AlterUserScramCredentials', () => {
  const refusals: readonly [what: string, request: Request, error: KafkaErrorName][] = [
    [
      'too few iterations',
      { deletions: [], upsertions: [upsertion({ iterations: 4095 })] },
      'UNACCEPTABLE_CREDENTIAL',
    ],
    [
      'too many iterations',
      { deletions: [], upsertions: [upsertion({ iterations: 16_385 })] },
      'UNACCEPTABLE_CREDENTIAL',
    ],
    [
      'a user without a name',
      { deletions: [], upsertions: [upsertion({ name: '' })] },
      'UNACCEPTABLE_CREDENTIAL',
    ],
    [
      'no salt',
      { deletions: [], upsertions: [upsertion({ salt: Buffer.alloc(0) })] },
      'UNACCEPTABLE_CREDENTIAL',
    ],
    [
      'a password of another mechanism',
      { deletions: [], upsertions: [upsertion({ mechanism: SHA_512 })] },
      'UNACCEPTABLE_CREDENTIAL',
    ],
    [
      'a mechanism that is none',
      { deletions: [], upsertions: [upsertion({ mechanism: 9 })] },
      'UNSUPPORTED_SASL_MECHANISM',
    ],
    [
      'to delete what is not there',
      { deletions: [{ name: 'bob', mechanism: SHA_256 }], upsertions: [] },
      'RESOURCE_NOT_FOUND',
    ],
    [
      'a user twice',
      { deletions: [{ name: 'ann', mechanism: SHA_512 }], upsertions: [upsertion()] },
      'DUPLICATE_RESOURCE',
    ],
  ]
  it.each(refusals)('refuses %s', async (_what, request, error) => {
    const scene = await Scene.open()
    const { results } = await scene.ask(AlterUserScramCredentials, request)
    expect(results).toMatchObject([{ errorCode: kafkaErrors[error], errorMessage: expect.any(String) }])
    expect(scene.broker.access.users.count).toBe(0)
  })

  it('sets what DescribeUserScramCredentials shows, and deletes it', async () => {
    const scene = await Scene.open()
    await scene.ask(AlterUserScramCredentials, {
      deletions: [],
      upsertions: [upsertion({ iterations: 8192 })],
    })
    const before = await scene.ask(DescribeUserScramCredentials, { users: null })
    expect(before.results).toMatchObject([
      { user: 'ann', errorCode: 0, credentialInfos: [{ mechanism: SHA_256, iterations: 8192 }] },
    ])
    const deletions = [{ name: 'ann', mechanism: SHA_256 }]
    await scene.ask(AlterUserScramCredentials, { deletions, upsertions: [] })
    expect(await scene.ask(DescribeUserScramCredentials, { users: null })).toMatchObject({ results: [] })
  })
})

describe('DescribeUserScramCredentials', () => {
  it('answers for each user by itself', async () => {
    const scene = await Scene.open()
    await scene.ask(AlterUserScramCredentials, { deletions: [], upsertions: [upsertion()] })
    const users = ['ann', 'zed', 'bob', 'bob'].map(name => ({ name }))
    const { results } = await scene.ask(DescribeUserScramCredentials, { users })
    expect(results.map(({ user, errorCode }) => [user, errorCode])).toEqual([
      ['ann', 0],
      ['zed', kafkaErrors.RESOURCE_NOT_FOUND],
      ['bob', kafkaErrors.DUPLICATE_RESOURCE],
    ])
  })
})
