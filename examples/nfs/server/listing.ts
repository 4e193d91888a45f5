// READDIR and READDIRPLUS (RFC 1813, 3.3.16 and 3.3.17): a directory, as much of it at a time as the client has room for.

import * as nfs from '../nfs.js'
import { attributesOf } from './attributes.js'
import { attempt, NfsError, statusOf } from './failure.js'
import type { ExportedFiles, Found } from './files.js'
import { limits } from './limits.js'
import { type ListedName, Listings } from './listings.js'

type Listing = Pick<nfs.NFS_V3_server, 'NFSPROC3_READDIR' | 'NFSPROC3_READDIRPLUS'>

/** Cookies stay right whatever happens to the directory: there is nothing to verify. */
const cookieverf = Buffer.alloc(nfs.NFS3_COOKIEVERFSIZE)
/** Each entry of a list has a bool before it, that says that there is one. */
const LINK_BYTES = 4

export function listing(files: ExportedFiles): Listing {
  const listings = new Listings()
  return {
    NFSPROC3_READDIR: ({ dir, cookie, count }) =>
      attempt({}, async () => {
        const folder = await files.find(dir)
        const dir_attributes = attributesOf(folder.stats)
        const empty = { dir_attributes, cookieverf, reply: { entries: [], eof: true } }
        const room = new Room(count - nfs.xdr_READDIR3resok.encode(empty).length)
        const reply = await page(listings, folder, cookie, async listed => {
          const entry = entryOf(await files.lookup(folder, listed.name), listed)
          return room.takes(nfs.xdr_entry3.encode(entry).length) ? entry : undefined
        })
        return { dir_attributes, cookieverf, reply }
      }),

    NFSPROC3_READDIRPLUS: ({ dir, cookie, dircount, maxcount }) =>
      attempt({}, async () => {
        const folder = await files.find(dir)
        const dir_attributes = attributesOf(folder.stats)
        const empty = { dir_attributes, cookieverf, reply: { entries: [], eof: true } }
        const room = new Room(maxcount - nfs.xdr_READDIRPLUS3resok.encode(empty).length)
        const names = new Room(dircount)
        const reply = await page(listings, folder, cookie, async (listed, isFirst) => {
          const found = await files.lookup(folder, listed.name)
          const plain = entryOf(found, listed)
          const { handle } = found.file
          const entry = { ...plain, name_attributes: attributesOf(found.stats), name_handle: handle }
          const isNamed = names.takes(nfs.xdr_entry3.encode(plain).length) || isFirst
          return isNamed && room.takes(nfs.xdr_entryplus3.encode(entry).length) ? entry : undefined
        })
        return { dir_attributes, cookieverf, reply }
      }),
  }
}

function entryOf({ stats }: Found, { name, cookie }: ListedName): nfs.entry3 {
  return { fileid: stats.ino, name, cookie }
}

/** The bytes that are left of an answer. */
class Room {
  #bytes: number

  constructor(bytes: number) {
    this.#bytes = Math.min(bytes, limits.listingBytesMax)
  }

  /** Takes the bytes of an entry, if they are left. */
  takes(bytes: number): boolean {
    this.#bytes -= bytes + LINK_BYTES
    return this.#bytes >= 0
  }
}

/**
 * The entries behind a cookie, until `make` has no room for one. What has gone since its name was read is left out. Errors:
 * NfsError NFS3ERR_TOOSMALL when there is no room for any.
 */
async function page<E>(
  listings: Listings,
  folder: Found,
  cookie: bigint,
  make: (listed: ListedName, isFirst: boolean) => Promise<E | undefined>,
): Promise<{ entries: E[]; eof: boolean }> {
  const entries: E[] = []
  for (const listed of await listings.namesAfter(folder, cookie)) {
    try {
      const entry = await make(listed, entries.length === 0)
      if (entry === undefined) {
        if (entries.length > 0) return { entries, eof: false }
        throw new NfsError(nfs.nfsstat3.NFS3ERR_TOOSMALL, 'no room for one entry')
      }
      entries.push(entry)
    } catch (error) {
      if (statusOf(error) !== nfs.nfsstat3.NFS3ERR_NOENT) throw error
    }
  }
  listings.ended(folder)
  return { entries, eof: true }
}
