// A captured request or response cut into length, header and body, each part with its place.

import { Reader, WireError } from '../../../bytes/index.ts'
import type { Api } from '../../../heads/kafka/wire/api.ts'
import { ApiVersions, apiOf } from '../../../heads/kafka/wire/index.ts'
import { CommandError } from '../../exit.ts'
import { limits } from '../../kafka/limits.ts'
import { type Part, walk } from './walk.ts'

/** What was captured, as far as it could be read. */
export interface Dissection {
  readonly api: Api
  readonly version: number
  readonly way: 'request' | 'response'
  readonly parts: readonly Part[]
  /** What was wrong with the bytes after the last part. */
  readonly flaw?: string
}

const LENGTH_BYTES = 4

/** Takes a request apart; its header says which API it is. Throws CommandError when not even that can be read. */
export function dissectRequest(bytes: Buffer): Dissection {
  const { from, parts, header } = begin(bytes)
  const { apiKey, version } = headerOf(() => {
    const key = header('header.apiKey', 'int16', () => from.int16())
    const spoken = header('header.apiVersion', 'int16', () => from.int16())
    header('header.correlationId', 'int32', () => from.int32())
    header('header.clientId', 'string', () => nullableText(from))
    return { apiKey: key, version: spoken }
  })
  const api = apiOf(apiKey)
  if (api === undefined)
    throw new CommandError('notFound', `this is no request that is known here: it says API key ${apiKey}`)
  checkVersion(api, version)
  return { api, version, way: 'request', ...body(from, parts, api, version, 'request') }
}

/** Takes a response apart, of which the version must be known: it does not say itself. */
export function dissectResponse(bytes: Buffer, api: Api, version: number): Dissection {
  checkVersion(api, version)
  const { from, parts, header } = begin(bytes)
  headerOf(() => header('header.correlationId', 'int32', () => from.int32()))
  return { api, version, way: 'response', ...body(from, parts, api, version, 'response') }
}

/** Throws CommandError (usage) naming the versions that there are. */
export function checkVersion({ name, versions }: Api, version: number): void {
  if (version >= versions.min && version <= versions.max) return
  const range = `${versions.min} to ${versions.max}`
  throw new CommandError('usage', `${name} has no version ${version} here: there are ${range}`)
}

type ReadHeader = <T>(path: string, kind: string, read: () => T) => T

/** The length in front may be there or not: captures come with it, payloads of packets often without. */
function begin(bytes: Buffer): { from: Reader; parts: Part[]; header: ReadHeader } {
  const from = new Reader(bytes, 0, bytes.length, limits.elementsMax)
  const parts: Part[] = []
  const header: ReadHeader = (path, kind, read) => {
    const offset = from.at
    const value = read()
    parts.push({ path, kind, offset, bytes: from.at - offset, value })
    return value
  }
  const hasLength = bytes.length >= LENGTH_BYTES && bytes.readInt32BE(0) === bytes.length - LENGTH_BYTES
  if (hasLength) header('length', 'int32', () => from.int32())
  return { from, parts, header }
}

function headerOf<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    throw new CommandError('notFound', `the bytes are too short for a header: ${error.message}`)
  }
}

function body(
  from: Reader,
  parts: Part[],
  api: Api,
  version: number,
  way: 'request' | 'response',
): { readonly parts: readonly Part[]; readonly flaw?: string } {
  const flexible = version >= api.flexibleSince
  // ApiVersions is answered with the plain header in all versions.
  const headerHasTags = flexible && (way === 'request' || api.key !== ApiVersions.key)
  try {
    if (headerHasTags) walk(from, {}, version, true, part => parts.push({ ...part, path: 'header.tags' }))
    walk(from, api[way].fields, version, flexible, part => parts.push(part))
    if (from.remaining === 0) return { parts }
    return { parts, flaw: `${from.remaining} bytes are left after the last field, from byte ${from.at} on` }
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return { parts, flaw: error.message }
  }
}

function nullableText(from: Reader): string | null {
  const length = from.int16()
  return length < 0 ? null : from.text(length)
}
