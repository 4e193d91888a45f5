// Credentials and their registry: bounds, JSON, changes, decoys.

import { describe, expect, it } from 'vitest'
import { ManualWorld } from '../world/index.ts'
import {
  credentialFromJson,
  credentialFromPassword,
  credentialToJson,
  passwordMatches,
} from './credentials.ts'
import { keyBytes, saltedPassword, scramNames } from './sasl/scram-keys.ts'
import {
  passwordChanges,
  saltedChange,
  type UserChange,
  userChangeFromJson,
  userChangeToJson,
} from './user-change.ts'
import { Users } from './users.ts'

const world = new ManualWorld()
const decoySecret = Buffer.from('decoys')
const salt = Buffer.from('0123456789abcdef')

describe.each(scramNames)('a %s credential', mechanism => {
  const bytes = keyBytes(mechanism)

  it('matches its password and no other, and survives JSON', async () => {
    const made = await credentialFromPassword(mechanism, 'pencil', { salt })
    const read = credentialFromJson(mechanism, JSON.parse(JSON.stringify(credentialToJson(made))))
    expect(read).toEqual(made)
    expect(await passwordMatches(mechanism, read, 'pencil')).toBe(true)
    expect(await passwordMatches(mechanism, read, 'Pencil')).toBe(false)
    expect(await passwordMatches(mechanism, read, '')).toBe(false)
  })

  it("from Kafka's salted form is the same as from the password", async () => {
    const salted = await saltedPassword(mechanism, 'pencil', salt, 5000)
    const change = saltedChange('ann', mechanism, { salt, saltedPassword: salted, iterations: 5000 })
    const credential = await credentialFromPassword(mechanism, 'pencil', { salt, iterations: 5000 })
    expect(change).toEqual({ kind: 'set', user: 'ann', mechanism, credential })
  })

  it.each([
    ['too few iterations', { iterations: 4095 }],
    ['too many iterations', { iterations: 16_385 }],
    ['iterations no whole number', { iterations: 4096.5 }],
    ['no salt', { salt: Buffer.alloc(0) }],
    ['a salt too long', { salt: Buffer.alloc(1025) }],
    ['a salted password too short', { saltedPassword: Buffer.alloc(bytes - 1) }],
    ['a salted password too long', { saltedPassword: Buffer.alloc(bytes + 1) }],
  ])('is refused with %s', (_title, change) => {
    const good = { salt, saltedPassword: Buffer.alloc(bytes), iterations: 4096 }
    expect(() => saltedChange('ann', mechanism, good)).not.toThrow()
    expect(() => saltedChange('ann', mechanism, { ...good, ...change })).toThrow(
      /AUTH_CREDENTIAL_UNACCEPTABLE/,
    )
  })

  it('allows the most iterations', () => {
    const most = { salt, saltedPassword: Buffer.alloc(bytes), iterations: 16_384 }
    expect(saltedChange('ann', mechanism, most).kind).toBe('set')
  })
})

describe('records', () => {
  it('come back as they were', async () => {
    const changes: UserChange[] = await passwordChanges({ user: 'ann', password: 'pencil' }, { world })
    changes.push({ kind: 'delete', user: 'ann', mechanism: 'SCRAM-SHA-512' })
    for (const change of changes)
      expect(userChangeFromJson(JSON.parse(JSON.stringify(userChangeToJson(change))))).toEqual(change)
  })

  it('never hold the password', async () => {
    const changes = await passwordChanges({ user: 'ann', password: 'pencil' }, { world })
    expect(JSON.stringify(changes.map(userChangeToJson))).not.toContain('pencil')
  })

  const key = Buffer.alloc(32).toString('base64')
  const credential = { salt: 'AAAA', iterations: 4096, storedKey: key, serverKey: key }
  const good = { kind: 'set', user: 'ann', mechanism: 'SCRAM-SHA-256', credential }
  it.each([
    ['kind', { ...good, kind: 'put' }],
    ['user', { ...good, user: '' }],
    ['user', { ...good, user: 7 }],
    ['mechanism', { ...good, mechanism: 'PLAIN' }],
    ['iterations', { ...good, credential: { ...credential, iterations: 1 } }],
    ['salt', { ...good, credential: { ...credential, salt: '' } }],
    ['storedKey', { ...good, credential: { ...credential, storedKey: 'AAAA' } }],
    ['serverKey', { ...good, credential: { ...credential, serverKey: 'not base64' } }],
    ['iterations', { ...good, credential: null }],
    ['user', null],
  ])('with a bad %s are refused by name', (field, json) => {
    expect(() => userChangeFromJson(good)).not.toThrow()
    expect(() => userChangeFromJson(json)).toThrow(new RegExp(`'${field}'.*AUTH_RECORD_INVALID`))
  })
})

describe('the registry', () => {
  async function filled(): Promise<Users> {
    const users = new Users({ decoySecret })
    for (const change of await passwordChanges({ user: 'ann', password: 'pencil' }, { world }))
      users.apply(change)
    return users
  }

  it('gives a password user both mechanisms with salts of their own', async () => {
    const users = await filled()
    expect(users.describe('ann')).toEqual([
      { mechanism: 'SCRAM-SHA-256', iterations: 4096 },
      { mechanism: 'SCRAM-SHA-512', iterations: 4096 },
    ])
    const salts = scramNames.map(name => users.scram('ann', name).credential.salt.toString('hex'))
    expect(new Set(salts).size).toBe(2)
    expect(users.names()).toEqual(['ann'])
  })

  it('applies a change twice as once', async () => {
    const users = await filled()
    for (const change of [...users.snapshot()]) users.apply(change)
    expect(users.count).toBe(2)
    const deletion = users.deletion('ann', 'SCRAM-SHA-256')
    users.apply(deletion)
    users.apply(deletion)
    expect(users.count).toBe(1)
    expect(users.describe('ann')).toEqual([{ mechanism: 'SCRAM-SHA-512', iterations: 4096 }])
  })

  it('forgets a user with the last credential', async () => {
    const users = await filled()
    for (const mechanism of scramNames) users.apply(users.deletion('ann', mechanism))
    expect(users.describe('ann')).toBeUndefined()
    expect(users.names()).toEqual([])
    expect(await users.checkPassword('ann', 'pencil')).toBe('wrong')
    expect(() => users.deletion('ann', 'SCRAM-SHA-256')).toThrow(/AUTH_CREDENTIAL_UNKNOWN/)
  })

  it('replaces a password', async () => {
    const users = await filled()
    for (const change of await passwordChanges({ user: 'ann', password: 'pen' }, { world }))
      users.apply(change)
    expect(await users.checkPassword('ann', 'pencil')).toBe('wrong')
    expect(await users.checkPassword('ann', 'pen')).toBe('right')
  })

  it('keeps no more credentials than its limit, but replaces those it has', async () => {
    const users = new Users({ decoySecret, credentialsMax: 2 })
    const [first, second] = await passwordChanges({ user: 'ann', password: 'pencil' }, { world })
    if (first?.kind !== 'set' || second === undefined) throw new Error('expected two changes')
    users.apply(first)
    users.apply(second)
    users.apply(first)
    expect(() => users.apply({ ...first, user: 'bob' })).toThrow(/AUTH_CREDENTIALS_FULL/)
    expect(users.count).toBe(2)
  })

  it('makes decoys that depend on secret, user and mechanism, and on nothing else', () => {
    const salt = (secret: string, user: string, mechanism: (typeof scramNames)[number]): string => {
      const decoy = new Users({ decoySecret: Buffer.from(secret) }).scram(user, mechanism)
      expect(decoy.known).toBe(false)
      return decoy.credential.salt.toString('hex')
    }
    const one = salt('s', 'x', 'SCRAM-SHA-256')
    expect(salt('s', 'x', 'SCRAM-SHA-256')).toBe(one)
    const others = [
      salt('t', 'x', 'SCRAM-SHA-256'),
      salt('s', 'y', 'SCRAM-SHA-256'),
      salt('s', 'x', 'SCRAM-SHA-512'),
    ]
    expect(others).not.toContain(one)
  })

  it.each([
    ['empty', ''],
    ['NUL', 'a\0b'],
    ['long', 'x'.repeat(1025)],
    ['half a character', '\ud800'],
  ])('refuses a user name: %s', async (_title, user) => {
    await expect(passwordChanges({ user, password: 'pencil' }, { world })).rejects.toThrow(
      /AUTH_CREDENTIAL_UNACCEPTABLE/,
    )
  })

  it('refuses an empty password', async () => {
    await expect(passwordChanges({ user: 'ann', password: '' }, { world })).rejects.toThrow(
      /must not be empty/,
    )
  })
})
