// How a procedure fails: with a status of NFS (RFC 1813, section 2.6). What the system says (ENOENT, EACCES, ...) has a
// status each; anything else is a mistake of ours, and not caught here, so that the caller gets SYSTEM_ERR and `onFault` the
// error.

import { nfsstat3 } from '../nfs.js'

export type Failure = Exclude<nfsstat3, typeof nfsstat3.NFS3_OK>

/** Ends a procedure with a status. */
export class NfsError extends Error {
  override readonly name = 'NfsError'
  readonly status: Failure

  constructor(status: Failure, detail: string) {
    super(`${status}: ${detail}`)
    this.status = status
  }
}

const statuses: Readonly<Record<string, Failure>> = {
  EACCES: nfsstat3.NFS3ERR_ACCES,
  EBUSY: nfsstat3.NFS3ERR_ACCES,
  EDQUOT: nfsstat3.NFS3ERR_DQUOT,
  EEXIST: nfsstat3.NFS3ERR_EXIST,
  EFBIG: nfsstat3.NFS3ERR_FBIG,
  EINVAL: nfsstat3.NFS3ERR_INVAL,
  EIO: nfsstat3.NFS3ERR_IO,
  EISDIR: nfsstat3.NFS3ERR_ISDIR,
  ELOOP: nfsstat3.NFS3ERR_INVAL,
  EMFILE: nfsstat3.NFS3ERR_JUKEBOX,
  EMLINK: nfsstat3.NFS3ERR_MLINK,
  ENAMETOOLONG: nfsstat3.NFS3ERR_NAMETOOLONG,
  ENFILE: nfsstat3.NFS3ERR_JUKEBOX,
  ENOENT: nfsstat3.NFS3ERR_NOENT,
  ENOSPC: nfsstat3.NFS3ERR_NOSPC,
  ENOTDIR: nfsstat3.NFS3ERR_NOTDIR,
  ENOTEMPTY: nfsstat3.NFS3ERR_NOTEMPTY,
  ENXIO: nfsstat3.NFS3ERR_NXIO,
  EPERM: nfsstat3.NFS3ERR_PERM,
  EROFS: nfsstat3.NFS3ERR_ROFS,
  EXDEV: nfsstat3.NFS3ERR_XDEV,
}

/** The status that an error means; undefined when it is none of NFS or of the system. */
export function statusOf(error: unknown): Failure | undefined {
  if (error instanceof NfsError) return error.status
  if (!(error instanceof Error && 'code' in error && 'errno' in error)) return undefined
  return statuses[String(error.code)] ?? nfsstat3.NFS3ERR_SERVERFAULT
}

type Attempt<R, F> =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: R }
  | { readonly status: Failure; readonly resfail: F }

/** The result of a procedure: what the body gives, or the status with which it failed and `resfail`. */
export async function attempt<R, F>(resfail: F, body: () => Promise<R>): Promise<Attempt<R, F>> {
  try {
    return { status: nfsstat3.NFS3_OK, resok: await body() }
  } catch (error) {
    const status = statusOf(error)
    if (status === undefined) throw error
    return { status, resfail }
  }
}
