// The procedures that change something, where they are not offered: of a folder that is served for reading, the
// file system is read-only.

import { type NFS_V3_server, nfsstat3 } from '../nfs.js'
import type { Failure } from './failure.js'

/** The procedures that change something. */
export type Changing = Pick<
  NFS_V3_server,
  | 'NFSPROC3_SETATTR'
  | 'NFSPROC3_WRITE'
  | 'NFSPROC3_CREATE'
  | 'NFSPROC3_MKDIR'
  | 'NFSPROC3_SYMLINK'
  | 'NFSPROC3_MKNOD'
  | 'NFSPROC3_REMOVE'
  | 'NFSPROC3_RMDIR'
  | 'NFSPROC3_RENAME'
  | 'NFSPROC3_LINK'
  | 'NFSPROC3_COMMIT'
>

/** All of them fail with the status. */
export function refusing(status: Failure = nfsstat3.NFS3ERR_ROFS): Changing {
  const change = () => ({ status, resfail: { wcc: {} } })
  return {
    NFSPROC3_SETATTR: change,
    NFSPROC3_WRITE: change,
    NFSPROC3_CREATE: change,
    NFSPROC3_MKDIR: change,
    NFSPROC3_SYMLINK: change,
    NFSPROC3_MKNOD: change,
    NFSPROC3_REMOVE: change,
    NFSPROC3_RMDIR: change,
    NFSPROC3_RENAME: () => ({ status, resfail: { fromdir_wcc: {}, todir_wcc: {} } }),
    NFSPROC3_LINK: () => ({ status, resfail: { linkdir_wcc: {} } }),
    NFSPROC3_COMMIT: change,
  }
}
