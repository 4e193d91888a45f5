// Accounts, their passwords and permissions, over a metadata log. The password hash is one that RabbitMQ documents
// (its guide on passwords, "test12" with salt 908DC60A).

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { openMemoryStore } from '../../log/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { fillable } from '../fillable.contract.ts'
import { Journal } from '../journal.ts'
import { Vhosts } from '../vhosts.ts'
import { Access } from './access.ts'
import { Accounts, type Authentication, type NewCredential } from './accounts.ts'
import { algorithmName, hashMatches, passwordHash } from './password-hash.ts'
import { type PermissionKind, Permissions } from './permissions.ts'
import { REMEMBERED_MAX, RememberedPattern } from './remembered-pattern.ts'
import { UserLimits } from './user-limits.ts'

async function scene({ from }: { readonly from?: ReturnType<typeof openMemoryStore> } = {}) {
  const disk = { full: false }
  const store = openMemoryStore(from === undefined ? {} : { from })
  const world = new ManualWorld()
  const vhosts = new Vhosts()
  const access = new Access()
  const permissions: Permissions = new Permissions({
    vhosts,
    isUser: name => accounts.has(name),
    hasDefault: name => accounts.hasDefault(name),
  })
  const limits = new UserLimits({ isUser: name => accounts.has(name) })
  const accounts: Accounts = new Accounts({ access, permissions, limits, world })
  const parts = [vhosts, permissions, limits, accounts]
  const sections = [...parts.flatMap(part => part.sections), ...access.sections]
  const journal = await Journal.open(
    fillable(store, () => disk.full),
    world,
    sections,
  )
  for (const part of parts) part.attach(journal)
  access.open(journal, Buffer.from('decoys'))
  vhosts.partOf(vhost => permissions.forgetVhost(vhost))
  return {
    store,
    disk,
    vhosts,
    access,
    permissions,
    accounts,
    login: async (user: string, password: string, loopback = true) =>
      words(await accounts.authenticate(user, password, { loopback })),
    put: (name: string, credential: NewCredential | string, tags: readonly string[] = []) =>
      accounts.put(name, {
        tags,
        credential: typeof credential === 'string' ? { kind: 'password', password: credential } : credential,
      }),
  }
}

function words(outcome: Authentication): string {
  return outcome.at === 'known' ? ['known', ...outcome.tags].join(' ') : outcome.at
}

function hashed(password: string, algorithm: 'sha256' | 'sha512' = 'sha256') {
  const salt = Buffer.from('0a0b0c0d', 'hex')
  const digest = createHash(algorithm).update(salt).update(password).digest()
  return passwordHash(
    Buffer.concat([salt, digest]).toString('base64'),
    `rabbit_password_hashing_${algorithm}`,
  )
}

describe('password hashes', () => {
  it('of RabbitMQ match their password', () => {
    const known = passwordHash('kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR')
    expect([hashMatches(known, 'test12'), hashMatches(known, 'test13')]).toEqual([true, false])
    expect(algorithmName(known)).toBe('rabbit_password_hashing_sha256')
    expect(hashMatches(hashed('x', 'sha512'), 'x')).toBe(true)
  })

  it.each([
    ['rabbit_password_hashing_md5', 'AAAA'],
    ['rabbit_password_hashing_sha256', 'AAAA'],
    ['rabbit_password_hashing_sha256', ''],
    ['rabbit_password_hashing_sha512', hashed('x').hash],
    ['toString', hashed('x').hash],
  ])('of %s: %j is refused', (algorithm, hash) => {
    expect(() => passwordHash(hash, algorithm)).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }))
  })
})

describe('accounts', () => {
  it.each<[string, NewCredential | string, string]>([
    ['a password', 'pencil', 'known management'],
    ['an imported hash', { kind: 'hash', hash: hashed('pencil') }, 'known management'],
    ['no password', { kind: 'none' }, 'refused'],
  ])('log in with %s, also after a restart', async (_title, credential, right) => {
    const first = await scene()
    await first.put('ann', credential, ['management'])
    await first.store.close()
    for (const { login } of [first, await scene({ from: first.store })])
      expect([
        await login('ann', 'pencil', false),
        await login('ann', 'pen'),
        await login('ann', ''),
        await login('bob', 'pencil'),
      ]).toEqual([right, 'refused', 'refused', 'refused'])
  })

  it('with a password are SCRAM users of every mechanism, and a new one leaves nothing of the old', async () => {
    const { put, login, access, accounts } = await scene()
    await put('ann', 'first', ['a', 'b'])
    expect(access.users.describe('ann')?.map(one => one.mechanism)).toEqual([
      'SCRAM-SHA-256',
      'SCRAM-SHA-512',
    ])
    await put('ann', { kind: 'hash', hash: hashed('second') })
    expect([access.users.describe('ann'), await login('ann', 'first'), await login('ann', 'second')]).toEqual(
      [undefined, 'refused', 'known'],
    )
    await put('ann', 'third')
    expect([await login('ann', 'second'), await login('ann', 'third')]).toEqual(['refused', 'known'])
    await accounts.setTags('ann', ['monitoring'])
    expect(await login('ann', 'third')).toBe('known monitoring')
  })

  it('move by their definitions', async () => {
    const { put, accounts } = await scene()
    await put('ann', 'pencil', ['x'])
    await put('bob', { kind: 'hash', hash: hashed('ink') })
    await accounts.setTags('bob', ['y'])
    const other = await scene()
    for (const name of ['ann', 'bob']) {
      const { tags, hash, scram } = accounts.definition(name) ?? { tags: [] }
      await other.put(name, hash ? { kind: 'hash', hash } : { kind: 'scram', scram: scram ?? {} }, tags)
    }
    expect([await other.login('ann', 'pencil'), await other.login('bob', 'ink')]).toEqual([
      'known x',
      'known y',
    ])
  })

  it('go with credentials and permissions, or stay with them when the disk is full', async () => {
    const { put, login, accounts, permissions, disk, access } = await scene()
    await put('ann', 'pencil')
    await permissions.set({ user: 'ann', vhost: '/', configure: '', write: '.*', read: '.*' })
    await permissions.setTopic({ user: 'ann', vhost: '/', exchange: 'amq.topic', write: 'a', read: 'b' })
    disk.full = true
    await expect(accounts.delete('ann')).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    expect([await login('ann', 'pencil'), permissions.mayEnter('ann', '/')]).toEqual(['known', true])
    disk.full = false
    await accounts.delete('ann')
    expect([await login('ann', 'pencil'), permissions.mayEnter('ann', '/')]).toEqual(['refused', false])
    expect([permissions.topics(), access.users.names(), accounts.has('ann')]).toEqual([[], [], false])
    await expect(accounts.delete('ann')).rejects.toMatchObject({ code: 'USER_UNKNOWN' })
  })

  it('are listed with those that other heads made, and the configured ones', async () => {
    const { put, accounts, access } = await scene()
    await put('ann', 'pencil', ['management'])
    const [change] = access.users.snapshot()
    if (change?.kind !== 'set') throw new Error('no credential was made')
    await access.changeUsers([{ ...change, user: 'kafka' }])
    accounts.grantDefault('conf', ['administrator'])
    expect(accounts.list()).toEqual([
      { name: 'ann', tags: ['management'], source: 'stored' },
      { name: 'conf', tags: ['administrator'], source: 'configured' },
      { name: 'guest', tags: ['administrator'], source: 'built-in' },
      { name: 'kafka', tags: [], source: 'stored' },
    ])
  })

  it.each<[string, string, NewCredential | string, readonly string[]]>([
    ['no name', '', 'x', []],
    ['a long name', 'x'.repeat(256), 'x', []],
    ['an empty password', 'ann', '', []],
    ['a tag of two words', 'ann', 'x', ['a b']],
    ['too many tags', 'ann', 'x', Array.from({ length: 33 }, (_, n) => `t${n}`)],
    [
      'a damaged credential',
      'ann',
      {
        kind: 'scram',
        scram: { 'SCRAM-SHA-256': { salt: '', iterations: 1, storedKey: '', serverKey: '' } },
      },
      [],
    ],
  ])('are refused with %s', async (_title, name, credential, tags) => {
    const { put, accounts } = await scene()
    await expect(put(name, credential, tags)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    expect(accounts.list().map(one => one.name)).toEqual(['guest'])
  })
})

describe('the built-in account', () => {
  it('is an administrator with everything on / from loopback, and no SCRAM user', async () => {
    const { login, permissions, access, vhosts } = await scene()
    await vhosts.put('other')
    expect([
      await login('guest', 'guest'),
      await login('guest', 'guess'),
      await login('guest', 'guest', false),
    ]).toEqual(['known administrator', 'refused', 'refused'])
    expect([permissions.check('guest', '/', 'write', 'x'), permissions.mayEnter('guest', 'other')]).toEqual([
      true,
      false,
    ])
    expect([access.users.count, await access.users.checkPassword('guest', 'guest')]).toEqual([0, 'wrong'])
  })

  it('is gone for good once it is deleted', async () => {
    const first = await scene()
    await first.accounts.delete('guest')
    await first.store.close()
    for (const { login, permissions, accounts } of [first, await scene({ from: first.store })])
      expect([await login('guest', 'guest'), permissions.mayEnter('guest', '/'), accounts.list()]).toEqual([
        'refused',
        false,
        [],
      ])
    const again = await scene({ from: first.store })
    await again.put('guest', 'guest')
    expect([await again.login('guest', 'guest', false), again.permissions.mayEnter('guest', '/')]).toEqual([
      'known',
      false,
    ])
    await again.accounts.delete('guest')
    expect(again.accounts.has('guest')).toBe(false)
  })

  it('becomes an ordinary user with the permission it had when a password is set', async () => {
    const { put, login, permissions } = await scene()
    await put('guest', 'better', ['management'])
    expect([await login('guest', 'guest'), await login('guest', 'better', false)]).toEqual([
      'refused',
      'known management',
    ])
    expect(permissions.list()).toEqual([
      { user: 'guest', vhost: '/', configure: '.*', write: '.*', read: '.*' },
    ])
  })

  it('may have other tags and permissions, and lose the permission', async () => {
    const { accounts, login, permissions } = await scene()
    await accounts.setTags('guest', ['monitoring'])
    expect([await login('guest', 'guest'), await login('guest', 'guest', false)]).toEqual([
      'known monitoring',
      'refused',
    ])
    await permissions.set({ user: 'guest', vhost: '/', configure: '', write: '^a', read: '' })
    expect([
      permissions.check('guest', '/', 'write', 'a'),
      permissions.check('guest', '/', 'read', 'a'),
    ]).toEqual([true, false])
    expect([
      await permissions.clear('guest', '/'),
      permissions.mayEnter('guest', '/'),
      await permissions.clear('guest', '/'),
    ]).toEqual([true, false, false])
  })
})

describe('configured users', () => {
  it('may do everything on / unless permissions say otherwise, and are not changed here', async () => {
    const { accounts, permissions, put, vhosts } = await scene()
    await vhosts.put('v')
    accounts.grantDefault('conf')
    expect([permissions.get('conf', '/')?.read, permissions.mayEnter('conf', 'v')]).toEqual(['.*', false])
    await permissions.set({ user: 'conf', vhost: 'v', configure: '', write: '', read: 'x' })
    await permissions.set({ user: 'conf', vhost: '/', configure: '', write: '', read: 'x' })
    expect([
      permissions.check('conf', '/', 'write', 'x'),
      permissions.check('conf', 'v', 'read', 'x'),
    ]).toEqual([false, true])
    await expect(put('conf', 'x')).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    await expect(accounts.delete('conf')).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
  })
})

describe('permissions', () => {
  it.each<[string, string, boolean]>([
    ['', 'x', false],
    ['', '', false],
    ['.*', '', true],
    ['^amq\\.default$', '', true],
    ['ord', 'my.orders', true],
    ['^ord', 'my.orders', false],
    ['^(a|b)$', 'b', true],
    ['^{username}', 'ann', false],
  ])('pattern %j and name %j: %s', async (pattern, name, expected) => {
    const { permissions, put } = await scene()
    await put('ann', { kind: 'none' })
    for (const kind of ['configure', 'write', 'read'] as const satisfies readonly PermissionKind[]) {
      const none = { configure: '', write: '', read: '' }
      await permissions.set({ user: 'ann', vhost: '/', ...none, [kind]: pattern })
      expect([permissions.check('ann', '/', kind, name), permissions.check('ann', '/', kind, name)]).toEqual([
        expected,
        expected,
      ])
      for (const other of (['configure', 'write', 'read'] as const).filter(one => one !== kind))
        expect(permissions.check('ann', '/', other, 'x')).toBe(false)
    }
  })

  it('are needed to enter, and go with their virtual host', async () => {
    const { permissions, put, vhosts } = await scene()
    await put('ann', { kind: 'none' })
    await vhosts.put('v')
    await permissions.set({ user: 'ann', vhost: 'v', configure: '.*', write: '.*', read: '.*' })
    await permissions.setTopic({ user: 'ann', vhost: 'v', exchange: 'x', write: 'a', read: 'b' })
    expect([
      permissions.mayEnter('ann', 'v'),
      permissions.mayEnter('ann', '/'),
      permissions.check('ann', '/', 'read', 'q'),
    ]).toEqual([true, false, false])
    await vhosts.delete('v')
    expect([permissions.list(), permissions.topics(), permissions.mayEnter('ann', 'v')]).toEqual([
      [],
      [],
      false,
    ])
  })

  it.each([
    ['USER_UNKNOWN', { user: 'bob' }],
    ['VHOST_UNKNOWN', { vhost: 'v' }],
    ['ARGUMENT_INVALID', { read: '(' }],
  ])('are refused: %s', async (code, change) => {
    const { permissions, put } = await scene()
    await put('ann', { kind: 'none' })
    const whole = { user: 'ann', vhost: '/', exchange: 'x', configure: '', write: '', read: '', ...change }
    await expect(permissions.set(whole)).rejects.toMatchObject({ code })
    await expect(permissions.setTopic(whole)).rejects.toMatchObject({ code })
  })

  it('over topics fill variables in literally, and leave other exchanges open', async () => {
    const { permissions, put } = await scene()
    await put('a.b', { kind: 'none' })
    const user = 'a.b'
    await permissions.setTopic({
      user,
      vhost: '/',
      exchange: 'amq.topic',
      write: '^{username}\\.{client_id}\\.',
      read: '',
    })
    const may = (kind: 'write' | 'read', routingKey: string, exchange = 'amq.topic') =>
      permissions.checkTopic(user, {
        vhost: '/',
        exchange,
        kind,
        routingKey,
        variables: { username: user, vhost: '/', client_id: 'c+' },
      })
    expect([may('write', 'a.b.c+.x'), may('write', 'axb.c+.x'), may('write', 'a.b.cc.x')]).toEqual([
      true,
      false,
      false,
    ])
    expect([may('read', 'a.b.c+.x'), may('read', 'anything', 'other')]).toEqual([false, true])
    expect([
      await permissions.clearTopics(user, '/', 'other'),
      await permissions.clearTopics(user, '/'),
    ]).toEqual([false, true])
    expect(may('read', 'anything')).toBe(true)
  })

  it('remember a bounded number of answers, and answer right beyond', () => {
    const pattern = new RememberedPattern('7$')
    const names = Array.from({ length: REMEMBERED_MAX * 2 + 10 }, (_, n) => `q${n}`)
    for (let round = 0; round < 2; round++)
      for (const name of names) expect(pattern.matches(name)).toBe(name.endsWith('7'))
  })
})
