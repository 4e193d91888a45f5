// The MOUNT program (RFC 1813, appendix I): how a client comes to its first handle. Who has mounted what is only
// remembered, for MOUNTPROC3_DUMP; nothing follows from it.

import type { OncCall, ServerOf } from 'posthorn/rpc'
import { type MOUNT_V3, mountstat3 } from '../mount.js'
import { statusOf } from './failure.js'
import { directory, type ExportedFiles } from './files.js'
import { limits } from './limits.js'
import { isWithin, namesOf } from './paths.js'

/** AUTH_SYS and AUTH_NONE: both are taken, and neither is looked at. */
const AUTH_FLAVORS = [1, 0]

interface Mount {
  readonly host: Buffer
  readonly path: Buffer
}

/** Serves the folder under the name `exported`, a path such as `/export`. */
export function mounts(files: ExportedFiles, exported: string): ServerOf<typeof MOUNT_V3, OncCall> {
  const name = Buffer.from(exported)
  let mounted: readonly Mount[] = []
  const isOf = (one: Mount, { peer }: OncCall): boolean => one.host.equals(Buffer.from(peer.address))

  return {
    MOUNTPROC3_NULL: () => undefined,

    async MOUNTPROC3_MNT(dirpath, call) {
      const path = Buffer.from(dirpath)
      if (!isWithin(path, name)) return { fhs_status: mountstat3.MNT3ERR_ACCES }
      try {
        let found = await files.root()
        for (const step of namesOf(path.subarray(name.length))) found = await files.lookup(found, step)
        const { file } = directory(found)
        const others = mounted.filter(one => !(isOf(one, call) && one.path.equals(path)))
        mounted = [...others, { host: Buffer.from(call.peer.address), path }].slice(-limits.mountsMax)
        return {
          fhs_status: mountstat3.MNT3_OK,
          mountinfo: { fhandle: file.handle.data, auth_flavors: AUTH_FLAVORS },
        }
      } catch (error) {
        return { fhs_status: mountStatusOf(error) }
      }
    },

    MOUNTPROC3_DUMP: () => mounted.map(({ host, path }) => ({ ml_hostname: host, ml_directory: path })),

    MOUNTPROC3_UMNT(dirpath, call) {
      mounted = mounted.filter(one => !(isOf(one, call) && one.path.equals(dirpath)))
      return undefined
    },

    MOUNTPROC3_UMNTALL(_, call) {
      mounted = mounted.filter(one => !isOf(one, call))
      return undefined
    },

    MOUNTPROC3_EXPORT: () => [{ ex_dir: name, ex_groups: [] }],
  }
}

/** The statuses of MOUNT are some of those of NFS, with the same numbers. */
function mountStatusOf(error: unknown): Exclude<mountstat3, typeof mountstat3.MNT3_OK> {
  const status = statusOf(error)
  if (status === undefined) throw error
  const known = Object.values(mountstat3).find(one => one === status)
  return known === undefined || known === mountstat3.MNT3_OK ? mountstat3.MNT3ERR_SERVERFAULT : known
}
