// The management API (RabbitMQ's routes): what AMQP itself cannot list. Asked with the same user as AMQP, over HTTP.

import type { AmqpTarget } from '../amqp/options.ts'
import { CommandError, type ExitName } from '../exit.ts'
import type { OptionSpecs } from '../option.ts'

export const managementOptions = {
  management: {
    type: 'string',
    valueName: 'http://host:port',
    env: 'POSTHORN_MANAGEMENT_URL',
    summary: 'The management API (port 15672 of the host of --url unless given)',
  },
} as const satisfies OptionSpecs

export interface ManagementSettings {
  readonly target: Pick<AmqpTarget, 'host' | 'user' | 'password' | 'vhost'>
  readonly management: string | undefined
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const PORT = 15_672
const NEXT = 'lists come from the management API: is it on, and is --management http://host:port right?'

/** By HTTP status. */
const exits: Readonly<Record<number, ExitName>> = {
  400: 'notFound',
  401: 'noPermission',
  403: 'noPermission',
  404: 'notFound',
  405: 'notFound',
}

/** The API refused, with this status. */
export class ManagementFault extends CommandError {
  readonly status: number

  constructor(status: number, what: string, reason: string) {
    const text = status === 401 ? 'wrong user or password' : reason
    super(exits[status] ?? 'tryAgain', `${what}: ${text} (HTTP ${status})`)
    this.status = status
  }
}

export class Management {
  readonly vhost: string
  readonly #base: URL
  readonly #login: string
  readonly #timeoutMs: number
  readonly #signal: AbortSignal

  /** Throws CommandError (usage) for an address that is none. */
  constructor({ target, management, timeoutMs, signal }: ManagementSettings) {
    const { host, user, password, vhost } = target
    this.vhost = vhost
    this.#base = baseOf(management ?? `http://${host.includes(':') ? `[${host}]` : host}:${PORT}`)
    this.#login = Buffer.from(`${user}:${password}`).toString('base64')
    this.#timeoutMs = timeoutMs
    this.#signal = signal
  }

  /** What is at this path, whose parts are encoded here. Errors: ManagementFault, CommandError (unreachable, tryAgain). */
  get(what: string, path: readonly string[], query = ''): Promise<unknown> {
    return this.#ask('GET', what, path, query, undefined)
  }

  /** The same with a body. */
  post(what: string, path: readonly string[], body: object): Promise<unknown> {
    return this.#ask('POST', what, path, '', JSON.stringify(body))
  }

  async #ask(
    method: string,
    what: string,
    path: readonly string[],
    query: string,
    body: string | undefined,
  ): Promise<unknown> {
    const url = new URL(['api', ...path.map(encodeURIComponent)].join('/') + query, this.#base)
    const late = AbortSignal.timeout(this.#timeoutMs)
    const headers = { authorization: `Basic ${this.#login}`, 'content-type': 'application/json' }
    const signal = AbortSignal.any([this.#signal, late])
    try {
      const answer = await fetch(url, { method, headers, signal, ...(body !== undefined && { body }) })
      const text = await answer.text()
      if (!answer.ok) throw new ManagementFault(answer.status, what, reasonIn(text))
      return parsed(text, url)
    } catch (error) {
      if (this.#signal.aborted) throw this.#signal.reason
      throw this.#failure(error, late.aborted)
    }
  }

  #failure(error: unknown, isLate: boolean): unknown {
    if (error instanceof CommandError) return error
    const { host } = this.#base
    if (isLate)
      return new CommandError(
        'tryAgain',
        `${host} did not answer within ${this.#timeoutMs} ms`,
        undefined,
        error,
      )
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const message = cause instanceof Error && cause.message !== '' ? cause.message : String(cause)
    return new CommandError(
      'unreachable',
      `cannot reach the management API at ${host}: ${message}`,
      NEXT,
      error,
    )
  }
}

function baseOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new CommandError('usage', `--management cannot be '${text}': write http://host:port`)
  return new URL(url.pathname.endsWith('/') ? url.href : `${url.href}/`)
}

/** RabbitMQ answers `{"error": "...", "reason": "..."}`. */
function reasonIn(text: string): string {
  try {
    const { error, reason } = JSON.parse(text) as { readonly error?: unknown; readonly reason?: unknown }
    return String(reason ?? error ?? text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return text.slice(0, 200) || 'the management API refused'
  }
}

function parsed(text: string, url: URL): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch (error) {
    throw new CommandError('unreachable', `what ${url.host} answers is not JSON`, NEXT, error)
  }
}
