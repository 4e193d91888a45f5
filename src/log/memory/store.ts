// The memory engine: a store whose logs live as long as the process.

import { LogError } from '../errors.ts'
import type { Epoch, Log, LogOptions, LogStore } from '../log.ts'
import { checkLogName } from '../name.ts'
import { MemoryLog, type Room } from './memory-log.ts'

/** All logs of a store together, unless told otherwise. */
export const MEMORY_BYTES_MAX = 2 * 1024 * 1024 * 1024

export interface MemoryStoreOptions {
  /** Bytes that all logs together may hold; appends beyond are refused with LOG_DISK_FULL. Default 2 GiB. */
  readonly maxBytes?: number
  /** A closed store whose logs this one goes on with, as if the process had started again. */
  readonly from?: MemoryStore
}

export class MemoryStore implements LogStore {
  readonly epoch: Epoch
  /** Memory does not fail: this never resolves. */
  readonly failed: Promise<Error> = new Promise(() => {})
  readonly #logs = new Map<string, MemoryLog>()
  readonly #room: Room
  readonly #maxBytes: number
  #used = 0
  #closed = false

  constructor({ maxBytes = MEMORY_BYTES_MAX, from }: MemoryStoreOptions = {}) {
    this.#maxBytes = maxBytes
    this.epoch = (from?.epoch ?? -1) + 1
    this.#room = {
      take: bytes => {
        if (this.#used + bytes > this.#maxBytes) return false
        this.#used += bytes
        return true
      },
      give: bytes => {
        this.#used -= bytes
      },
    }
    if (from !== undefined) {
      for (const [name, log] of from.#logs) this.#logs.set(name, this.#make(name, {}, log))
      this.#used = from.#used
    }
  }

  get isFull(): boolean {
    return this.#used >= this.#maxBytes
  }

  async open(name: string, options?: LogOptions): Promise<Log> {
    if (this.#closed) throw new LogError('LOG_CLOSED', `the store is closed; ${name} cannot be opened`)
    checkLogName(name)
    const found = this.#logs.get(name)
    if (found !== undefined) {
      if (options !== undefined) found.configure(options)
      return found
    }
    const fresh = this.#make(name, options ?? {})
    this.#logs.set(name, fresh)
    return fresh
  }

  async delete(name: string): Promise<void> {
    const log = this.#logs.get(name)
    if (log === undefined) return
    this.#logs.delete(name)
    this.#room.give(log.bytes)
    log.finish(new LogError('LOG_DELETED', `${name} was deleted`))
  }

  list(): Iterable<string> {
    return [...this.#logs.keys()]
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const log of this.#logs.values())
      log.finish(new LogError('LOG_CLOSED', `the store of ${log.name} is closed`))
  }

  #make(name: string, options: LogOptions, from?: MemoryLog): MemoryLog {
    return new MemoryLog({
      name,
      epoch: this.epoch,
      options,
      room: this.#room,
      ...(from ? { from } : {}),
    })
  }
}

/** Opens a store in memory. */
export function openMemoryStore(options?: MemoryStoreOptions): MemoryStore {
  return new MemoryStore(options)
}
