// Made from mount.x by posthorn idl compile. Do not edit: change the source, and make it again.

import { type ClientOf, program, type ServerOf, type Xdr, xdr } from 'posthorn/rpc'

export const MNTPATHLEN = 1024
export const MNTNAMLEN = 255
export const FHSIZE3 = 64

export const mountstat3 = {
  MNT3_OK: 0,
  MNT3ERR_PERM: 1,
  MNT3ERR_NOENT: 2,
  MNT3ERR_IO: 5,
  MNT3ERR_ACCES: 13,
  MNT3ERR_NOTDIR: 20,
  MNT3ERR_INVAL: 22,
  MNT3ERR_NAMETOOLONG: 63,
  MNT3ERR_NOTSUPP: 10004,
  MNT3ERR_SERVERFAULT: 10006,
} as const
export type mountstat3 = (typeof mountstat3)[keyof typeof mountstat3]
export const xdr_mountstat3: Xdr<mountstat3> = xdr.enumeration(mountstat3)

export type fhandle3 = Uint8Array
export const xdr_fhandle3: Xdr<fhandle3> = xdr.varOpaque(FHSIZE3)

export type dirpath = Uint8Array
export const xdr_dirpath: Xdr<dirpath> = xdr.varOpaque(MNTPATHLEN)

export type name = Uint8Array
export const xdr_name: Xdr<name> = xdr.varOpaque(MNTNAMLEN)

export interface mountres3_ok {
  readonly fhandle: fhandle3
  /** Flavors of credentials that the folder is given to, the best first. */
  readonly auth_flavors: readonly number[]
}
export const xdr_mountres3_ok: Xdr<mountres3_ok> = xdr.struct({
  fhandle: xdr_fhandle3,
  auth_flavors: xdr.varArray(xdr.int),
})

export type mountres3 =
  | { readonly fhs_status: typeof mountstat3.MNT3_OK; readonly mountinfo: mountres3_ok }
  | { readonly fhs_status: Exclude<mountstat3, typeof mountstat3.MNT3_OK> }
export const xdr_mountres3: Xdr<mountres3> = xdr.union('fhs_status', xdr_mountstat3, [
  xdr.arm([mountstat3.MNT3_OK], 'mountinfo', xdr_mountres3_ok),
  xdr.otherwise(),
])

/**
 * Who has mounted what, as far as the server remembers.
 *
 * A node of a linked list; lists are arrays, so that 'ml_next' is not needed.
 */
export interface mountbody {
  readonly ml_hostname: name
  readonly ml_directory: dirpath
}
export const xdr_mountbody: Xdr<mountbody> = xdr.struct({
  ml_hostname: xdr_name,
  ml_directory: xdr_dirpath,
})

export type mountlist = readonly mountbody[]
export const xdr_mountlist: Xdr<mountlist> = xdr.list(xdr_mountbody)

/** A node of a linked list; lists are arrays, so that 'gr_next' is not needed. */
export interface groupnode {
  readonly gr_name: name
}
export const xdr_groupnode: Xdr<groupnode> = xdr.struct({
  gr_name: xdr_name,
})

export type groups = readonly groupnode[]
export const xdr_groups: Xdr<groups> = xdr.list(xdr_groupnode)

/**
 * A folder that is exported, and the machines that may mount it; none means all.
 *
 * A node of a linked list; lists are arrays, so that 'ex_next' is not needed.
 */
export interface exportnode {
  readonly ex_dir: dirpath
  readonly ex_groups: groups
}
export const xdr_exportnode: Xdr<exportnode> = xdr.struct({
  ex_dir: xdr_dirpath,
  ex_groups: xdr_groups,
})

export type exports_ = readonly exportnode[]
export const xdr_exports: Xdr<exports_> = xdr.list(xdr_exportnode)

/** MOUNT_PROGRAM, version 3. */
export const MOUNT_V3 = program({
  name: 'MOUNT_PROGRAM',
  program: 100005,
  version: 3,
  procedures: {
    MOUNTPROC3_NULL: { number: 0, argument: xdr.nothing, result: xdr.nothing },
    /** The file handle of a folder. */
    MOUNTPROC3_MNT: { number: 1, argument: xdr_dirpath, result: xdr_mountres3 },
    MOUNTPROC3_DUMP: { number: 2, argument: xdr.nothing, result: xdr_mountlist },
    /** Takes the caller's mount of a folder out of the list. */
    MOUNTPROC3_UMNT: { number: 3, argument: xdr_dirpath, result: xdr.nothing },
    /** Takes all mounts of the caller out of the list. */
    MOUNTPROC3_UMNTALL: { number: 4, argument: xdr.nothing, result: xdr.nothing },
    MOUNTPROC3_EXPORT: { number: 5, argument: xdr.nothing, result: xdr_exports },
  },
})
export type MOUNT_V3_client = ClientOf<typeof MOUNT_V3>
export type MOUNT_V3_server = ServerOf<typeof MOUNT_V3>
