// What a route answers, and the errors that stand for an answer, with RabbitMQ's words: a JSON object of `error` and
// `reason`. A refused login and a refused operation are both 401, as they are there: rabbitmqadmin knows nothing else.

import { AuthError } from '../../auth/index.ts'
import { BrokerError, type BrokerErrorCode } from '../../broker/index.ts'
import { WireError } from '../../bytes/index.ts'
import { AmqpError } from '../../heads/amqp091/errors.ts'
import type { HttpResponse } from '../../transport/index.ts'

/** Anything that JSON can say; undefined fields are left out. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json | undefined }

/** An object in an answer. */
export type Shape = { readonly [name: string]: Json | undefined }

export type Answer =
  | { readonly status: 200 | 201 | 503; readonly json: Json; readonly location?: string }
  | { readonly status: 201 | 204; readonly location?: string }

export function ok(json: Json): Answer {
  return { status: 200, json }
}

export const created: Answer = { status: 201 }
export const done: Answer = { status: 204 }

/** An error that is an answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly error: string
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    error: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.status = status
    this.error = error
    this.headers = headers
  }
}

export function badRequest(reason: string): ApiError {
  return new ApiError(400, 'bad_request', reason)
}

export function notFound(): ApiError {
  return new ApiError(404, 'Object Not Found', 'Not Found')
}

/** A login is missing or wrong. */
export function loginNeeded(reason: string): ApiError {
  return new ApiError(401, 'not_authorised', reason, {
    'WWW-Authenticate': 'Basic realm="Posthorn Management", charset="UTF-8"',
  })
}

/** The user is known and may not do it. */
export function notAllowed(reason: string): ApiError {
  return new ApiError(401, 'not_authorised', reason)
}

const type = 'application/json'

export function responseOf(answer: Answer): HttpResponse {
  const body = 'json' in answer ? JSON.stringify(answer.json) : ''
  const { status, location } = answer
  return { status, type, body, ...(location !== undefined && { headers: { Location: location } }) }
}

/** The answer that an error stands for; undefined for one that nobody foresaw. */
export function errorResponse(error: unknown): HttpResponse | undefined {
  const told = apiErrorOf(error)
  if (told === undefined) return undefined
  const body = JSON.stringify({ error: told.error, reason: told.message })
  return { status: told.status, type, body, headers: told.headers }
}

function apiErrorOf(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error
  if (error instanceof BrokerError) return brokerApiError(error)
  if (error instanceof AmqpError)
    return error.reply === 'ACCESS_REFUSED' ? notAllowed(error.message) : badRequest(error.message)
  if (error instanceof AuthError || error instanceof WireError) return badRequest(error.message)
  return undefined
}

type Kind = 'missing' | 'refused' | 'busy' | 'broken' | 'wrong'

/** What is not here is the request's fault. */
const kinds: Readonly<Partial<Record<BrokerErrorCode, Kind>>> = {
  VHOST_UNKNOWN: 'missing',
  QUEUE_UNKNOWN: 'missing',
  EXCHANGE_UNKNOWN: 'missing',
  BINDING_UNKNOWN: 'missing',
  USER_UNKNOWN: 'missing',
  TOPIC_UNKNOWN: 'missing',
  ACCESS_DENIED: 'refused',
  STORAGE_FULL: 'busy',
  STORAGE_FAILED: 'broken',
  STORAGE_ROTTEN: 'broken',
}

function brokerApiError(error: BrokerError): ApiError {
  switch (kinds[error.code] ?? 'wrong') {
    case 'missing':
      return new ApiError(404, 'Object Not Found', error.message)
    case 'refused':
      return notAllowed(error.message)
    case 'busy':
      return new ApiError(503, 'service_unavailable', error.message)
    case 'broken':
      return new ApiError(500, 'internal_error', error.message)
    case 'wrong':
      return badRequest(error.message)
  }
}
