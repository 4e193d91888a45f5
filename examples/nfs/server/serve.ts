// An NFS server: both programs, at one port. NFS version 3 and MOUNT version 3 over TCP.

import { type OncServeOptions, type OncServer, serveOnc, service } from 'posthorn/rpc'
import { MOUNT_V3 } from '../mount.js'
import { NFS_V3 } from '../nfs.js'
import { changing } from './changing.js'
import { describing } from './describing.js'
import { ExportedFiles } from './files.js'
import { limits } from './limits.js'
import { listing } from './listing.js'
import { looking } from './looking.js'
import { mounts } from './mounts.js'
import { refusing } from './refusing.js'

export interface ServeFolderOptions {
  /** Where to listen. Default `tcp://127.0.0.1:*`: whoever reaches the port can read the folder. */
  readonly address?: string
  /** The path by which clients mount the folder: `/`, or names with a slash before each. Default `/export`. */
  readonly exported?: string
  /** Whether clients may change what is in the folder. Default false. */
  readonly writable?: boolean
  /** A procedure threw what is no answer of NFS, or a connection broke. */
  readonly onFault?: OncServeOptions['onFault']
}

/** Serves a folder. Errors: as `serveOnc`; TypeError; the system's, when there is no such folder. */
export async function serveFolder(folder: string, options: ServeFolderOptions = {}): Promise<OncServer> {
  const { address = 'tcp://127.0.0.1:*', exported = '/export', writable = false, onFault } = options
  if (!/^(\/|(\/[^/\0]+)+)$/.test(exported)) throw new TypeError(`${exported} is no path to export as`)
  const files = await ExportedFiles.open(folder)
  const nfs = service(NFS_V3, {
    NFSPROC3_NULL: () => undefined,
    ...looking(files, writable),
    ...listing(files),
    ...describing(files),
    ...(writable ? changing(files) : refusing()),
  })
  const { callBytesMax: recordBytesMax, runningMax, connectionsMax } = limits
  return serveOnc(address, [nfs, service(MOUNT_V3, mounts(files, exported))], {
    ...{ recordBytesMax, runningMax, connectionsMax },
    ...(onFault && { onFault }),
  })
}
