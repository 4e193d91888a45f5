// Paths to routes, logins, properties: the small parts that take what strangers send. And the table as a whole.

import { describe, expect, it } from 'vitest'
import { basicLogin, bearerLogin } from './basic-login.ts'
import { openApi, routes } from './index.ts'
import { propertiesJson, propertiesOf } from './properties-json.ts'
import { get, type Route } from './route.ts'
import { Router } from './router.ts'

const nothing = { summary: 'none', handle: () => ({ status: 204 }) as const }
const route = (path: string): Route => get(path, nothing)

describe('the router', () => {
  const router = new Router([
    route('/api/users'),
    route('/api/users/{name}'),
    route('/api/users/bulk'),
    route('/api/{a}/x/{b}'),
  ])
  it.each([
    ['/api/users', '/api/users', ['api', 'users']],
    ['/api/users/', '/api/users', ['api', 'users']],
    ['/api/users/bulk', '/api/users/bulk', ['api', 'users', 'bulk']],
    ['/api/users/%2F%20%C3%BC', '/api/users/{name}', ['api', 'users', '/ ü']],
    ['/api/users/x/y', '/api/{a}/x/{b}', ['api', 'users', 'x', 'y']],
    ['/api/users/x/y/z', undefined, []],
    ['/', undefined, []],
    ['', undefined, []],
  ])('finds for %s the route %s', (path, found, segments) => {
    const match = router.match(path)
    expect(match?.routes.get('GET')?.path).toBe(found)
    if (found !== undefined) expect(match?.segments).toEqual(segments)
  })

  it('refuses a broken escape, and two routes of one path', () => {
    expect(() => router.match('/api/users/%f')).toThrow('broken escape')
    expect(() => new Router([route('/a/{x}'), route('/a/{y}')])).toThrow('two routes')
  })
})

describe('a Basic login (RFC 7617)', () => {
  const field = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  it.each([
    [field('guest:guest'), { user: 'guest', password: 'guest' }],
    [field('ü:a:b'), { user: 'ü', password: 'a:b' }],
    [field(':'), { user: '', password: '' }],
    [field('a:').replace('Basic', 'bASIC  '), { user: 'a', password: '' }],
    [field('nocolon'), undefined],
    ['Basic', undefined],
    ['Basic ***', undefined],
    ['Bearer abc', undefined],
    [undefined, undefined],
  ])('%s', (given, login) => {
    expect(basicLogin(given)).toEqual(login)
  })
})

describe('properties of a message', () => {
  it('go into JSON and come back', () => {
    const json = {
      ...{
        content_type: 'text/plain',
        content_encoding: 'gzip',
        delivery_mode: 2,
        priority: 3,
        correlation_id: 'c',
      },
      ...{
        reply_to: 'r',
        expiration: '60',
        message_id: 'm',
        timestamp: 1_700_000_000,
        type: 't',
        user_id: 'u',
      },
      ...{
        app_id: 'a',
        cluster_id: 'k',
        headers: { text: 'x', n: 1, yes: true, list: [1, 'b'], table: { z: null } },
      },
    }
    expect(propertiesJson(propertiesOf(json))).toEqual(json)
    expect(propertiesJson(propertiesOf({}))).toEqual({})
  })

  it.each([
    [{ delivery_mode: 'x' }, 'delivery_mode'],
    [{ priority: -1 }, 'priority'],
    [{ headers: [1] }, 'headers'],
    [{ message_id: 'x'.repeat(256) }, '255 bytes'],
    [{ headers: JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) }, 'deep'],
  ])('are refused: %o', (json, reason) => {
    expect(() => propertiesOf(json)).toThrow(reason)
  })
})

describe('the table of routes', () => {
  it('makes a path and a method of the OpenAPI document of each, with unique names of operations', () => {
    const document = openApi(routes) as {
      readonly paths: Record<string, Record<string, { operationId: string }>>
    }
    const operations = Object.values(document.paths).flatMap(methods => Object.values(methods))
    expect(operations).toHaveLength(routes.length)
    expect(new Set(operations.map(one => one.operationId)).size).toBe(routes.length)
    for (const { path, method } of routes)
      expect(document.paths[path]?.[method.toLowerCase()]).toHaveProperty('responses')
  })

  it('can be dispatched', () => {
    expect(() => new Router(routes)).not.toThrow()
  })
})

describe('a Bearer login (RFC 6750)', () => {
  it.each<[string | undefined, object | undefined]>([
    ['Bearer a.b-_.c', { user: '', password: 'a.b-_.c' }],
    ['bearer  YQ==', { user: '', password: 'YQ==' }],
    ['Bearer', undefined],
    ['Bearer a b', undefined],
    ['Basic YTpi', undefined],
    [undefined, undefined],
  ])('%s', (given, login) => {
    expect(bearerLogin(given)).toEqual(login)
  })
})
