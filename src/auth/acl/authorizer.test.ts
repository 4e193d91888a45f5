// The rules of Kafka's StandardAuthorizer, one row a case; then the indexed decision against a naive reading of the
// same rules over a small space of random entries; then its cost.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalHost } from '../host.ts'
import { ANONYMOUS, user } from '../principal.ts'
import { Authorizer } from './authorizer.ts'
import {
  type AclBinding,
  EVERYBODY,
  type Operation,
  operations,
  parseBinding,
  type ResourceType,
} from './binding.ts'
import { type AclFilter, everyAcl, filterMatches } from './filter.ts'

const base: AclBinding = {
  resourceType: 'topic',
  patternType: 'literal',
  resourceName: 'orders',
  principal: 'User:ann',
  host: '*',
  operation: 'read',
  permission: 'allow',
}
const acl = (change: Partial<AclBinding> = {}): AclBinding => ({ ...base, ...change })
const ann = { principal: user('ann'), host: '10.0.0.7' }

interface Case {
  readonly title: string
  readonly acls?: readonly AclBinding[]
  readonly who?: string
  readonly host?: string
  readonly operation?: Operation
  readonly type?: ResourceType
  readonly name?: string
  readonly allowIfNone?: boolean
  readonly superUsers?: readonly string[]
  readonly allowed: boolean
}

const cases: readonly Case[] = [
  { title: 'no entry: denied', allowed: false },
  { title: 'no entry, allowIfNone: allowed', allowIfNone: true, allowed: true },
  { title: 'allow for the very thing', acls: [acl()], allowed: true },
  { title: 'other principal', acls: [acl({ principal: 'User:bob' })], allowed: false },
  {
    title: 'other principal covers the resource: allowIfNone is off',
    acls: [acl({ principal: 'User:bob' })],
    allowIfNone: true,
    allowed: false,
  },
  {
    title: 'entry for another resource: allowIfNone stays',
    acls: [acl({ resourceName: 'bills' })],
    allowIfNone: true,
    allowed: true,
  },
  {
    title: 'entry for another type: allowIfNone stays',
    acls: [acl({ resourceType: 'group' })],
    allowIfNone: true,
    allowed: true,
  },
  { title: 'everybody', acls: [acl({ principal: EVERYBODY })], allowed: true },
  {
    title: 'a principal of another type never matches',
    acls: [acl({ principal: 'Group:ann' })],
    allowed: false,
  },
  {
    title: 'anonymous is a user name',
    acls: [acl({ principal: 'User:ANONYMOUS' })],
    who: ANONYMOUS.name,
    allowed: true,
  },
  {
    title: 'user name that contains a colon',
    acls: [acl({ principal: 'User:a:b' })],
    who: 'a:b',
    allowed: true,
  },
  { title: 'principal case counts', acls: [acl({ principal: 'User:Ann' })], allowed: false },
  { title: 'deny wins over allow', acls: [acl(), acl({ permission: 'deny' })], allowed: false },
  {
    title: 'deny for everybody wins over own allow',
    acls: [acl(), acl({ principal: EVERYBODY, permission: 'deny' })],
    allowed: false,
  },
  {
    title: 'deny by prefix wins over literal allow',
    acls: [acl(), acl({ patternType: 'prefixed', resourceName: 'ord', permission: 'deny' })],
    allowed: false,
  },
  {
    title: 'deny by wildcard wins over literal allow',
    acls: [acl(), acl({ resourceName: '*', permission: 'deny' })],
    allowed: false,
  },
  {
    title: 'literal deny wins over wildcard allow',
    acls: [acl({ resourceName: '*' }), acl({ permission: 'deny' })],
    allowed: false,
  },
  {
    title: 'deny of another operation does not count',
    acls: [acl(), acl({ operation: 'write', permission: 'deny' })],
    allowed: true,
  },
  {
    title: 'deny from another host does not count',
    acls: [acl(), acl({ host: '10.0.0.8', permission: 'deny' })],
    allowed: true,
  },
  { title: 'deny of all', acls: [acl(), acl({ operation: 'all', permission: 'deny' })], allowed: false },
  {
    title: 'super user above deny',
    acls: [acl({ permission: 'deny' })],
    superUsers: ['User:ann'],
    allowed: true,
  },
  { title: 'super user is an exact name', superUsers: ['User:an', 'User:*'], allowed: false },
  { title: 'wildcard name', acls: [acl({ resourceName: '*' })], name: 'anything', allowed: true },
  {
    title: 'wildcard of another type',
    acls: [acl({ resourceName: '*', resourceType: 'group' })],
    allowed: false,
  },
  { title: 'prefix', acls: [acl({ patternType: 'prefixed', resourceName: 'ord' })], allowed: true },
  { title: 'prefix that is the whole name', acls: [acl({ patternType: 'prefixed' })], allowed: true },
  {
    title: 'prefix longer than the name',
    acls: [acl({ patternType: 'prefixed', resourceName: 'orders-1' })],
    allowed: false,
  },
  {
    title: 'prefix of something else',
    acls: [acl({ patternType: 'prefixed', resourceName: 'rd' })],
    allowed: false,
  },
  {
    title: 'a prefixed star is no wildcard',
    acls: [acl({ patternType: 'prefixed', resourceName: '*' })],
    allowed: false,
  },
  { title: 'a literal is no prefix', acls: [acl({ resourceName: 'ord' })], allowed: false },
  { title: 'same host', acls: [acl({ host: '10.0.0.7' })], allowed: true },
  { title: 'other host', acls: [acl({ host: '10.0.0.8' })], allowed: false },
  {
    title: 'IPv4 host from a dual-stack socket',
    acls: [acl({ host: '10.0.0.7' })],
    host: '::ffff:10.0.0.7',
    allowed: true,
  },
  {
    title: 'IPv6 host in another spelling',
    acls: [acl({ host: '0:0:0:0:0:0:0:1' })],
    host: '::1',
    allowed: true,
  },
  {
    title: 'deny of an IPv6 host in another spelling',
    acls: [acl(), acl({ host: '2001:DB8::0:1', permission: 'deny' })],
    host: '2001:db8::1',
    allowed: false,
  },
  { title: 'operation all', acls: [acl({ operation: 'all' })], operation: 'alter_configs', allowed: true },
  ...(['read', 'write', 'delete', 'alter'] as const).map(operation => ({
    title: `allow of ${operation} implies describe`,
    acls: [acl({ operation })],
    operation: 'describe' as const,
    allowed: true,
  })),
  {
    title: 'allow of create does not imply describe',
    acls: [acl({ operation: 'create' })],
    operation: 'describe',
    allowed: false,
  },
  {
    title: 'allow of alter_configs implies describe_configs',
    acls: [acl({ operation: 'alter_configs' })],
    operation: 'describe_configs',
    allowed: true,
  },
  {
    title: 'allow of alter does not imply describe_configs',
    acls: [acl({ operation: 'alter' })],
    operation: 'describe_configs',
    allowed: false,
  },
  { title: 'allow of describe does not imply read', acls: [acl({ operation: 'describe' })], allowed: false },
  {
    title: 'deny of read does not deny describe',
    acls: [acl({ permission: 'deny' }), acl({ operation: 'write' })],
    operation: 'describe',
    allowed: true,
  },
  {
    title: 'deny of describe beats an implied describe',
    acls: [acl(), acl({ operation: 'describe', permission: 'deny' })],
    operation: 'describe',
    allowed: false,
  },
  {
    title: 'deny alone beats allowIfNone',
    acls: [acl({ permission: 'deny' })],
    allowIfNone: true,
    allowed: false,
  },
]

function authorizer(options: Pick<Case, 'acls' | 'allowIfNone' | 'superUsers'>): Authorizer {
  const { acls = [], allowIfNone = false, superUsers = [] } = options
  const made = new Authorizer({ allowIfNone, superUsers })
  for (const one of acls) made.add(one)
  return made
}

describe("authorize: the rules of Kafka's StandardAuthorizer", () => {
  it.each(cases)(
    '$title',
    ({
      who = 'ann',
      host = ann.host,
      operation = 'read',
      type = 'topic',
      name = 'orders',
      allowed,
      ...rest
    }) => {
      const requester = { principal: user(who), host }
      expect(authorizer(rest).authorize(requester, operation, { type, name })).toBe(allowed)
    },
  )

  it('says what a decision rests on', () => {
    const topic = { type: 'topic', name: 'orders' } as const
    const deny = acl({ permission: 'deny' })
    expect(authorizer({ acls: [acl(), deny] }).rule(ann, 'read', topic)).toEqual({
      allowed: false,
      by: 'acl',
      acl: deny,
    })
    expect(authorizer({ acls: [acl()] }).rule(ann, 'write', topic)).toEqual({
      allowed: false,
      by: 'no_match',
    })
    expect(authorizer({}).rule(ann, 'read', topic)).toEqual({ allowed: false, by: 'no_acl' })
    expect(authorizer({ superUsers: ['User:ann'] }).rule(ann, 'read', topic)).toEqual({
      allowed: true,
      by: 'super_user',
    })
  })
})

describe('authorizeByResourceType (KIP-679)', () => {
  const write = (change: Partial<AclBinding> = {}): AclBinding => acl({ operation: 'write', ...change })
  const deny = (change: Partial<AclBinding> = {}): AclBinding => write({ permission: 'deny', ...change })
  const byType: readonly Pick<Case, 'title' | 'acls' | 'allowIfNone' | 'superUsers' | 'allowed'>[] = [
    { title: 'nothing', allowed: false },
    { title: 'nothing, allowIfNone', allowIfNone: true, allowed: true },
    { title: 'super user', superUsers: ['User:ann'], acls: [deny({ resourceName: '*' })], allowed: true },
    { title: 'some literal', acls: [write()], allowed: true },
    { title: 'some prefix', acls: [write({ patternType: 'prefixed' })], allowed: true },
    { title: 'wildcard', acls: [write({ resourceName: '*' })], allowed: true },
    { title: 'other principal', acls: [write({ principal: 'User:bob' })], allowed: false },
    { title: 'other operation', acls: [acl()], allowed: false },
    { title: 'other type', acls: [write({ resourceType: 'group' })], allowed: false },
    { title: 'literal denied by name', acls: [write(), deny()], allowed: false },
    {
      title: 'literal denied by prefix',
      acls: [write(), deny({ patternType: 'prefixed', resourceName: 'or' })],
      allowed: false,
    },
    {
      title: 'prefix denied by a shorter prefix',
      acls: [write({ patternType: 'prefixed' }), deny({ patternType: 'prefixed', resourceName: 'or' })],
      allowed: false,
    },
    {
      title: 'prefix with a longer prefix denied',
      acls: [write({ patternType: 'prefixed' }), deny({ patternType: 'prefixed', resourceName: 'orders-1' })],
      allowed: true,
    },
    {
      title: 'prefix with one name denied',
      acls: [write({ patternType: 'prefixed' }), deny()],
      allowed: true,
    },
    {
      title: 'one of two literals denied',
      acls: [write(), write({ resourceName: 'bills' }), deny()],
      allowed: true,
    },
    { title: 'wildcard denied', acls: [write(), deny({ resourceName: '*' })], allowed: false },
    { title: 'wildcard allowed, one denied', acls: [write({ resourceName: '*' }), deny()], allowed: true },
    { title: 'allowIfNone for names without entries', acls: [deny()], allowIfNone: true, allowed: true },
    {
      title: 'allowIfNone ends with a wildcard entry',
      acls: [write({ resourceName: '*', principal: 'User:bob' })],
      allowIfNone: true,
      allowed: false,
    },
  ]
  it.each(byType)('$title', ({ allowed, ...rest }) => {
    expect(authorizer(rest).authorizeByResourceType(ann, 'write', 'topic')).toBe(allowed)
  })
})

describe('against a naive reading of the rules', () => {
  const name = fc.constantFrom('a', 'b', 'ab', 'aa', 'ba', 'aab')
  const binding = fc.record({
    resourceType: fc.constantFrom('topic' as const, 'group' as const),
    patternType: fc.constantFrom('literal' as const, 'prefixed' as const),
    resourceName: fc.oneof(name, fc.constant('*')),
    principal: fc.constantFrom('User:ann', 'User:bob', EVERYBODY),
    host: fc.constantFrom('*', '10.0.0.7', '10.0.0.8'),
    operation: fc.constantFrom(...operations.slice(0, 10)),
    permission: fc.constantFrom('allow' as const, 'deny' as const),
  })
  const operation = fc.constantFrom(
    'read',
    'write',
    'describe',
    'describe_configs',
    'delete',
  ) as fc.Arbitrary<Operation>

  function naive(
    acls: readonly AclBinding[],
    wanted: Operation,
    resourceName: string,
    allowIfNone: boolean,
  ): boolean {
    const filter: AclFilter = { ...everyAcl, resourceType: 'topic', patternType: 'match', resourceName }
    const covering = acls.filter(one => filterMatches(filter, one))
    if (covering.length === 0) return allowIfNone
    const implied: Partial<Record<Operation, readonly Operation[]>> = {
      describe: ['read', 'write', 'delete', 'alter'],
      describe_configs: ['alter_configs'],
    }
    const mine = covering.filter(
      one =>
        ['User:ann', EVERYBODY].includes(one.principal) &&
        ['*', '10.0.0.7'].includes(one.host) &&
        (one.operation === 'all' ||
          one.operation === wanted ||
          (one.permission === 'allow' && (implied[wanted] ?? []).includes(one.operation))),
    )
    return mine.length > 0 && mine.every(one => one.permission === 'allow')
  }

  it('every decision agrees, also after removals', () => {
    fc.assert(
      fc.property(
        fc.array(binding, { maxLength: 12 }),
        fc.array(binding, { maxLength: 6 }),
        operation,
        fc.boolean(),
        (acls, more, wanted, allowIfNone) => {
          const made = authorizer({ acls: [...acls, ...more], allowIfNone })
          for (const one of more) made.remove(one)
          const left = made.list(everyAcl)
          for (const resourceName of ['a', 'b', 'ab', 'aa', 'aab', 'abb', 'c', 'zzz'])
            expect(made.authorize(ann, wanted, { type: 'topic', name: resourceName })).toBe(
              naive(left, wanted, resourceName, allowIfNone),
            )
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('by resource type agrees with asking every name', () => {
    const alphabet = ['a', 'b', 'c', '*']
    const two = alphabet.flatMap(x => alphabet.map(y => x + y))
    const names = [
      ...alphabet,
      ...two,
      ...two.flatMap(x => two.map(y => x + y)),
      ...two.flatMap(x => alphabet.map(y => x + y)),
    ]
    fc.assert(
      fc.property(
        fc.array(binding, { maxLength: 8 }),
        operation,
        fc.boolean(),
        (acls, wanted, allowIfNone) => {
          const made = authorizer({ acls, allowIfNone })
          const some = names.some(
            one => one !== '*' && made.authorize(ann, wanted, { type: 'topic', name: one }),
          )
          expect(made.authorizeByResourceType(ann, wanted, 'topic')).toBe(some)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('list and delete by filter (KIP-290)', () => {
  const literal = acl()
  const star = acl({ resourceName: '*' })
  const prefixed = acl({ patternType: 'prefixed', resourceName: 'ord' })
  const group = acl({ resourceType: 'group', resourceName: 'g', operation: 'all' })
  const bob = acl({ principal: 'User:bob', host: '10.0.0.8', permission: 'deny' })
  const all = [literal, star, prefixed, group, bob]

  const filters: readonly [string, Partial<AclFilter>, readonly AclBinding[]][] = [
    ['everything', {}, all],
    ['a type', { resourceType: 'group' }, [group]],
    ['a literal name', { patternType: 'literal', resourceName: 'orders' }, [literal, bob]],
    ['a name of any pattern type', { resourceName: 'ord' }, [prefixed]],
    ['all prefixed', { patternType: 'prefixed' }, [prefixed]],
    [
      'match: all that have a say',
      { patternType: 'match', resourceName: 'orders' },
      [literal, star, prefixed, bob],
    ],
    ['match without a name', { patternType: 'match' }, all],
    ['match of the wildcard', { patternType: 'match', resourceName: '*' }, [star]],
    ['a principal', { principal: 'User:bob' }, [bob]],
    ['a host', { host: '10.0.0.8' }, [bob]],
    ['a host is compared as a text', { host: '*' }, [literal, star, prefixed, group]],
    ['operation all is not any', { operation: 'all' }, [group]],
    ['a permission', { permission: 'deny' }, [bob]],
    ['nothing', { resourceType: 'user' }, []],
  ]
  it.each(filters)('%s', (_title, change, expected) => {
    const made = authorizer({ acls: all })
    const filter = { ...everyAcl, ...change }
    expect(made.list(filter)).toEqual(expected)
    expect(made.removeMatching(filter)).toEqual(expected)
    expect(made.list(everyAcl)).toEqual(all.filter(one => !expected.includes(one)))
    expect(made.count).toBe(all.length - expected.length)
  })

  it('adds and removes an entry once, and applies changes any number of times', () => {
    const made = new Authorizer()
    expect([made.add(literal), made.add({ ...literal }), made.count]).toEqual([true, false, 1])
    expect(made.has({ ...literal })).toBe(true)
    expect([made.remove({ ...literal }), made.remove(literal), made.count]).toEqual([true, false, 0])
    for (const kind of ['add', 'add', 'remove', 'remove', 'add'] as const) made.apply({ kind, binding: star })
    expect(made.list(everyAcl)).toEqual([star])
  })

  it('keeps no more entries than its limit', () => {
    const made = new Authorizer({ aclsMax: 1 })
    made.add(literal)
    expect(made.add(literal)).toBe(false)
    expect(() => made.add(star)).toThrow(/AUTH_ACLS_FULL/)
  })
})

describe('entries from strangers', () => {
  it.each([
    ['resourceType', { resourceType: 'any' }],
    ['patternType', { patternType: 'match' }],
    ['operation', { operation: 'any' }],
    ['permission', { permission: 'any' }],
    ['resourceName', { resourceName: '' }],
    ['resourceName', { resourceName: 'x'.repeat(32_768) }],
    ['resourceName', { resourceType: 'cluster', resourceName: 'mine' }],
    ['principal', { principal: 'ann' }],
    ['principal', { principal: 'User:' }],
    ['principal', { principal: ':ann' }],
    ['host', { host: '' }],
    ['host', { host: 7 }],
  ])('are refused for their %s', (field, change) => {
    expect(() => parseBinding({ ...base, ...change })).toThrow(new RegExp(`${field} is .*AUTH_ACL_INVALID`))
  })

  it('lose fields that are not theirs', () => {
    expect(parseBinding({ ...base, more: 1 })).toEqual(base)
    expect(() => parseBinding(null)).toThrow(/AUTH_ACL_INVALID/)
  })
})

describe('canonicalHost', () => {
  it.each([
    ['10.0.0.7', '10.0.0.7'],
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['FE80::1%eth0', 'fe80::1'],
    ['not:an:address', 'not:an:address'],
    ['*', '*'],
  ])('%s is %s', (given, expected) => {
    expect(canonicalHost(given)).toBe(expected)
  })
})
