// Permissions of users in virtual hosts: by names of queues and exchanges, and by routing keys of topic exchanges.

import type { TopicPermissions, UserPermissions } from '../../../broker/access/permissions.ts'
import type { Broker } from '../../../broker/index.ts'
import { type Answer, created, done, notFound, ok, type Shape } from '../answer.ts'
import { listed } from '../listing.ts'
import { type Call, del, get, put, type Route, schemas } from '../route.ts'
import { exchangeName } from './bindings.ts'

const who = 'administrator'

export const permissionRoutes: readonly Route[] = [
  get('/api/permissions', {
    who,
    summary: 'Permissions of all users',
    isList: true,
    handle: call => permissionList(call, allPermissions(call.broker)),
  }),
  get('/api/permissions/{vhost}/{user}', {
    who,
    summary: 'Permissions of a user in a virtual host',
    handle: ({ broker, at }) => {
      checkEnds(broker, at('vhost'), at('user'))
      const found = broker.permissions.get(at('user'), at('vhost'))
      if (found === undefined) throw notFound()
      return ok(permissionShape(found))
    },
  }),
  put('/api/permissions/{vhost}/{user}', {
    who,
    summary: 'Set the permissions of a user in a virtual host',
    body: { 'configure!': schemas.text, 'write!': schemas.text, 'read!': schemas.text },
    handle: setPermissions,
  }),
  del('/api/permissions/{vhost}/{user}', {
    who,
    summary: 'Take a user out of a virtual host',
    handle: async ({ broker, at }) => {
      if (!(await broker.permissions.clear(at('user'), at('vhost')))) throw notFound()
      return done
    },
  }),
  get('/api/vhosts/{vhost}/permissions', {
    who,
    summary: 'Permissions in a virtual host',
    isList: true,
    handle: call => {
      call.broker.vhosts.require(call.at('vhost'))
      return permissionList(
        call,
        allPermissions(call.broker).filter(({ vhost }) => vhost === call.at('vhost')),
      )
    },
  }),
  get('/api/users/{user}/permissions', {
    who,
    summary: 'Permissions of a user',
    isList: true,
    handle: call => {
      if (!call.broker.accounts.has(call.at('user'))) throw notFound()
      return permissionList(
        call,
        allPermissions(call.broker).filter(({ user }) => user === call.at('user')),
      )
    },
  }),
  get('/api/topic-permissions', {
    who,
    summary: 'Topic permissions of all users',
    isList: true,
    handle: call => topicList(call, call.broker.permissions.topics()),
  }),
  get('/api/topic-permissions/{vhost}/{user}', {
    who,
    summary: 'Topic permissions of a user in a virtual host',
    isList: true,
    handle: call => topicList(call, topicsBetween(call)),
  }),
  put('/api/topic-permissions/{vhost}/{user}', {
    who,
    summary: 'Set the topic permissions of a user for one exchange',
    body: { 'exchange!': schemas.text, 'write!': schemas.text, 'read!': schemas.text },
    handle: async ({ broker, body, at }) => {
      const [vhost, user] = [at('vhost'), at('user')]
      const exchange = body.requiredText('exchange')
      const isNew = !broker.permissions
        .topics()
        .some(one => one.user === user && one.vhost === vhost && one.exchange === exchange)
      const [write, read] = [body.requiredText('write'), body.requiredText('read')]
      await broker.permissions.setTopic({ user, vhost, exchange, write, read })
      return isNew ? created : done
    },
  }),
  del('/api/topic-permissions/{vhost}/{user}', {
    who,
    summary: 'Take the topic permissions of a user in a virtual host away',
    handle: async ({ broker, at }) => {
      if (!(await broker.permissions.clearTopics(at('user'), at('vhost')))) throw notFound()
      return done
    },
  }),
  del('/api/topic-permissions/{vhost}/{user}/{exchange}', {
    who,
    summary: 'Take the topic permissions of a user for one exchange away',
    handle: async call => {
      topicsBetween(call)
      const exchange = exchangeName(call.at('exchange'))
      await call.broker.permissions.clearTopics(call.at('user'), call.at('vhost'), exchange)
      return done
    },
  }),
  get('/api/vhosts/{vhost}/topic-permissions', {
    who,
    summary: 'Topic permissions in a virtual host',
    isList: true,
    handle: call => {
      call.broker.vhosts.require(call.at('vhost'))
      return topicList(
        call,
        call.broker.permissions.topics().filter(({ vhost }) => vhost === call.at('vhost')),
      )
    },
  }),
  get('/api/users/{user}/topic-permissions', {
    who,
    summary: 'Topic permissions of a user',
    isList: true,
    handle: call => {
      if (!call.broker.accounts.has(call.at('user'))) throw notFound()
      return topicList(
        call,
        call.broker.permissions.topics().filter(({ user }) => user === call.at('user')),
      )
    },
  }),
]

/** Those that were set, and what users have by default on '/'. */
export function allPermissions({ permissions, accounts }: Broker): UserPermissions[] {
  const set = permissions.list()
  const known = new Set(set.map(({ user, vhost }) => JSON.stringify([user, vhost])))
  const defaults = accounts.list().flatMap(({ name }) => permissions.get(name, '/') ?? [])
  return [...defaults.filter(({ user, vhost }) => !known.has(JSON.stringify([user, vhost]))), ...set]
}

/** Errors: 404. */
function checkEnds(broker: Broker, vhost: string, user: string): void {
  if (!broker.vhosts.has(vhost) || !broker.accounts.has(user)) throw notFound()
}

/** Topic permissions of a user in a virtual host. Errors: 404 when there are none, as RabbitMQ. */
function topicsBetween({ broker, at }: Call): TopicPermissions[] {
  const found = broker.permissions
    .topics()
    .filter(({ vhost, user }) => vhost === at('vhost') && user === at('user'))
  if (found.length === 0) throw notFound()
  return found
}

async function setPermissions({ broker, body, at }: Call): Promise<Answer> {
  const [user, vhost] = [at('user'), at('vhost')]
  const isNew = broker.permissions.get(user, vhost) === undefined
  await broker.permissions.set({
    user,
    vhost,
    configure: body.requiredText('configure'),
    write: body.requiredText('write'),
    read: body.requiredText('read'),
  })
  return isNew ? created : done
}

function permissionList({ query }: Call, items: readonly UserPermissions[]): Answer {
  return ok(listed({ items, shape: permissionShape, name: ({ user }) => user }, query))
}

function topicList({ query }: Call, items: readonly TopicPermissions[]): Answer {
  return ok(listed({ items, shape: topicShape, name: ({ user }) => user }, query))
}

export function permissionShape({ user, vhost, configure, write, read }: UserPermissions): Shape {
  return { user, vhost, configure, write, read }
}

export function topicShape({ user, vhost, exchange, write, read }: TopicPermissions): Shape {
  return { user, vhost, exchange, write, read }
}
