// What sockets share: in-process names, the way to a ZAP handler, a world.

import { systemWorld, type World } from '../../world/index.ts'
import { ZmqError } from './errors.ts'
import { InprocBindings } from './inproc-names.ts'
import { Zap } from './security/zap.ts'
import type { SocketCore } from './socket-core.ts'

export const MAX_SOCKETS_LIMIT = 65_535

const MESSAGE_BYTES_MAX = 0x7fff_ffff

export class ContextCore {
  readonly world: World
  readonly inproc = new InprocBindings()
  readonly zap: Zap = new Zap(this)
  readonly #sockets = new Set<SocketCore>()
  blocky = true
  ipv6 = false
  maxSockets = 1023
  /** Bytes of a message that sockets here send. */
  maxMessageSize = MESSAGE_BYTES_MAX
  ioThreads = 1
  #isClosed = false

  constructor(world: World = systemWorld) {
    this.world = world
  }

  get isClosed(): boolean {
    return this.#isClosed
  }
  /** Whether `maxMessageSize` was lowered: counting bytes costs. */
  get limitsMessages(): boolean {
    return this.maxMessageSize < MESSAGE_BYTES_MAX
  }
  get sockets(): ReadonlySet<SocketCore> {
    return this.#sockets
  }

  /** Errors: ZmqError EMFILE beyond `maxSockets`, EFAULT after `close`. */
  add(core: SocketCore): void {
    if (this.#isClosed) throw new ZmqError('EFAULT')
    if (this.#sockets.size >= this.maxSockets) throw new ZmqError('EMFILE')
    this.#sockets.add(core)
  }

  remove(core: SocketCore): void {
    this.#sockets.delete(core)
  }

  /** Closes all sockets. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#sockets].map(socket => socket.close()))
  }
}
