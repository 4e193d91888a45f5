// One connection to a broker: requests go out as they are made, answers come back in the same order (Kafka protocol
// guide, "Network"), each matched by its correlation id. The versions are the highest that both sides know; before they
// have been asked for, the lowest of the table is spoken.

import { type Fields, type InOf, type OutOf, Reader, WireError, Writer } from '../../bytes/index.ts'
import { deferred } from '../../flow/index.ts'
import { FrameCutter } from '../../heads/kafka/frame.ts'
import type { Api } from '../../heads/kafka/wire/api.ts'
import { ApiVersions } from '../../heads/kafka/wire/index.ts'
import type { Stream } from '../../transport/index.ts'
import type { World } from '../../world/index.ts'
import { CommandError } from '../exit.ts'
import { ConnectionFault, check } from './faults.ts'
import { limits } from './limits.ts'

export interface RequestOptions {
  /** Ms until the answer must be there; the connection ends when it is not, because later answers wait behind it. */
  readonly timeoutMs?: number
  /** Speak no higher version than this. */
  readonly versionMax?: number
  /** False when the broker answers nothing (Produce with acks=0): resolves with undefined. */
  readonly answered?: boolean
}

interface Expected {
  readonly correlationId: number
  accept(body: Reader): void
  fail(error: unknown): void
}

type Range = { readonly minVersion: number; readonly maxVersion: number }

const CLIENT_ID = 'posthorn'
const LENGTH_BYTES = 4
const UNSUPPORTED_VERSION = 35

export class Connection {
  /** `host:port`, for messages. */
  readonly name: string
  readonly #stream: Stream
  readonly #world: World
  readonly #timeoutMs: number
  readonly #expected: Expected[] = []
  readonly #versions = new Map<number, Range>()
  #correlationId = 0
  #ended: Error | undefined

  constructor(name: string, stream: Stream, world: World, timeoutMs: number) {
    this.name = name
    this.#stream = stream
    this.#world = world
    this.#timeoutMs = timeoutMs
    void this.#read()
  }

  get isOpen(): boolean {
    return this.#ended === undefined
  }

  /** Asks which versions the broker speaks; a broker that knows only older ones is asked again (KIP-511). */
  async negotiate(): Promise<void> {
    const names = { clientSoftwareName: 'posthorn', clientSoftwareVersion: '1' }
    const newest = ApiVersions.versions.max
    const answer = await this.#send(ApiVersions, newest, names, {})
    const versions =
      answer?.errorCode === UNSUPPORTED_VERSION ? await this.#send(ApiVersions, 0, {}, {}) : answer
    check(versions?.errorCode ?? 0, `asking ${this.name} for its versions`)
    for (const row of versions?.apiKeys ?? []) this.#versions.set(row.apiKey, row)
  }

  /** The version that is spoken for this API; undefined when the broker does not serve it in one that we know. */
  version(api: Pick<Api, 'key' | 'versions'>, versionMax = Number.POSITIVE_INFINITY): number | undefined {
    const range = this.#versions.get(api.key)
    if (range === undefined) return undefined
    const version = Math.min(api.versions.max, range.maxVersion, versionMax)
    return version >= Math.max(api.versions.min, range.minVersion) ? version : undefined
  }

  /** Sends a request and gives the answer. Errors: ConnectionFault; CommandError when the broker lacks the API. */
  async request<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    request: InOf<Q>,
    options: RequestOptions = {},
  ): Promise<OutOf<S>> {
    const version = this.version(api, options.versionMax)
    if (version === undefined)
      throw new CommandError('notFound', `the broker at ${this.name} does not serve ${api.name}`)
    // Without an answer nothing is read from the result, whatever its type says.
    return (await this.#send(api, version, request, options)) as OutOf<S>
  }

  /** Ends now; requests under way fail. Idempotent. */
  close(reason: Error = new ConnectionFault(`the connection to ${this.name} was closed`)): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    this.#stream.abort()
    for (const one of this.#expected.splice(0)) one.fail(reason)
  }

  async #send<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    version: number,
    request: InOf<Q>,
    { answered = true, timeoutMs = this.#timeoutMs }: RequestOptions,
  ): Promise<OutOf<S> | undefined> {
    if (this.#ended !== undefined) throw this.#ended
    const correlationId = this.#correlationId++ & 0x7fff_ffff
    const chunks = encoded(api, version, correlationId, request)
    if (!answered) {
      await this.#stream.write(chunks)
      return undefined
    }
    const answer = deferred<OutOf<S>>()
    const late = this.#world.after(timeoutMs, () => this.close(this.#tooLate(api.name, timeoutMs)))
    this.#expected.push({
      correlationId,
      accept: body => answer.resolve(decoded(api, version, body)),
      fail: answer.reject,
    })
    void this.#stream.write(chunks)
    try {
      return await answer.promise
    } finally {
      late.cancel()
    }
  }

  #tooLate(what: string, timeoutMs: number): Error {
    return new ConnectionFault(`${this.name} did not answer ${what} within ${timeoutMs} ms`)
  }

  async #read(): Promise<void> {
    const cutter = new FrameCutter()
    try {
      for await (const chunk of this.#stream.bytes) {
        cutter.push(chunk)
        for (let frame = this.#cut(cutter); frame !== undefined; frame = this.#cut(cutter)) this.#take(frame)
      }
      this.close(new ConnectionFault(`${this.name} closed the connection`))
    } catch (error) {
      this.close(this.#broken(error))
    }
  }

  #cut(cutter: FrameCutter): Buffer | undefined {
    return cutter.next(limits.responseBytesMax)
  }

  #take(frame: Buffer): void {
    const body = new Reader(frame, 0, frame.length, limits.elementsMax)
    const correlationId = body.int32()
    const next = this.#expected.shift()
    if (next === undefined || next.correlationId !== correlationId)
      throw new WireError('WIRE_OUT_OF_RANGE', 0, `answer ${correlationId} belongs to no request`)
    try {
      next.accept(body)
    } catch (error) {
      next.fail(this.#broken(error))
      throw error
    }
  }

  #broken(error: unknown): Error {
    const message = error instanceof Error ? error.message : String(error)
    if (!(error instanceof WireError))
      return new ConnectionFault(`the connection to ${this.name} broke: ${message}`, error)
    const text = `what ${this.name} answers is not Kafka's protocol: ${message}`
    return new CommandError(
      'unreachable',
      text,
      'is this the port of a Kafka listener, and is TLS right?',
      error,
    )
  }
}

function encoded<Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  version: number,
  correlationId: number,
  request: InOf<Q>,
): Buffer[] {
  const to = new Writer(256)
  to.int32(0)
  to.int16(api.key)
  to.int16(version)
  to.int32(correlationId)
  to.int16(CLIENT_ID.length)
  to.text(CLIENT_ID, CLIENT_ID.length)
  if (version >= api.flexibleSince) to.uvarint(0)
  api.request.encode(to, request, version)
  const length = to.bytes - LENGTH_BYTES
  const chunks = to.finish()
  chunks[0]?.writeInt32BE(length, 0)
  return chunks
}

function decoded<Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  version: number,
  body: Reader,
): OutOf<S> {
  const isVersions = api.key === ApiVersions.key
  if (version >= api.flexibleSince && !isVersions) skipTags(body)
  // A broker that does not know the version of ApiVersions answers in version 0.
  const spoken = isVersions && body.buffer.readInt16BE(body.at) === UNSUPPORTED_VERSION ? 0 : version
  return api.response.decode(body, spoken)
}

function skipTags(from: Reader): void {
  for (let left = from.elements(from.uvarint()); left > 0; left--) {
    from.uvarint()
    from.skip(from.uvarint())
  }
}
