// The Context class of `zeromq` 6. Threads mean nothing here; their options exist, and say so.

import { ContextCore, MAX_SOCKETS_LIMIT } from './context-core.ts'
import { ZmqError } from './errors.ts'

const cores = new WeakMap<Context, ContextCore>()

export interface ContextOptions {
  readonly blocky?: boolean
  readonly ioThreads?: number
  readonly maxMessageSize?: number
  readonly maxSockets?: number
  readonly ipv6?: boolean
  readonly threadPriority?: number
  readonly threadSchedulingPolicy?: number
}

export class Context {
  constructor(options: ContextOptions = {}, ...more: readonly never[]) {
    if (more.length > 0) throw new TypeError('Expected 1 argument')
    if (typeof options !== 'object') throw new TypeError('Options must be an object')
    cores.set(this, new ContextCore())
    Object.seal(this)
    Object.assign(this, options)
  }

  get blocky(): boolean {
    return contextCoreOf(this).blocky
  }
  set blocky(value: boolean) {
    if (typeof value !== 'boolean') throw new TypeError('Option value must be a boolean')
    contextCoreOf(this).blocky = value
  }
  get ipv6(): boolean {
    return contextCoreOf(this).ipv6
  }
  set ipv6(value: boolean) {
    if (typeof value !== 'boolean') throw new TypeError('Option value must be a boolean')
    contextCoreOf(this).ipv6 = value
  }
  get maxSockets(): number {
    return contextCoreOf(this).maxSockets
  }
  set maxSockets(value: number) {
    contextCoreOf(this).maxSockets = checked(value, 1, MAX_SOCKETS_LIMIT)
  }
  get maxSocketsLimit(): number {
    return MAX_SOCKETS_LIMIT
  }
  /** Largest message that sockets of this context send, bytes. */
  get maxMessageSize(): number {
    return contextCoreOf(this).maxMessageSize
  }
  set maxMessageSize(value: number) {
    contextCoreOf(this).maxMessageSize = checked(value, 0, 0x7fff_ffff)
  }
  get ioThreads(): number {
    return contextCoreOf(this).ioThreads
  }
  set ioThreads(value: number) {
    contextCoreOf(this).ioThreads = checked(value, 0, 0x7fff_ffff)
  }
  set threadPriority(value: number) {
    checked(value, -1, 0x7fff_ffff)
    process.emitWarning('Context option threadPriority has no effect: there are no threads.')
  }
  set threadSchedulingPolicy(value: number) {
    checked(value, -1, 0x7fff_ffff)
    process.emitWarning('Context option threadSchedulingPolicy has no effect: there are no threads.')
  }
}

function checked(value: unknown, min: number, max: number): number {
  if (typeof value !== 'number') throw new TypeError('Option value must be a number')
  if (!Number.isInteger(value) || value < min || value > max) throw new ZmqError('EINVAL')
  return value
}

export function contextCoreOf(context: Context): ContextCore {
  const core = cores.get(context)
  if (core === undefined) throw new ZmqError('EINVAL')
  return core
}

/** The one that sockets belong to when nothing else is said. */
export const context = new Context()
