// FSSTAT, FSINFO, PATHCONF (RFC 1813, 3.3.18 to 3.3.20): what the file system has, and what the server can.

import { statfs } from 'node:fs/promises'
import * as nfs from '../nfs.js'
import { attributesOf } from './attributes.js'
import { attempt } from './failure.js'
import type { ExportedFiles } from './files.js'
import { limits } from './limits.js'
import { folderOf } from './paths.js'

type Describing = Pick<nfs.NFS_V3_server, 'NFSPROC3_FSSTAT' | 'NFSPROC3_FSINFO' | 'NFSPROC3_PATHCONF'>

/** What JavaScript can count: offsets in files are numbers. */
const FILE_BYTES_MAX = BigInt(Number.MAX_SAFE_INTEGER)
const TRANSFER_MULTIPLE = 4096
const LINKS_MAX = 32_000

export function describing(files: ExportedFiles): Describing {
  return {
    NFSPROC3_FSSTAT: handle =>
      attempt({}, async () => {
        const { file, stats } = await files.find(handle)
        // It would follow a symbolic link, even out of the folder.
        const place = stats.isDirectory() ? file.path : folderOf(file.path)
        const { bsize, blocks, bfree, bavail, files: all, ffree } = await statfs(place, { bigint: true })
        return {
          ...{ obj_attributes: attributesOf(stats), tbytes: blocks * bsize },
          ...{ fbytes: bfree * bsize, abytes: bavail * bsize },
          ...{ tfiles: all, ffiles: ffree, afiles: ffree, invarsec: 0 },
        }
      }),

    NFSPROC3_FSINFO: handle =>
      attempt({}, async () => {
        const { stats } = await files.find(handle)
        const { transferBytesMax } = limits
        return {
          ...{ obj_attributes: attributesOf(stats), maxfilesize: FILE_BYTES_MAX },
          ...{ rtmax: transferBytesMax, rtpref: transferBytesMax, rtmult: TRANSFER_MULTIPLE },
          ...{ wtmax: transferBytesMax, wtpref: transferBytesMax, wtmult: TRANSFER_MULTIPLE },
          ...{ dtpref: limits.listingBytesMax, time_delta: { seconds: 0, nseconds: 1 } },
          properties: nfs.FSF3_LINK | nfs.FSF3_SYMLINK | nfs.FSF3_HOMOGENEOUS | nfs.FSF3_CANSETTIME,
        }
      }),

    NFSPROC3_PATHCONF: handle =>
      attempt({}, async () => {
        const { stats } = await files.find(handle)
        return {
          ...{ obj_attributes: attributesOf(stats), linkmax: LINKS_MAX, name_max: limits.nameBytesMax },
          ...{ no_trunc: true, chown_restricted: true, case_insensitive: false, case_preserving: true },
        }
      }),
  }
}
