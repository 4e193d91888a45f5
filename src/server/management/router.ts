// Which routes a path has: a tree by segments, where a fixed segment goes before a named one. Paths come as sent, and each
// segment is decoded by itself, so that `%2F` is the virtual host '/' and no separator.

import type { HttpMethod } from '../../transport/index.ts'
import { badRequest } from './answer.ts'
import { parameterOf, type Route, segmentsOf } from './route.ts'

interface Node {
  readonly fixed: Map<string, Node>
  named: Node | undefined
  readonly routes: Map<HttpMethod, Route>
}

/** A path's routes by method, and the decoded segments of the path. */
export interface Match {
  readonly routes: ReadonlyMap<HttpMethod, Route>
  readonly segments: readonly string[]
}

export class Router {
  readonly #root = node()

  /** Throws TypeError when two routes have the same method and path. */
  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#add(route)
  }

  /** Undefined when there is no such path. A slash at its end does not count. Errors: 400 for a broken `%`. */
  match(path: string): Match | undefined {
    const given = segmentsOf(path).map(decoded)
    const segments = given.at(-1) === '' ? given.slice(0, -1) : given
    const found = find(this.#root, segments, 0)
    return found && { routes: found.routes, segments }
  }

  #add(route: Route): void {
    let at = this.#root
    for (const segment of route.segments) {
      if (parameterOf(segment) !== undefined) {
        at.named ??= node()
        at = at.named
      } else {
        const next = at.fixed.get(segment) ?? node()
        at.fixed.set(segment, next)
        at = next
      }
    }
    if (at.routes.has(route.method)) throw new TypeError(`two routes are ${route.method} ${route.path}`)
    at.routes.set(route.method, route)
  }
}

function find(from: Node, segments: readonly string[], index: number): Node | undefined {
  const segment = segments[index]
  if (segment === undefined) return from.routes.size > 0 ? from : undefined
  const fixed = from.fixed.get(segment)
  const found = fixed && find(fixed, segments, index + 1)
  return found ?? (from.named && find(from.named, segments, index + 1))
}

function node(): Node {
  return { fixed: new Map(), named: undefined, routes: new Map() }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch (error) {
    if (error instanceof URIError) throw badRequest(`the path has a broken escape: ${segment.slice(0, 80)}`)
    throw error
  }
}
