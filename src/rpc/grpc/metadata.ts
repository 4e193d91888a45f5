// Metadata: the headers and trailers of a call (grpc/grpc, doc/PROTOCOL-HTTP2.md, "Custom-Metadata"). Here they are plain
// records; keys are lower case, and one that ends in -bin has bytes, which travel as base64.

import type { Metadata } from '@grpc/grpc-js'
import { GrpcError } from './errors.ts'
import type { GrpcPackage } from './packages.ts'

type Value = string | Uint8Array

/** Metadata to send: text, or bytes for keys that end in -bin; several values of a key as an array. */
export type GrpcMetadata = Readonly<Record<string, Value | readonly Value[]>>

/** Metadata that arrived: all values of each key, in order. It has no prototype, so every key is a peer's. */
export type ReceivedMetadata = Readonly<Record<string, readonly (string | Buffer)[]>>

/** Errors: GrpcError GRPC_METADATA_INVALID. */
export function toWire({ Metadata }: GrpcPackage, given: GrpcMetadata = {}): Metadata {
  const metadata = new Metadata()
  for (const [key, values] of Object.entries(given))
    for (const value of isList(values) ? values : [values]) {
      try {
        metadata.add(key, typeof value === 'string' ? value : Buffer.from(value))
      } catch (error) {
        throw new GrpcError('GRPC_METADATA_INVALID', `'${key}': ${messageOf(error)}`, { cause: error })
      }
    }
  return metadata
}

export function fromWire(metadata: Metadata): ReceivedMetadata {
  return Object.freeze(Object.assign(Object.create(null), metadata.toJSON()))
}

function isList(values: Value | readonly Value[]): values is readonly Value[] {
  return Array.isArray(values)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
