// Runtime parameters of virtual hosts, and global ones. They are kept and shown; nothing here is set up by them but the name
// of the cluster.

import type { Json as KeptJson } from '../../../broker/journal.ts'
import type { GlobalParameter, Parameter } from '../../../broker/parameters.ts'
import { type Answer, created, done, notFound, ok, type Shape } from '../answer.ts'
import { listed } from '../listing.ts'
import { type Call, del, get, put, type Route, schemas } from '../route.ts'

const who = 'policymaker'
const globalWho = 'administrator'

export const parameterRoutes: readonly Route[] = [
  get('/api/parameters', {
    who,
    summary: 'Parameters of all virtual hosts that the caller sees',
    isList: true,
    handle: call => parameterList(call, {}),
  }),
  get('/api/parameters/{component}', {
    who,
    summary: 'Parameters of a component',
    isList: true,
    handle: call => parameterList(call, { component: call.at('component') }),
  }),
  get('/api/parameters/{component}/{vhost}', {
    who,
    summary: 'Parameters of a component in a virtual host',
    isList: true,
    handle: call => {
      call.caller.checkSees(call.at('vhost'))
      return parameterList(call, { component: call.at('component'), vhost: call.at('vhost') })
    },
  }),
  get('/api/parameters/{component}/{vhost}/{name}', {
    who,
    summary: 'One parameter',
    handle: ({ broker, caller, at }) => {
      caller.checkSees(at('vhost'))
      const found = broker.parameters.get(at('component'), at('vhost'), at('name'))
      if (found === undefined) throw notFound()
      return ok(parameterShape(found))
    },
  }),
  put('/api/parameters/{component}/{vhost}/{name}', {
    who,
    summary: 'Set a parameter',
    body: { 'value!': schemas.any },
    handle: async ({ broker, caller, body, at }) => {
      const [component, vhost, name] = [at('component'), at('vhost'), at('name')]
      caller.checkEnters(vhost)
      const isNew = broker.parameters.get(component, vhost, name) === undefined
      await broker.parameters.set({ component, vhost, name, value: body.required('value') as KeptJson })
      return isNew ? created : done
    },
  }),
  del('/api/parameters/{component}/{vhost}/{name}', {
    who,
    summary: 'Take a parameter away',
    handle: async ({ broker, caller, at }) => {
      caller.checkEnters(at('vhost'))
      if (!(await broker.parameters.clear(at('component'), at('vhost'), at('name')))) throw notFound()
      return done
    },
  }),
  get('/api/global-parameters', {
    who,
    summary: 'Global parameters',
    isList: true,
    handle: ({ broker, query }) =>
      ok(listed({ items: broker.parameters.globals(), shape: globalShape, name: ({ name }) => name }, query)),
  }),
  get('/api/global-parameters/{name}', {
    who,
    summary: 'One global parameter',
    handle: ({ broker, at }) => {
      const found = broker.parameters.global(at('name'))
      if (found === undefined) throw notFound()
      return ok(globalShape(found))
    },
  }),
  put('/api/global-parameters/{name}', {
    who: globalWho,
    summary: 'Set a global parameter',
    body: { 'value!': schemas.any },
    handle: async ({ broker, body, at }) => {
      const isNew = broker.parameters.global(at('name')) === undefined
      await broker.parameters.setGlobal({ name: at('name'), value: body.required('value') as KeptJson })
      return isNew ? created : done
    },
  }),
  del('/api/global-parameters/{name}', {
    who: globalWho,
    summary: 'Take a global parameter away',
    handle: async ({ broker, at }) => {
      if (!(await broker.parameters.clearGlobal(at('name')))) throw notFound()
      return done
    },
  }),
]

function parameterList(
  { broker, caller, query }: Call,
  which: { readonly component?: string; readonly vhost?: string },
): Answer {
  const items = broker.parameters.list(which).filter(({ vhost }) => caller.sees(vhost))
  return ok(listed({ items, shape: parameterShape, name: ({ name }) => name }, query))
}

export function parameterShape({ component, vhost, name, value }: Parameter): Shape {
  return { component, vhost, name, value }
}

export function globalShape({ name, value }: GlobalParameter): Shape {
  return { name, value }
}
