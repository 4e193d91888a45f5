// One client's connection: cuts its stream into requests, has them handled, and answers in the order of the requests.
// Several requests of a connection are handled at the same time, each begun when it arrives: their first, synchronous
// part (which is where an append takes its place in the log) runs in the order of arrival.

import { ANONYMOUS, principalText } from '../../auth/index.ts'
import { WireError } from '../../bytes/index.ts'
import { arrivals, isDisconnect, type Stream } from '../../transport/index.ts'
import { Answers, type Slot } from './answers.ts'
import { kafkaErrors, refusalOf } from './errors.ts'
import { FetchSessions } from './fetch-sessions.ts'
import { FrameCutter, type RequestFrame, readRequest, writeResponse } from './frame.ts'
import type { Serving } from './serving.ts'
import type { Session } from './session.ts'
import { type Call, noResponse, type Verb } from './verb.ts'
import { verbOf } from './verbs/index.ts'
import { ApiVersions, SaslAuthenticate, SaslHandshake } from './wire/index.ts'

export interface ConnectionOptions {
  readonly kafka: Serving
  readonly stream: Stream
  readonly session: Session
  readonly nodeId: number
  readonly listener: string
}

/** These are served before and during a login. */
const loginApis = new Set<number>([ApiVersions.key, SaslHandshake.key, SaslAuthenticate.key])

export class Connection {
  readonly #kafka: Serving
  readonly #stream: Stream
  readonly #session: Session
  readonly #nodeId: number
  readonly #listener: string
  readonly #cutter = new FrameCutter()
  readonly #answers: Answers
  readonly #fetchSessions: FetchSessions
  readonly #ended = new AbortController()
  #held = 0
  #lastRequestAt: number
  #draining = false
  /** Requests that have arrived are being begun. */
  #isBeginning = false

  constructor({ kafka, stream, session, nodeId, listener }: ConnectionOptions) {
    this.#kafka = kafka
    this.#stream = stream
    this.#answers = new Answers(stream, error => this.#fail(error))
    this.#fetchSessions = new FetchSessions(kafka)
    this.#session = session
    this.#nodeId = nodeId
    this.#listener = listener
    this.#lastRequestAt = kafka.world.monotonic()
  }

  /** When the last request came, on the world's monotonic clock. */
  get lastRequestAt(): number {
    return this.#lastRequestAt
  }
  /** Nothing is being done for the client. */
  get isIdle(): boolean {
    return this.#answers.areReady
  }

  /** Serves the client until one of the two ends the connection. Never rejects. */
  async serve(): Promise<void> {
    try {
      for await (const _ of arrivals(this.#stream, chunk => this.#cutter.push(chunk))) {
        if (this.#draining) break
        this.#account()
        this.#isBeginning = true
        await this.#handleFrames()
        this.#isBeginning = false
        this.#account()
      }
      this.#ended.abort() // nobody waits for more: long polls answer at once
      await this.#answers.allSent()
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#ended.abort()
      this.#kafka.hold(-this.#held)
      this.#fetchSessions.close()
      await this.#stream.close()
    }
  }

  /** Takes no more requests; resolves when those under way are answered. */
  async drain(): Promise<void> {
    this.#draining = true
    this.#ended.abort() // long polls answer at once
    await this.#answers.allSent()
    await this.#stream.close()
  }

  abort(reason: string): void {
    this.#ended.abort()
    this.#stream.abort(new Error(reason))
  }

  /** Counts what this connection holds in memory towards what all may hold. Errors: WireError when it is too much. */
  #account(): void {
    const held = this.#cutter.heldBytes + this.#answers.bytes
    const total = this.#kafka.hold(held - this.#held)
    this.#held = held
    const { heldBytesMax } = this.#kafka.limits
    if (total > heldBytesMax)
      throw new WireError(
        'WIRE_OUT_OF_RANGE',
        0,
        `requests of all connections hold ${total} bytes, allowed are ${heldBytesMax}`,
      )
  }

  async #handleFrames(): Promise<void> {
    const { limits } = this.#kafka
    for (;;) {
      const bytesMax =
        this.#session.principal === undefined ? limits.requestBytesBeforeLoginMax : limits.requestBytesMax
      const frame = this.#cutter.next(bytesMax)
      if (frame === undefined) return
      this.#lastRequestAt = this.#kafka.world.monotonic()
      if (this.#session.expectsRawToken) await this.#rawToken(frame)
      else await this.#handle(readRequest(frame, limits.elementsMax))
      await this.#answers.room(limits.requestsInFlightMax, limits.requestBytesInFlightMax)
    }
  }

  async #handle(frame: RequestFrame): Promise<void> {
    const { api, apiKey, version } = frame
    if (!loginApis.has(apiKey)) {
      const refusal = this.#session.refusal(this.#kafka.world.now())
      if (refusal !== undefined) throw new WireError('WIRE_OUT_OF_RANGE', 0, refusal)
    }
    if (api === undefined) throw new WireError('WIRE_OUT_OF_RANGE', 0, `there is no API with key ${apiKey}`)
    const verb = verbOf(api)
    if (version < api.versions.min || version > api.versions.max) this.#unsupported(frame, verb)
    else await this.#start(frame, verb)
  }

  /** ApiVersions is answered in its oldest form whatever was asked (KIP-511); any other such request ends the connection. */
  #unsupported({ api, version, correlationId, bytes }: RequestFrame, verb: Verb): void {
    if (api?.key !== ApiVersions.key)
      throw new WireError(
        'WIRE_OUT_OF_RANGE',
        0,
        `${verb.api.name} has versions ${verb.api.versions.min} to ${verb.api.versions.max}, asked was ${version}`,
      )
    const answer = verb.refuse({}, kafkaErrors.UNSUPPORTED_VERSION, '')
    this.#answers.fill(this.#answers.slot(bytes), writeResponse(verb.api, 0, correlationId, answer))
  }

  async #start(frame: RequestFrame, verb: Verb): Promise<void> {
    const { version, correlationId, body } = frame
    // What follows the request is ignored, as in Kafka: kafka-go's DescribeAcls ends in one tag section too many.
    const request = verb.api.request.decode(body, version) as object
    const slot = this.#answers.slot(frame.bytes)
    const done = this.#respond(verb, request, this.#call(frame, slot), slot, correlationId)
    // Nothing may overtake a login: what follows depends on its outcome.
    if (loginApis.has(verb.api.key)) await done
  }

  async #respond(verb: Verb, request: object, call: Call, slot: Slot, correlationId: number): Promise<void> {
    const began = this.#kafka.world.monotonic()
    let response: object | typeof noResponse
    try {
      const handled = verb.handle(request, call)
      response = handled instanceof Promise ? await handled : handled
    } catch (error) {
      response = this.#refused(verb, request, error)
    }
    try {
      this.#answers.fill(
        slot,
        response === noResponse ? [] : writeResponse(verb.api, call.version, correlationId, response),
        !this.#isBeginning,
      )
    } catch (error) {
      this.#fail(error)
      this.#answers.fill(slot, [])
    }
    this.#kafka.metrics.request(verb.api.name, this.#kafka.world.monotonic() - began)
  }

  #refused(verb: Verb, request: object, error: unknown): object {
    const { code, message, unexpected } = refusalOf(error)
    if (unexpected)
      this.#kafka.report.error('a request met an unexpected error', {
        api: verb.api.name,
        error: describe(error),
      })
    return verb.refuse(request, code, message)
  }

  #call({ version, clientId }: RequestFrame, slot: Slot): Call {
    const session = this.#session
    const kafka = this.#kafka
    const principal = session.principal ?? ANONYMOUS
    const host = this.#stream.peer.address
    return {
      kafka,
      session,
      fetchSessions: this.#fetchSessions,
      version,
      clientId,
      nodeId: this.#nodeId,
      listener: this.#listener,
      principal,
      host,
      signal: this.#ended.signal,
      afterSent: then => void slot.sent.push(then),
      allows: (operation, type, name) =>
        kafka.broker.access.authorizer.authorize({ principal, host }, operation, { type, name }),
    }
  }

  async #rawToken(token: Buffer): Promise<void> {
    const step = await this.#session.authenticate(token, this.#kafka.world.now())
    if (step.at === 'failed') throw new WireError('WIRE_OUT_OF_RANGE', 0, `the login failed: ${step.reason}`)
    const length = Buffer.allocUnsafe(4)
    length.writeInt32BE(step.challenge.length, 0)
    this.#answers.fill(this.#answers.slot(token.length), [length, step.challenge])
  }

  /** A request that breaks the protocol ends the connection, as Kafka does; the log says why. */
  #fail(error: unknown): void {
    const fields = {
      peer: this.#stream.peer.address,
      principal: this.#session.principal && principalText(this.#session.principal),
    }
    if (error instanceof WireError)
      this.#kafka.report.warn('a connection was closed', { ...fields, reason: error.message })
    else if (isDisconnect(error))
      this.#kafka.report.debug('a connection broke', { ...fields, reason: describe(error) })
    else
      this.#kafka.report.error('a connection met an unexpected error', { ...fields, error: describe(error) })
    this.#ended.abort()
    this.#stream.abort()
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
