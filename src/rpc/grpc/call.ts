// What a handler is told of its call, and may say beside its answer.

import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js'
import type { Peer } from '../../transport/index.ts'
import { distinguishedName } from '../../transport/tcp.ts'
import { systemWorld, type Timer } from '../../world/index.ts'
import type { GrpcAddress } from './address.ts'
import { GrpcError } from './errors.ts'
import { fromWire, type GrpcMetadata, type ReceivedMetadata, toWire } from './metadata.ts'
import type { GrpcPackage } from './packages.ts'

/** What a handler is told of the call beside its request. */
export interface GrpcCall {
  readonly peer: Peer
  /** `/package.Service/Method`. */
  readonly path: string
  readonly metadata: ReceivedMetadata
  /** Wall clock in ms since 1970; undefined when the caller waits without end. */
  readonly deadline: number | undefined
  /**
   * Aborts when nobody waits for the answer any more: the caller gave up or is gone, or the deadline passed. The reason is a
   * GrpcError, GRPC_CANCELLED or GRPC_DEADLINE_EXCEEDED.
   */
  readonly signal: AbortSignal
  /** Sends the headers now, with metadata; otherwise they go with the first message. Only the first call has an effect. */
  sendHeaders(metadata: GrpcMetadata): void
  /** Metadata that goes with the status. Replaces what was set before. */
  setTrailers(metadata: GrpcMetadata): void
}

/** What all four kinds of calls of @grpc/grpc-js have. */
export interface Surface
  extends Pick<
    ServerUnaryCall<unknown, unknown>,
    'metadata' | 'getPeer' | 'getDeadline' | 'getPath' | 'getAuthContext' | 'sendMetadata'
  > {
  on(event: 'cancelled', listener: () => void): unknown
}

export class ServedCall implements GrpcCall {
  readonly peer: Peer
  readonly path: string
  readonly metadata: ReceivedMetadata
  readonly deadline: number | undefined
  readonly #surface: Surface
  readonly #grpc: GrpcPackage
  readonly #gone = new AbortController()
  readonly #timer: Timer | undefined
  #trailers: Metadata
  #isDone = false

  /** `address` is where the server listens. */
  constructor(grpc: GrpcPackage, surface: Surface, address: GrpcAddress) {
    this.#grpc = grpc
    this.#surface = surface
    this.#trailers = toWire(grpc)
    this.peer = peerOf(surface, address)
    this.path = surface.getPath()
    this.metadata = fromWire(surface.metadata)
    this.deadline = deadlineOf(surface)
    surface.on('cancelled', () => this.#end('GRPC_CANCELLED'))
    if (this.deadline !== undefined)
      this.#timer = systemWorld.after(this.deadline - systemWorld.now(), () =>
        this.#end('GRPC_DEADLINE_EXCEEDED'),
      )
  }

  get signal(): AbortSignal {
    return this.#gone.signal
  }

  /** What goes with the status. */
  get trailers(): Metadata {
    return this.#trailers
  }

  sendHeaders(metadata: GrpcMetadata): void {
    this.#surface.sendMetadata(toWire(this.#grpc, metadata))
  }

  setTrailers(metadata: GrpcMetadata): void {
    this.#trailers = toWire(this.#grpc, metadata)
  }

  /** It is answered: the signal does not abort any more. */
  done(): void {
    this.#isDone = true
    this.#timer?.cancel()
  }

  #end(code: 'GRPC_CANCELLED' | 'GRPC_DEADLINE_EXCEEDED'): void {
    if (this.#isDone) return
    const isLate = this.deadline !== undefined && this.deadline <= systemWorld.now()
    this.done()
    this.#gone.abort(new GrpcError(isLate ? 'GRPC_DEADLINE_EXCEEDED' : code, this.path))
  }
}

function deadlineOf(surface: Surface): number | undefined {
  const deadline = Number(surface.getDeadline())
  return Number.isFinite(deadline) ? deadline : undefined
}

function peerOf(surface: Surface, address: GrpcAddress): Peer {
  if (address.scheme === 'ipc') return { address: address.path, port: 0, encrypted: false }
  const [, host = '', port = '0'] = /^(?:::ffff:)?(.*):(\d+)$/.exec(surface.getPeer()) ?? []
  const base = { address: host, port: Number(port), encrypted: address.scheme === 'tls' }
  const certificate = surface.getAuthContext().sslPeerCertificate
  if (certificate === undefined) return base
  return {
    ...base,
    certificate: {
      distinguishedName: distinguishedName(certificate),
      commonName: String(certificate.subject.CN ?? ''),
    },
  }
}
