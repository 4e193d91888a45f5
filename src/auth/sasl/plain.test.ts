// PLAIN's single message (RFC 4616 section 2): what is accepted, what is refused and in which words.

import { beforeAll, describe, expect, it } from 'vitest'
import { ManualWorld } from '../../world/index.ts'
import { Derivations } from '../derivations.ts'
import { passwordChanges, saltedChange } from '../user-change.ts'
import { Users } from '../users.ts'
import { REFUSED } from './mechanism.ts'
import { plain } from './plain.ts'
import { saltedPassword } from './scram-keys.ts'

const world = new ManualWorld()
const peer = { address: '10.0.0.7' }
const users = new Users({ decoySecret: Buffer.from('decoys') })

beforeAll(async () => {
  for (const change of await passwordChanges({ user: 'ann', password: 'pencil' }, { world }))
    users.apply(change)
  const options = { world, mechanisms: ['SCRAM-SHA-512'] as const }
  for (const change of await passwordChanges({ user: 'bob', password: 'ﬁsh' }, options)) users.apply(change)
  const salt = Buffer.from('salt')
  const salted = await saltedPassword('SCRAM-SHA-256', 'ﬁsh', salt, 4096)
  users.apply(saltedChange('cid', 'SCRAM-SHA-256', { salt, saltedPassword: salted, iterations: 4096 }))
})

describe('accepted (RFC 4616 section 2)', () => {
  it.each([
    ['without authzid', '\0ann\0pencil', 'ann'],
    ['with its own authzid', 'ann\0ann\0pencil', 'ann'],
    ['a user who has SCRAM-SHA-512 only', '\0bob\0ﬁsh', 'bob'],
    ['a password that is the same after NFKC', '\0bob\0fish', 'bob'],
    ['a credential from a client that does not normalise', '\0cid\0ﬁsh', 'cid'],
  ])('%s', async (_title, message, name) => {
    const step = await plain.start(users, peer, world).step(Buffer.from(message))
    expect(step).toEqual({ at: 'done', principal: { kind: 'user', name } })
  })
})

describe('refused (RFC 4616 section 2)', () => {
  it.each([
    ['wrong password', '\0ann\0pencils', REFUSED],
    ['unknown user', '\0nobody\0pencil', REFUSED],
    ['user name in other case', '\0Ann\0pencil', REFUSED],
    ['other authzid with the right password', 'root\0ann\0pencil', /authorization id differs/],
    ['other authzid with a wrong password', 'root\0ann\0pencils', REFUSED],
    ['two parts', 'ann\0pencil', /2 parts/],
    ['four parts', '\0ann\0pen\0cil', /4 parts/],
    ['nothing', '', /1 parts/],
    ['no user', '\0\0pencil', /user name is empty/],
    ['long user', `\0${'x'.repeat(1025)}\0pencil`, /user name is empty or too long/],
    ['no password', '\0ann\0', /password is empty/],
    ['long message', `\0ann\0${'x'.repeat(16_384)}`, /too long/],
  ])('%s', async (_title, message, words) => {
    const step = await plain.start(users, peer, world).step(Buffer.from(message))
    if (step.at !== 'failed') throw new Error(`expected a failure, got ${step.at}`)
    expect(step.message).toMatch(words)
  })

  it('bytes that are not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('\0ann\0'), Buffer.from([0xff])])
    expect(await plain.start(users, peer, world).step(bytes)).toMatchObject({ at: 'failed' })
  })

  it('a second message', async () => {
    const exchange = plain.start(users, peer, world)
    expect(await exchange.step(Buffer.from('\0ann\0pencil'))).toMatchObject({ at: 'done' })
    expect(await exchange.step(Buffer.from('\0ann\0pencil'))).toMatchObject({ at: 'failed' })
  })

  it('never tells the password in the reason for the log', async () => {
    const step = await plain.start(users, peer, world).step(Buffer.from('\0ann\0hunter2'))
    expect(step).toMatchObject({ at: 'failed' })
    expect(JSON.stringify(step)).not.toContain('hunter2')
  })
})

describe('a flood of logins', () => {
  it('is refused as busy beyond the limit, and those within it are answered', async () => {
    const derivations = new Derivations({ runningMax: 1, waitingMax: 2 })
    const few = new Users({ decoySecret: Buffer.from('decoys'), derivations })
    for (const change of users.snapshot()) few.apply(change)
    // Twice, because the places must all have been given back.
    for (const _turn of [1, 2]) {
      const logins = [1, 2, 3, 4, 5].map(() =>
        plain.start(few, peer, world).step(Buffer.from('\0ann\0pencil')),
      )
      const steps = await Promise.all(logins)
      expect(steps.map(step => step.at)).toEqual(['done', 'done', 'done', 'failed', 'failed'])
      expect(steps[4]).toMatchObject({ message: 'Authentication failed: the server is busy, try again' })
    }
    expect(derivations.waiting).toBe(0)
    expect(await plain.start(few, peer, world).step(Buffer.from('\0ann\0pencil'))).toMatchObject({
      at: 'done',
    })
  })
})
