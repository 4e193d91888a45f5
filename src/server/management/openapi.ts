// The OpenAPI 3.1 document of the management API, printed from the table of routes: paths and their parameters, who may call
// them, bodies, and answers. Shapes of answers are RabbitMQ's, with fields that may be missing, so they are told as objects.

import type { Json, Shape } from './answer.ts'
import type { Role } from './caller.ts'
import { managementLimits as limits } from './limits.ts'
import { API_VERSION } from './node.ts'
import { parameterOf, type Route } from './route.ts'

export function openApi(routes: readonly Route[]): Shape {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const methods = paths[route.path] ?? {}
    methods[route.method.toLowerCase()] = operation(route)
    paths[route.path] = methods
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Posthorn management API',
      version: API_VERSION,
      description: `The routes and shapes of RabbitMQ ${API_VERSION}'s management plugin, as far as Posthorn has what they are about.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:15672' }],
    security: [{ basic: [] }, { bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic' },
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      },
      schemas: {
        Error: {
          type: 'object',
          required: ['error', 'reason'],
          properties: { error: { type: 'string' }, reason: { type: 'string' } },
        },
        Page: {
          type: 'object',
          required: [
            'items',
            'page',
            'page_count',
            'page_size',
            'item_count',
            'filtered_count',
            'total_count',
          ],
          properties: {
            items: { type: 'array', items: { type: 'object' } },
            ...Object.fromEntries(pageCounts.map(name => [name, { type: 'integer' }])),
          },
        },
      },
    },
  }
}

const pageCounts = ['page', 'page_count', 'page_size', 'item_count', 'filtered_count', 'total_count']

function operation(route: Route): Shape {
  const { path, summary, who, body } = route
  const [, , resource = ''] = path.split('/')
  return {
    summary,
    operationId: `${route.method.toLowerCase()}${operationName(path)}`,
    tags: [resource],
    ...(who === 'anybody' ? { security: [] } : { description: needs[who] }),
    parameters: [...pathParameters(route), ...queryParameters(route)],
    ...(body && { requestBody: requestBody(body) }),
    responses: responses(route),
  }
}

const needs: Readonly<Record<Exclude<Role, 'anybody'>, string>> = {
  management: 'Any user with one of the tags management, policymaker, monitoring, administrator.',
  policymaker: 'Users with the tag policymaker or administrator.',
  monitoring: 'Users with the tag monitoring or administrator.',
  administrator: 'Users with the tag administrator.',
}

function operationName(path: string): string {
  return path
    .split(/[^A-Za-z0-9]+/)
    .slice(2)
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}

function pathParameters({ segments }: Route): Shape[] {
  return segments.flatMap(segment => {
    const name = parameterOf(segment)
    return name === undefined ? [] : [{ name, in: 'path', required: true, schema: { type: 'string' } }]
  })
}

const listParameters: readonly (readonly [name: string, schema: Shape, description: string])[] = [
  ['page', { type: 'integer', minimum: 1 }, 'The page that is wanted; without it, the whole list is given'],
  [
    'page_size',
    { type: 'integer', minimum: 1, maximum: limits.pageSizeMax, default: 100 },
    'Objects of a page',
  ],
  ['name', { type: 'string', maxLength: limits.filterLengthMax }, 'Only objects whose name contains this'],
  ['use_regex', { type: 'boolean' }, 'The name is a regular expression'],
  ['sort', { type: 'string' }, 'The field to sort by'],
  ['sort_reverse', { type: 'boolean' }, 'The last ones first'],
]

const columns = ['columns', { type: 'string' }, 'The fields to give, separated by commas'] as const

function queryParameters({ method, isList, query = {} }: Route): Shape[] {
  const own = Object.entries(query).map(
    ([name, description]) => [name, { type: 'string' }, description] as const,
  )
  const all = [...own, ...(isList ? listParameters : []), ...(method === 'GET' ? [columns] : [])]
  return all.map(([name, schema, description]) => ({ name, in: 'query', description, schema }))
}

function requestBody(body: NonNullable<Route['body']>): Shape {
  const fields = Object.entries(body)
  const required = fields.flatMap(([name]) => (name.endsWith('!') ? [name.slice(0, -1)] : []))
  const properties = Object.fromEntries(
    fields.map(([name, schema]) => [name.replace(/!$/, ''), schema as Json]),
  )
  const schema = { type: 'object', ...(required.length > 0 && { required }), properties }
  return { required: required.length > 0, content: { 'application/json': { schema } } }
}

function responses({ method, isList, who, path }: Route): Shape {
  const error = (description: string) => ({
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  })
  const given = isList
    ? { anyOf: [{ type: 'array', items: { type: 'object' } }, { $ref: '#/components/schemas/Page' }] }
    : {}
  const success: Shape =
    method === 'GET' || path.endsWith('/get') || path.endsWith('/publish')
      ? { '200': { description: 'What was asked for', content: { 'application/json': { schema: given } } } }
      : { '201': { description: 'It was made' }, '204': { description: 'It is done' } }
  return {
    ...success,
    '400': error('The request is wrong; `reason` says how'),
    ...(who !== 'anybody' && { '401': error('The login is missing or wrong, or the user may not do this') }),
    ...(path.includes('{') && { '404': error('Something that the path names is not there') }),
    '503': error('The broker does not serve now, or the check failed'),
  }
}
