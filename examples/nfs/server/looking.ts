// Procedures that look at one file: GETATTR, LOOKUP, ACCESS, READLINK, READ (RFC 1813, 3.3.1 and 3.3.3 to 3.3.6).
//
// The server has the rights of whoever started it, for every client: the user that a client claims to be (AUTH_SYS) is a
// claim without a proof, and is not looked at.

import { constants } from 'node:fs'
import { access, readlink } from 'node:fs/promises'
import * as nfs from '../nfs.js'
import { attributesOf } from './attributes.js'
import { attempt, NfsError } from './failure.js'
import type { ExportedFiles, Found } from './files.js'
import { limits } from './limits.js'

type Looking = Pick<
  nfs.NFS_V3_server,
  'NFSPROC3_GETATTR' | 'NFSPROC3_LOOKUP' | 'NFSPROC3_ACCESS' | 'NFSPROC3_READLINK' | 'NFSPROC3_READ'
>

export function looking(files: ExportedFiles, writable: boolean): Looking {
  return {
    NFSPROC3_GETATTR: handle =>
      attempt({}, async () => ({ obj_attributes: attributesOf((await files.find(handle)).stats) })),

    NFSPROC3_LOOKUP: ({ dir, name }) =>
      attempt({}, async () => {
        const folder = await files.find(dir)
        const found = await files.lookup(folder, name)
        return {
          object: found.file.handle,
          obj_attributes: attributesOf(found.stats),
          dir_attributes: attributesOf(folder.stats),
        }
      }),

    NFSPROC3_ACCESS: ({ object, access: wanted }) =>
      attempt({}, async () => {
        const found = await files.find(object)
        const granted = await accessTo(found, writable)
        return { obj_attributes: attributesOf(found.stats), access: wanted & granted }
      }),

    NFSPROC3_READLINK: handle =>
      attempt({}, async () => {
        const { file, stats } = await files.find(handle)
        if (!stats.isSymbolicLink()) throw new NfsError(nfs.nfsstat3.NFS3ERR_INVAL, 'no symbolic link')
        return { symlink_attributes: attributesOf(stats), data: await readlink(file.path, 'buffer') }
      }),

    NFSPROC3_READ: ({ file, offset, count }) =>
      attempt({}, async () => read(files, await files.find(file), offset, count)),
  }
}

async function read(
  files: ExportedFiles,
  found: Found,
  offset: bigint,
  count: number,
): Promise<nfs.READ3resok> {
  await using opened = await files.open(found, constants.O_RDONLY)
  const stats = await opened.stat({ bigint: true })
  const left = offset < stats.size ? stats.size - offset : 0n
  const wanted = Math.min(count, limits.transferBytesMax, Number(left))
  const buffer = Buffer.allocUnsafe(wanted)
  const { bytesRead } = wanted === 0 ? { bytesRead: 0 } : await opened.read(buffer, 0, wanted, Number(offset))
  return {
    file_attributes: attributesOf(stats),
    count: bytesRead,
    eof: BigInt(bytesRead) >= left,
    data: buffer.subarray(0, bytesRead),
  }
}

/** The bits of ACCESS that the server's own rights give. */
async function accessTo({ file, stats }: Found, writable: boolean): Promise<number> {
  if (stats.isSymbolicLink()) return nfs.ACCESS3_READ // its own rights are asked for: `access` would follow it
  const may = (mode: number): Promise<boolean> =>
    access(file.path, mode).then(
      () => true,
      () => false,
    )
  const read = (await may(constants.R_OK)) ? nfs.ACCESS3_READ : 0
  const entering = stats.isDirectory() ? nfs.ACCESS3_LOOKUP : nfs.ACCESS3_EXECUTE
  const enter = (await may(constants.X_OK)) ? entering : 0
  const changing = nfs.ACCESS3_MODIFY | nfs.ACCESS3_EXTEND | (stats.isDirectory() ? nfs.ACCESS3_DELETE : 0)
  const change = writable && (await may(constants.W_OK)) ? changing : 0
  return read | enter | change
}
