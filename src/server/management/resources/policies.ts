// Policies of users, and those of operators over them: the same routes twice.

import type { Json as KeptJson } from '../../../broker/journal.ts'
import type { Policy, PolicyKind, PolicyScope } from '../../../broker/policies.ts'
import { type Answer, created, done, notFound, ok, type Shape } from '../answer.ts'
import type { Body } from '../body.ts'
import type { Role } from '../caller.ts'
import { listed } from '../listing.ts'
import { type Call, del, get, put, type Route, schemas } from '../route.ts'

export const policyRoutes: readonly Route[] = [
  ...routesOf('policies', 'user', 'policymaker', 'policies'),
  ...routesOf('operator-policies', 'operator', 'administrator', 'operator policies'),
]

function routesOf(path: string, kind: PolicyKind, writer: Role, title: string): Route[] {
  return [
    get(`/api/${path}`, {
      summary: `All ${title} of virtual hosts that the caller sees`,
      isList: true,
      handle: call => {
        const all = call.broker.policies.list(undefined, kind)
        return policyList(
          call,
          all.filter(({ vhost }) => call.caller.sees(vhost)),
        )
      },
    }),
    get(`/api/${path}/{vhost}`, {
      summary: `The ${title} of a virtual host`,
      isList: true,
      handle: call => {
        call.caller.checkSees(call.at('vhost'))
        return policyList(call, call.broker.policies.list(call.at('vhost'), kind))
      },
    }),
    get(`/api/${path}/{vhost}/{name}`, {
      summary: `One of the ${title}`,
      handle: ({ broker, caller, at }) => {
        caller.checkSees(at('vhost'))
        const found = broker.policies.get(at('vhost'), at('name'), kind)
        if (found === undefined) throw notFound()
        return ok(policyShape(found))
      },
    }),
    put(`/api/${path}/{vhost}/{name}`, {
      who: writer,
      summary: `Set one of the ${title}`,
      body: {
        'pattern!': schemas.text,
        'definition!': schemas.object,
        priority: schemas.whole,
        'apply-to': schemas.text,
      },
      handle: async ({ broker, caller, body, at }) => {
        caller.checkEnters(at('vhost'))
        const isNew = broker.policies.get(at('vhost'), at('name'), kind) === undefined
        await broker.policies.set(policyOf(at('vhost'), at('name'), body), kind)
        return isNew ? created : done
      },
    }),
    del(`/api/${path}/{vhost}/{name}`, {
      who: writer,
      summary: `Take one of the ${title} away`,
      handle: async ({ broker, caller, at }) => {
        caller.checkEnters(at('vhost'))
        if (!(await broker.policies.clear(at('vhost'), at('name'), kind))) throw notFound()
        return done
      },
    }),
  ]
}

function policyList({ query }: Call, items: readonly Policy[]): Answer {
  return ok(listed({ items, shape: policyShape, name: ({ name }) => name }, query))
}

export function policyShape({ vhost, name, pattern, applyTo, priority, definition }: Policy): Shape {
  return { vhost, name, pattern, 'apply-to': applyTo, definition: { ...definition }, priority }
}

/** What the fields of a body or of definitions say; the broker checks them. Errors: 400. */
export function policyOf(vhost: string, name: string, body: Body): Policy {
  body.required('definition')
  return {
    vhost,
    name,
    pattern: body.requiredText('pattern'),
    applyTo: (body.text('apply-to') ?? 'all') as PolicyScope,
    priority: body.whole('priority') ?? 0,
    definition: body.object('definition') as Readonly<Record<string, KeptJson>>,
  }
}
