// Reads directories and files of a server, a piece at a time.

import { type fattr3, type NFS_V3_client, type nfs_fh3, nfsstat3 } from '../nfs.js'
import { resultOf } from './result.js'

/** Bytes of directory that are asked for at a time; servers give less if they want to. */
const LISTING_BYTES = 32 * 1024
const COOKIEVERF_BYTES = 8

/** A name in a directory, with what the server said of it. */
export interface Entry {
  readonly name: Uint8Array
  readonly cookie: bigint
  readonly name_attributes?: fattr3 | undefined
  readonly name_handle?: nfs_fh3 | undefined
}

/** What a file is. Errors: NfsRefusal, OncError. */
export async function attributesOf(nfs: NFS_V3_client, object: nfs_fh3): Promise<fattr3> {
  return resultOf(await nfs.NFSPROC3_GETATTR(object), 'GETATTR').obj_attributes
}

/** The names in a directory, in the server's order. Errors: NfsRefusal, OncError. */
export async function* entriesOf(nfs: NFS_V3_client, dir: nfs_fh3): AsyncGenerator<Entry> {
  let cookie = 0n
  let cookieverf: Uint8Array = new Uint8Array(COOKIEVERF_BYTES)
  for (;;) {
    const page = await pageOf(nfs, { dir, cookie, cookieverf })
    yield* page.reply.entries
    if (page.reply.eof) return
    const last = page.reply.entries.at(-1)
    if (last === undefined) throw new Error('the server gave no entries, and says that there are more')
    cookie = last.cookie
    cookieverf = page.cookieverf
  }
}

interface Place {
  readonly dir: nfs_fh3
  readonly cookie: bigint
  readonly cookieverf: Uint8Array
}

/** With attributes where the server has READDIRPLUS, without where it has only READDIR. */
async function pageOf(nfs: NFS_V3_client, place: Place) {
  const plus = await nfs.NFSPROC3_READDIRPLUS({ ...place, dircount: LISTING_BYTES, maxcount: LISTING_BYTES })
  if (plus.status !== nfsstat3.NFS3ERR_NOTSUPP) return resultOf(plus, 'READDIRPLUS')
  return resultOf(await nfs.NFSPROC3_READDIR({ ...place, count: LISTING_BYTES }), 'READDIR')
}

/** The bytes of a file, in pieces of the size that the server prefers. Errors: NfsRefusal, OncError. */
export async function* contentsOf(nfs: NFS_V3_client, file: nfs_fh3): AsyncGenerator<Uint8Array> {
  const { rtpref } = resultOf(await nfs.NFSPROC3_FSINFO(file), 'FSINFO')
  for (let offset = 0n; ; ) {
    const { data, eof } = resultOf(await nfs.NFSPROC3_READ({ file, offset, count: rtpref }), 'READ')
    yield data
    if (eof) return
    if (data.length === 0) throw new Error('the server gave no bytes, and says that there are more')
    offset += BigInt(data.length)
  }
}

/** Where a symbolic link leads. Errors: NfsRefusal, OncError. */
export async function targetOf(nfs: NFS_V3_client, link: nfs_fh3): Promise<Uint8Array> {
  return resultOf(await nfs.NFSPROC3_READLINK(link), 'READLINK').data
}
