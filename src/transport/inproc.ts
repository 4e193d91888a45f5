// Streams inside one process, by name: the reference implementation of what a stream is. Chunks are handed over as they
// are, uncopied, so the writer gives them away and must not change them.
//
// Names live in a registry that is handed in. Connecting before somebody listens is refused here: waiting is what the
// pattern above does.

import { SocketError } from './errors.ts'
import { Pipe } from './pipe.ts'
import type { DuplexStream, Listener, Peer } from './stream.ts'

/** Bounds of a pair in one process. */
export const inprocLimits = {
  /** Bytes that wait in one direction before a write asks the writer to wait. */
  bufferBytesMax: 64 * 1024,
} as const

export interface InprocOptions {
  /** As for sockets: our direction outlives the peer's. Default false. */
  readonly halfOpen?: boolean
  /** For what this side sends; default as in `inprocLimits`. */
  readonly bufferBytesMax?: number
}

interface Binding {
  readonly options: InprocOptions
  readonly accept: (stream: DuplexStream) => void
}

/** The names of one world of sockets. Two registries never meet. */
export class InprocNames {
  readonly #bindings = new Map<string, Binding>()

  /** Takes the name, which is the listener's host. Errors: SocketError EINVAL (empty), EADDRINUSE. */
  listen(name: string, accept: (stream: DuplexStream) => void, options: InprocOptions = {}): Listener {
    if (name === '') throw new SocketError('EINVAL', 'an in-process name must not be empty')
    if (this.#bindings.has(name)) throw new SocketError('EADDRINUSE', `inproc://${name}`)
    const binding: Binding = { options, accept }
    this.#bindings.set(name, binding)
    const close = async (): Promise<void> => {
      if (this.#bindings.get(name) === binding) this.#bindings.delete(name)
    }
    return { host: name, port: 0, close }
  }

  /** Connects; the other side has its end before this returns. Errors: SocketError ECONNREFUSED. */
  connect(name: string, options: InprocOptions = {}): DuplexStream {
    const binding = this.#bindings.get(name)
    if (binding === undefined) throw new SocketError('ECONNREFUSED', `inproc://${name}: nobody listens there`)
    const [ours, theirs] = inprocPair(name, options, binding.options)
    binding.accept(theirs)
    return ours
  }
}

/** For libraries that want one set of names for the whole process. */
export const inprocNames = new InprocNames()

/** Two streams, each the other's peer; `name` is the address that both show. */
export function inprocPair(
  name: string,
  options: InprocOptions = {},
  peerOptions: InprocOptions = options,
): readonly [DuplexStream, DuplexStream] {
  const there = new Pipe(options.bufferBytesMax ?? inprocLimits.bufferBytesMax)
  const back = new Pipe(peerOptions.bufferBytesMax ?? inprocLimits.bufferBytesMax)
  const peer: Peer = { address: name, port: 0, encrypted: false }
  return [
    new InprocStream(peer, back, there, options.halfOpen ?? false),
    new InprocStream(peer, there, back, peerOptions.halfOpen ?? false),
  ]
}

class InprocStream implements DuplexStream {
  readonly peer: Peer
  readonly bytes: AsyncIterable<Buffer>
  readonly #in: Pipe
  readonly #out: Pipe

  constructor(peer: Peer, incoming: Pipe, outgoing: Pipe, halfOpen: boolean) {
    this.peer = peer
    this.#in = incoming
    this.#out = outgoing
    this.bytes = { [Symbol.asyncIterator]: () => incoming.read() }
    if (!halfOpen) void incoming.finished.then(() => outgoing.end())
  }

  write(chunks: readonly Buffer[]): Promise<void> | undefined {
    return this.#out.write(chunks)
  }

  end(): void {
    this.#out.end()
  }

  close(): Promise<void> {
    this.#out.end()
    this.#in.discard()
    return this.#in.finished
  }

  abort(reason: Error = new SocketError('ECONNABORTED', 'the stream was aborted')): void {
    this.#out.fail(new SocketError('ECONNRESET', `inproc://${this.peer.address}`))
    this.#in.fail(reason)
  }
}
