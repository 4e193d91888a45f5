// The names of directories, in an order and with cookies that do not depend on what else is there: a name's cookie is a part
// of its hash, and names come in the order of their cookies. So a client may go on after any cookie, also when files
// have come and gone since, and sees no name twice and misses none that was there all the time.

import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { nfsstat3 } from '../nfs.js'
import { NfsError } from './failure.js'
import { directory, type Found } from './files.js'
import { limits } from './limits.js'
import { here, parent } from './paths.js'

export interface ListedName {
  readonly name: Buffer
  /** Above 0, below 2^63: some clients take it for a signed number. */
  readonly cookie: bigint
}

const dots: readonly ListedName[] = [
  { name: here, cookie: 1n },
  { name: parent, cookie: 2n },
]

export class Listings {
  /** Names of the directories that are being listed; by identity, the one used longest ago first. */
  readonly #begun = new Map<string, readonly ListedName[]>()

  /** The names of a directory behind a cookie; 0 gives all, as they are now. Errors: NfsError, the system's. */
  async namesAfter(found: Found, cookie: bigint): Promise<readonly ListedName[]> {
    const { identity } = directory(found).file
    const kept = cookie === 0n ? undefined : this.#begun.get(identity)
    const names = kept ?? (await readNames(found))
    this.#begun.delete(identity)
    this.#begun.set(identity, names)
    for (const oldest of this.#begun.keys()) {
      if (this.#begun.size <= limits.listingsMax) break
      this.#begun.delete(oldest)
    }
    return names.slice(firstAfter(names, cookie))
  }

  /** The client has seen all of it. */
  ended({ file }: Found): void {
    this.#begun.delete(file.identity)
  }
}

async function readNames({ file }: Found): Promise<ListedName[]> {
  const names = await readdir(file.path, 'buffer')
  if (names.length > limits.namesMax)
    throw new NfsError(nfsstat3.NFS3ERR_SERVERFAULT, `${names.length} names, at most ${limits.namesMax}`)
  const listed = names.map(name => ({ name, cookie: cookieOf(name) }))
  listed.sort((a, b) => (a.cookie < b.cookie ? -1 : 1))
  return [...dots, ...listed]
}

function cookieOf(name: Buffer): bigint {
  const cookie = createHash('sha256').update(name).digest().readBigUInt64BE() >> 1n
  return cookie > 2n ? cookie : cookie + 3n
}

/** Where the first name behind the cookie stands. */
function firstAfter(names: readonly ListedName[], cookie: bigint): number {
  const index = names.findIndex(one => one.cookie > cookie)
  return index < 0 ? names.length : index
}
