// File handles: which file is meant by the bytes that a client was given. A handle is random and says nothing, so that
// nobody can make one up for a file that was not looked up from the root. What it stands for is kept in a table of bounded
// size: whoever comes with a handle that has been forgotten is told that it is stale, and looks the file up again.
//
// A file is the same as long as its device, inode and time of birth are: it keeps its handle when it is renamed, and a new
// file in its place, even with the same inode, gets another.

import { randomBytes } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import type { nfs_fh3 } from '../nfs.js'
import { isWithin } from './paths.js'

const HANDLE_BYTES = 32

/** A file that a client has a handle of. */
export interface KnownFile {
  readonly handle: nfs_fh3
  readonly identity: string
  /** Where it was seen last: absolute, without symbolic links. */
  path: Buffer
}

/** What tells a file from all others of the machine, that have been and will be. */
export function identityOf({ dev, ino, birthtimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${birthtimeNs}`
}

export class Handles {
  readonly #byHandle = new Map<string, KnownFile>()
  readonly #byIdentity = new Map<string, KnownFile>()
  readonly #max: number
  #root: KnownFile | undefined

  /** Holds at most `max` files. The first is the root of all, and never forgotten. */
  constructor(max: number) {
    this.#max = max
  }

  /** The file of a handle, or undefined when it is unknown or forgotten. */
  find({ data }: nfs_fh3): KnownFile | undefined {
    const found = this.#byHandle.get(keyOf(data))
    if (found !== undefined) this.#touch(found)
    return found
  }

  /** The file that was found at this path, with the handle that it had or a new one. */
  know(path: Buffer, stats: BigIntStats): KnownFile {
    const identity = identityOf(stats)
    const known = this.#byIdentity.get(identity)
    const file = known ?? { handle: { data: randomBytes(HANDLE_BYTES) }, identity, path }
    this.#root ??= file
    file.path = path
    this.#byIdentity.set(identity, file)
    this.#touch(file)
    if (this.#byHandle.size > this.#max) this.#forgetOldest()
    return file
  }

  /** Something was renamed: it, and all that is in it, has another path. */
  moved(from: Buffer, to: Buffer): void {
    for (const file of this.#byHandle.values())
      if (isWithin(file.path, from)) file.path = Buffer.concat([to, file.path.subarray(from.length)])
  }

  /** To the end of the line of those that are forgotten. */
  #touch(file: KnownFile): void {
    const key = keyOf(file.handle.data)
    this.#byHandle.delete(key)
    this.#byHandle.set(key, file)
  }

  #forgetOldest(): void {
    for (const [key, file] of this.#byHandle) {
      if (file === this.#root) continue
      this.#byHandle.delete(key)
      this.#byIdentity.delete(file.identity)
      return
    }
  }
}

function keyOf(data: Uint8Array): string {
  return Buffer.from(data).toString('latin1')
}
