// Users: listed, made, changed, deleted. Passwords go in and never come out; a hash comes out where one was put in.

import type { AccountDefinition, NewCredential } from '../../../broker/access/accounts.ts'
import { algorithmName, passwordHash } from '../../../broker/access/password-hash.ts'
import type { UserLimitValues } from '../../../broker/access/user-limits.ts'
import type { Broker } from '../../../broker/index.ts'
import { type Answer, badRequest, created, done, notFound, ok, type Shape } from '../answer.ts'
import type { Body } from '../body.ts'
import { listed } from '../listing.ts'
import { type Call, del, get, post, put, type Route, schemas } from '../route.ts'

/** The field of a definition that holds what SCRAM keeps of a password. */
export const SCRAM_FIELD = 'posthorn_scram'

export const userRoutes: readonly Route[] = [
  get('/api/users', {
    who: 'administrator',
    summary: 'Users',
    isList: true,
    handle: call => userList(call, definitions(call.broker)),
  }),
  get('/api/users/without-permissions', {
    who: 'administrator',
    summary: 'Users that may enter no virtual host',
    isList: true,
    handle: call => {
      const { broker } = call
      const mayEnter = (user: string) =>
        broker.vhosts.list().some(({ name }) => broker.permissions.mayEnter(user, name))
      return userList(
        call,
        definitions(broker).filter(({ name }) => !mayEnter(name)),
      )
    },
  }),
  post('/api/users/bulk-delete', {
    who: 'administrator',
    summary: 'Delete several users',
    body: { 'users!': { type: 'array', items: schemas.text } },
    handle: async ({ broker, body }) => {
      body.required('users')
      for (const name of body.words('users') ?? [])
        if (broker.accounts.has(name)) await broker.accounts.delete(name)
      return done
    },
  }),
  get('/api/users/{name}', {
    who: 'administrator',
    summary: 'One user',
    handle: ({ broker, at }) => {
      const found = broker.accounts.definition(at('name'))
      if (found === undefined) throw notFound()
      return ok(userShape(broker, found))
    },
  }),
  put('/api/users/{name}', {
    who: 'administrator',
    summary: 'Make a user, or replace its tags and its password; without a password it cannot log in by one',
    body: {
      'tags!': schemas.words,
      password: schemas.text,
      password_hash: schemas.text,
      hashing_algorithm: schemas.text,
    },
    handle: putUser,
  }),
  put('/api/users/{name}/tags', {
    who: 'administrator',
    summary: 'Replace the tags of a user, and leave its password. Not in RabbitMQ',
    body: { 'tags!': schemas.words },
    handle: async ({ broker, body, at }) => {
      body.required('tags')
      await broker.accounts.setTags(at('name'), tagsOf(body))
      return done
    },
  }),
  del('/api/users/{name}', {
    who: 'administrator',
    summary: 'Delete a user with its permissions',
    handle: async ({ broker, at }) => {
      await broker.accounts.delete(at('name'))
      return done
    },
  }),
  get('/api/user-limits', {
    who: 'administrator',
    summary: 'Limits of all users that have any',
    isList: true,
    handle: ({ broker, query }) => {
      const items = broker.userLimits.list().flatMap(name => limitsShape(broker, name))
      return ok(listed({ items, shape: shape => shape }, query))
    },
  }),
  get('/api/user-limits/{name}', {
    who: 'administrator',
    summary: 'Limits of a user',
    isList: true,
    handle: ({ broker, query, at }) => {
      requireUser(broker, at('name'))
      return ok(listed({ items: limitsShape(broker, at('name')), shape: shape => shape }, query))
    },
  }),
  put('/api/user-limits/{user}/{name}', {
    who: 'administrator',
    summary: 'Set a limit of a user: max-connections or max-channels; below 0 for none',
    body: { 'value!': schemas.whole },
    handle: async ({ broker, body, at }) => {
      body.required('value')
      const limits = broker.userLimits.get(at('user'))
      await broker.userLimits.set(at('user'), { ...limits, [limitKey(at('name'))]: body.whole('value') })
      return done
    },
  }),
  del('/api/user-limits/{user}/{name}', {
    who: 'administrator',
    summary: 'Take a limit away',
    handle: clearLimit,
  }),
]

/** RabbitMQ's names of limits. */
export const userLimitKeys = { 'max-connections': 'maxConnections', 'max-channels': 'maxChannels' } as const

/** The limits that are set, by RabbitMQ's names. */
export function userLimitsJson(limits: UserLimitValues): Record<string, number> {
  const set: Record<string, number> = {}
  for (const [name, key] of Object.entries(userLimitKeys)) {
    const value = limits[key]
    if (value !== undefined) set[name] = value
  }
  return set
}

/** What a body or definitions say, by RabbitMQ's names. Errors: 400. */
export function userLimitsOf(body: Body): UserLimitValues {
  const limits = Object.entries(userLimitKeys).flatMap(([name, key]) => {
    const value = body.whole(name)
    return value === undefined ? [] : [[key, value] as const]
  })
  return Object.fromEntries(limits)
}

function limitsShape(broker: Broker, user: string): Shape[] {
  const value = userLimitsJson(broker.userLimits.get(user))
  return Object.keys(value).length === 0 ? [] : [{ user, value }]
}

/** Errors: 400. */
function limitKey(name: string): keyof UserLimitValues {
  if (name === 'max-connections' || name === 'max-channels') return userLimitKeys[name]
  throw badRequest(`Unrecognised user limit ${name.slice(0, 80)}: there are max-connections and max-channels`)
}

async function clearLimit({ broker, at }: Call): Promise<Answer> {
  requireUser(broker, at('user'))
  const { [limitKey(at('name'))]: cleared, ...rest } = broker.userLimits.get(at('user'))
  if (cleared === undefined) throw notFound()
  await broker.userLimits.set(at('user'), rest)
  return done
}

/** Errors: 404. */
function requireUser(broker: Broker, name: string): void {
  if (!broker.accounts.has(name)) throw notFound()
}

function definitions(broker: Broker): AccountDefinition[] {
  return broker.accounts.list().flatMap(({ name }) => broker.accounts.definition(name) ?? [])
}

function userList({ broker, query }: Call, items: readonly AccountDefinition[]): Answer {
  const shape = (account: AccountDefinition) => userShape(broker, account)
  return ok(listed({ items, shape, name: ({ name }) => name }, query))
}

function userShape(broker: Broker, { name, tags, hash }: AccountDefinition): Shape {
  return {
    name,
    tags,
    ...(hash && { password_hash: hash.hash, hashing_algorithm: algorithmName(hash) }),
    limits: userLimitsJson(broker.userLimits.get(name)),
  }
}

async function putUser({ broker, body, at }: Call): Promise<Answer> {
  body.required('tags')
  const isNew = !broker.accounts.has(at('name'))
  const credential = credentialOf(body)
  // Only the tags of the built-in account and of configured users can be changed alone.
  if (credential.kind === 'none' && !isNew && broker.accounts.get(at('name'))?.source !== 'stored')
    await broker.accounts.setTags(at('name'), tagsOf(body))
  else await broker.accounts.put(at('name'), { tags: tagsOf(body), credential })
  return isNew ? created : done
}

export function tagsOf(body: Body): readonly string[] {
  return body.words('tags') ?? []
}

/** How the user of a body or of definitions proves who it is. Errors: 400. */
export function credentialOf(body: Body): NewCredential {
  const password = body.text('password')
  const hash = body.text('password_hash')
  if (password !== undefined && hash !== undefined)
    throw badRequest('both password and password_hash are given: give one of them')
  if (password !== undefined && password !== '') return { kind: 'password', password }
  if (hash !== undefined && hash !== '')
    return { kind: 'hash', hash: passwordHash(hash, body.text('hashing_algorithm')) }
  return { kind: 'none' }
}
