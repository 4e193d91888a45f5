// A route: method and path, who may call it, what it takes, what it does. All routes stand in one table (routes.ts),
// from which requests are dispatched and the OpenAPI document is printed.

import type { Broker } from '../../broker/index.ts'
import type { HttpMethod } from '../../transport/index.ts'
import type { Answer } from './answer.ts'
import type { Body } from './body.ts'
import type { Caller, Role } from './caller.ts'
import type { ManagementNode } from './node.ts'
import type { Rates } from './rates.ts'

/** What handlers work with. */
export interface Serving {
  readonly broker: Broker
  readonly node: ManagementNode
  readonly rates: Rates
}

/** One request as its handler sees it. */
export interface Call extends Serving {
  readonly caller: Caller
  /** The decoded segments of the path by their names: '' when the route has none of that name. */
  readonly at: (name: string) => string
  readonly query: URLSearchParams
  readonly header: (name: string) => string | undefined
  /** Empty for methods that take none. */
  readonly body: Body
}

/** A JSON Schema, as OpenAPI 3.1 takes it. */
export type Schema = { readonly [name: string]: unknown }

export interface RouteOptions {
  /** Default 'management'. */
  readonly who?: Role
  /** One line for the OpenAPI document. */
  readonly summary: string
  /** Takes page, sort, columns and so on. */
  readonly isList?: true
  /** Fields of the body by name; those that end in '!' are required. */
  readonly body?: Readonly<Record<string, Schema>>
  /** Parameters of the query with what they do. */
  readonly query?: Readonly<Record<string, string>>
  readonly handle: (call: Call) => Answer | Promise<Answer>
}

export interface Route extends Omit<RouteOptions, 'who'> {
  readonly method: Exclude<HttpMethod, 'HEAD' | 'OPTIONS'>
  /** `/api/queues/{vhost}/{name}` */
  readonly path: string
  readonly who: Role
  readonly segments: readonly string[]
}

export const get = (path: string, options: RouteOptions): Route => route('GET', path, options)
export const put = (path: string, options: RouteOptions): Route => route('PUT', path, options)
export const post = (path: string, options: RouteOptions): Route => route('POST', path, options)
export const del = (path: string, options: RouteOptions): Route => route('DELETE', path, options)

function route(method: Route['method'], path: string, options: RouteOptions): Route {
  return { who: 'management', ...options, method, path, segments: segmentsOf(path) }
}

/** The segments of a path, still encoded. */
export function segmentsOf(path: string): readonly string[] {
  return path.split('/').slice(1)
}

/** Whether the segment stands for anything, and what it is called then. */
export function parameterOf(segment: string): string | undefined {
  return segment.startsWith('{') ? segment.slice(1, -1) : undefined
}

/** JSON Schemas that bodies are made of. */
export const schemas = {
  text: { type: 'string' },
  flag: { type: 'boolean' },
  whole: { type: 'integer' },
  object: { type: 'object' },
  any: {},
  words: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
} as const satisfies Readonly<Record<string, Schema>>
