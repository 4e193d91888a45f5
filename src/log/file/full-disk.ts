// What a store does when its disk is full: it gives the ballast up, so that the logs by which space comes back can still be
// written, and looks again and again whether there is room.

import type { Reporter, Timer, World } from '../../world/index.ts'
import { LogError } from '../errors.ts'
import type { Ballast } from './ballast.ts'
import type { Disk } from './disk.ts'
import { isFull } from './wal.ts'

/** How often a full disk is looked at again, in ms. */
const RETRY_MS = 1000

export interface FullDiskHooks {
  /** Writes what waits in memory for room. Errors: the disk's. */
  spill(): void
  /** The disk failed in another way. Gives the error for those who wait. */
  failed(error: unknown): LogError
}

export class FullDisk {
  readonly #disk: Disk
  readonly #ballast: Ballast
  readonly #world: World
  readonly #report: Reporter
  readonly #hooks: FullDiskHooks
  #reason: LogError | undefined
  #timer: Timer | undefined

  constructor(
    at: {
      readonly disk: Disk
      readonly ballast: Ballast
      readonly world: World
      readonly report: Reporter
    },
    hooks: FullDiskHooks,
  ) {
    this.#disk = at.disk
    this.#ballast = at.ballast
    this.#world = at.world
    this.#report = at.report
    this.#hooks = hooks
  }

  /** Why appends are refused; undefined while there is room. */
  get reason(): LogError | undefined {
    return this.#reason
  }

  /** The disk refused for want of room. Gives the error for those who are refused. */
  begin(error: unknown): LogError {
    const reason = new LogError('LOG_DISK_FULL', `the disk of ${this.#disk.name} is full`, {}, error)
    if (this.#reason !== undefined) return reason
    this.#reason = reason
    this.#report.error('the disk is full: appends are refused, reads go on', { store: this.#disk.name })
    try {
      this.#ballast.release()
    } catch (failure) {
      return this.#hooks.failed(failure)
    }
    this.#watch()
    return reason
  }

  /** Space may have come back: tries to keep what waits. */
  retry(): void {
    if (this.#reason === undefined) return
    try {
      if (this.#disk.freeBytes() < this.#ballast.bytes * 2) return
      this.#hooks.spill()
    } catch (error) {
      if (!isFull(error)) this.#hooks.failed(error)
      return
    }
    this.end()
    this.#report.info('the disk has room again: appends go on', { store: this.#disk.name })
  }

  /** Nothing is looked at any more. */
  end(): void {
    this.#reason = undefined
    this.#timer?.cancel()
  }

  #watch(): void {
    this.#timer = this.#world.after(RETRY_MS, () => {
      this.retry()
      if (this.#reason !== undefined) this.#watch()
    })
  }
}
