// The management API: from a request to its answer. The route is looked for, the login checked before a byte of the body is
// read, then the caller's tags, and the route's handler does the rest.

import type { Broker } from '../../broker/index.ts'
import type { HttpMethod, HttpRequest, HttpResponse } from '../../transport/index.ts'
import type { Reporter, World } from '../../world/index.ts'
import type { Served } from '../health.ts'
import { ApiError, errorResponse, loginNeeded, notAllowed, notFound, responseOf } from './answer.ts'
import { basicLogin, bearerLogin } from './basic-login.ts'
import { Body } from './body.ts'
import { Caller } from './caller.ts'
import { type ListenerFacts, ManagementNode } from './node.ts'
import { Rates, type Sampled } from './rates.ts'
import { overviewSample } from './resources/overview.ts'
import { type Call, parameterOf, type Route } from './route.ts'
import { Router } from './router.ts'
import { routes } from './routes.ts'
import { connectionCounts, exchangeCounts, queueCounts, queueLevels } from './stats.ts'

export interface ManagementOptions {
  readonly served: Served
  readonly world: World
  readonly report: Reporter
  readonly rabbitVersion?: string
  readonly listeners: () => readonly ListenerFacts[]
}

export class Management {
  readonly #served: Served
  readonly #report: Reporter
  readonly #node: ManagementNode
  readonly #rates: Rates
  readonly #router = new Router(routes)

  constructor({ served, world, report, rabbitVersion, listeners }: ManagementOptions) {
    this.#served = served
    this.#report = report
    this.#node = new ManagementNode({ served, world, listeners, ...(rabbitVersion && { rabbitVersion }) })
    this.#rates = new Rates(world, () => this.#sampled())
  }

  /** Never rejects but with HttpBodyError, which the HTTP server answers. */
  async answer(request: HttpRequest): Promise<HttpResponse> {
    try {
      return await this.#answer(request)
    } catch (error) {
      const told = errorResponse(error)
      if (told !== undefined) return told
      throw error
    }
  }

  close(): void {
    this.#rates.close()
    this.#node.close()
  }

  async #answer(request: HttpRequest): Promise<HttpResponse> {
    const match = this.#router.match(request.path)
    if (match === undefined) throw notFound()
    const { routes: byMethod, segments } = match
    const methods: HttpMethod[] = [
      ...byMethod.keys(),
      'OPTIONS',
      ...(byMethod.has('GET') ? (['HEAD'] as const) : []),
    ]
    const allow = { Allow: methods.sort().join(', ') }
    if (request.method === 'OPTIONS') return { status: 200, type: 'text/plain', body: '', headers: allow }
    const route = byMethod.get(request.method === 'HEAD' ? 'GET' : request.method)
    if (route === undefined)
      throw new ApiError(405, 'Method Not Allowed', `${request.method} is not taken here`, allow)
    return responseOf(await route.handle(await this.#call(request, route, segments)))
  }

  async #call(request: HttpRequest, route: Route, segments: readonly string[]): Promise<Call> {
    const broker = this.#served.broker
    if (broker === undefined || !this.#node.isReady)
      throw new ApiError(503, 'service_unavailable', `the broker is ${this.#served.life.phase.at}`)
    const caller = await this.#caller(broker, request, route)
    this.#rates.asked()
    const takesBody = route.method === 'PUT' || route.method === 'POST'
    return {
      broker,
      node: this.#node,
      rates: this.#rates,
      caller,
      at: name => segments[route.segments.findIndex(one => parameterOf(one) === name)] ?? '',
      query: request.query,
      header: name => request.header(name),
      body: takesBody ? Body.parse(await request.body()) : new Body({}),
    }
  }

  /** Errors: 401 for a login that is missing or wrong, and for a user without the tag; 503 while too many log in. */
  async #caller(broker: Broker, { header, peer }: HttpRequest, { who }: Route): Promise<Caller> {
    if (who === 'anybody') return new Caller(broker, '', [])
    const login = basicLogin(header('authorization')) ?? bearerLogin(header('authorization'))
    if (login === undefined) throw loginNeeded('Not_Authorized')
    const loopback = isLoopback(peer)
    const found = await broker.accounts.authenticate(login.user, login.password, { loopback })
    if (found.at === 'busy')
      throw new ApiError(503, 'service_unavailable', 'too many passwords are being checked: try again')
    if (found.at === 'refused') {
      this.#report.info('a login was refused', { peer, reason: found.reason })
      throw loginNeeded('Login failed')
    }
    const caller = new Caller(broker, found.user, found.tags, found.grant)
    if (!caller.is('management')) throw notAllowed('Not management user')
    if (!caller.is(who)) throw notAllowed(`Not ${who} user`)
    return caller
  }

  *#sampled(): Generator<Sampled> {
    const { broker, amqp } = this.#served
    if (broker === undefined) return
    yield overviewSample({ broker, node: this.#node })
    for (const connection of amqp?.connections ?? [])
      yield { key: connection, counts: () => connectionCounts(connection) }
    for (const entity of broker.queues.list())
      yield { key: entity, counts: () => ({ ...queueLevels(entity), ...queueCounts(entity) }) }
    for (const { name } of broker.vhosts.list())
      for (const exchange of broker.exchanges.list(name))
        yield { key: exchange, counts: () => exchangeCounts(exchange) }
  }
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}
