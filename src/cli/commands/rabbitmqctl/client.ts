// A client of the management API: JSON in and out, and what the broker refuses as errors of the command line.

import { CommandError, type ExitName } from '../../exit.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
export type JsonObject = { readonly [name: string]: Json }

export interface ManagementTarget {
  /** `http://127.0.0.1:15672` */
  readonly url: string
  readonly user: string
  readonly password: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Which exit stands for an answer that is no success. */
const exits: Readonly<Record<number, ExitName>> = {
  400: 'notFound',
  401: 'noPermission',
  403: 'noPermission',
  404: 'notFound',
  503: 'tryAgain',
}

export class ManagementClient {
  readonly #target: ManagementTarget

  constructor(target: ManagementTarget) {
    this.#target = target
  }

  /** The same place, as somebody else. */
  as(user: string, password: string): ManagementClient {
    return new ManagementClient({ ...this.#target, user, password })
  }

  get(path: string): Promise<Json> {
    return this.#ask('GET', path)
  }
  async list(path: string): Promise<readonly JsonObject[]> {
    return (await this.#ask('GET', path)) as readonly JsonObject[]
  }
  put(path: string, body: Json = {}): Promise<Json> {
    return this.#ask('PUT', path, JSON.stringify(body))
  }
  /** `body` is JSON as text. */
  post(path: string, body: string): Promise<Json> {
    return this.#ask('POST', path, body)
  }
  delete(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Json> {
    return this.#ask('DELETE', path, undefined, headers)
  }

  async #ask(method: string, path: string, body?: string, headers = {}): Promise<Json> {
    const { url, user, password, timeoutMs, signal } = this.#target
    const response = await fetch(new URL(`/api${path}`, url), {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      redirect: 'error', // a login is for nobody else
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      ...(body !== undefined && { body }),
    }).catch(error => {
      throw unreachable(error, url)
    })
    const text = await response.text()
    if (response.ok) return text === '' ? null : parsed(text, url)
    throw new CommandError(exits[response.status] ?? 'unreachable', reasonOf(text, response.status))
  }
}

/** A segment of a path. */
export function segment(name: string): string {
  return encodeURIComponent(name)
}

function parsed(text: string, url: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    throw new CommandError(
      'unreachable',
      `${url} is not a management API: it answers without JSON`,
      undefined,
      error,
    )
  }
}

function reasonOf(text: string, status: number): string {
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json === 'object' && json !== null && 'reason' in json) return String(json.reason)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return `the broker answers with ${status}: ${text.slice(0, 200)}`
}

function unreachable(error: unknown, url: string): unknown {
  if (!(error instanceof Error) || error.name === 'AbortError') return error
  if (error.name === 'TimeoutError') return new CommandError('tryAgain', `${url} does not answer in time`)
  const cause = error.cause instanceof Error ? error.cause.message : error.message
  return new CommandError(
    'unreachable',
    `the management API at ${url} cannot be reached: ${cause}`,
    'name it with --url, or start a broker: posthorn serve',
    error,
  )
}
