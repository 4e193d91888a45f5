// Procedures that change one file: SETATTR, WRITE, COMMIT (RFC 1813, 3.3.2, 3.3.7, 3.3.21).

import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type NFS_V3_server, NFS3_WRITEVERFSIZE, nfsstat3, stable_how } from '../nfs.js'
import { attributesOf } from './attributes.js'
import { changesOf, offsetOf, setAttributes } from './change.js'
import { attempt, NfsError } from './failure.js'
import type { ExportedFiles } from './files.js'

type Writing = Pick<NFS_V3_server, 'NFSPROC3_SETATTR' | 'NFSPROC3_WRITE' | 'NFSPROC3_COMMIT'>

const resfail = { wcc: {} }

export function writing(files: ExportedFiles): Writing {
  // Another one tells clients that the server began anew, and that writes which were not committed may be lost.
  const verf = randomBytes(NFS3_WRITEVERFSIZE)
  return {
    NFSPROC3_SETATTR: ({ object, new_attributes, guard }) =>
      attempt(resfail, async () => {
        const found = await files.find(object)
        const { ctime } = attributesOf(found.stats)
        if (guard && (guard.seconds !== ctime.seconds || guard.nseconds !== ctime.nseconds))
          throw new NfsError(nfsstat3.NFS3ERR_NOT_SYNC, 'it has changed since')
        await setAttributes(files, found, new_attributes)
        return { wcc: await changesOf(files, found) }
      }),

    NFSPROC3_WRITE: ({ file, offset, count, stable, data }) =>
      attempt(resfail, async () => {
        if (data.length !== count) throw new NfsError(nfsstat3.NFS3ERR_INVAL, 'count is not that of the data')
        const found = await files.find(file)
        await using opened = await files.open(found, constants.O_WRONLY)
        const { bytesWritten } = await opened.write(data, 0, count, offsetOf(offset, count))
        if (stable === stable_how.DATA_SYNC) await opened.datasync()
        if (stable === stable_how.FILE_SYNC) await opened.sync()
        return { file_wcc: await changesOf(files, found), count: bytesWritten, committed: stable, verf }
      }),

    NFSPROC3_COMMIT: ({ file }) =>
      attempt(resfail, async () => {
        const found = await files.find(file)
        await using opened = await files.open(found, constants.O_RDONLY)
        await opened.sync() // of the whole file, whatever range was asked for
        return { file_wcc: await changesOf(files, found), verf }
      }),
  }
}
