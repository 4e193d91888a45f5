// Where a record goes: a key always to the partition of its hash; without a key to one partition until about a batch
// has gone there, then to another (KIP-794's uniform sticky partitioner), which makes batches large.

import { partitionOfKey } from '../../bytes/murmur2.ts'
import type { World } from '../../world/index.ts'

export class Partitioner {
  readonly #partitions: number
  readonly #stickyBytes: number
  readonly #world: World
  #sticky: number
  #left: number

  /** `stickyBytes` go to one partition before the next is chosen. */
  constructor(partitions: number, stickyBytes: number, world: World) {
    this.#partitions = partitions
    this.#stickyBytes = stickyBytes
    this.#world = world
    this.#sticky = this.#drawn()
    this.#left = stickyBytes
  }

  /** The partition of a record of `bytes`. */
  choose(key: Uint8Array | null | undefined, bytes: number): number {
    if (key !== null && key !== undefined) return partitionOfKey(key, this.#partitions)
    if (this.#left <= 0) this.#turn()
    this.#left -= bytes
    return this.#sticky
  }

  #turn(): void {
    // Never the same again: with two partitions half of the draws would change nothing.
    const step = 1 + Math.floor(this.#world.random() * (this.#partitions - 1))
    this.#sticky = this.#partitions === 1 ? 0 : (this.#sticky + step) % this.#partitions
    this.#left = this.#stickyBytes
  }

  #drawn(): number {
    return Math.floor(this.#world.random() * this.#partitions)
  }
}
