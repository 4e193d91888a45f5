// Made from nfs.x by posthorn idl compile. Do not edit: change the source, and make it again.

import { type ClientOf, program, type ServerOf, type Xdr, xdr } from 'posthorn/rpc'

export const NFS3_FHSIZE = 64
export const NFS3_COOKIEVERFSIZE = 8
export const NFS3_CREATEVERFSIZE = 8
export const NFS3_WRITEVERFSIZE = 8
export const ACCESS3_READ = 1
export const ACCESS3_LOOKUP = 2
export const ACCESS3_MODIFY = 4
export const ACCESS3_EXTEND = 8
export const ACCESS3_DELETE = 16
export const ACCESS3_EXECUTE = 32
export const FSF3_LINK = 1
export const FSF3_SYMLINK = 2
export const FSF3_HOMOGENEOUS = 8
export const FSF3_CANSETTIME = 16

/** 2.6: what went wrong. */
export const nfsstat3 = {
  NFS3_OK: 0,
  NFS3ERR_PERM: 1,
  NFS3ERR_NOENT: 2,
  NFS3ERR_IO: 5,
  NFS3ERR_NXIO: 6,
  NFS3ERR_ACCES: 13,
  NFS3ERR_EXIST: 17,
  NFS3ERR_XDEV: 18,
  NFS3ERR_NODEV: 19,
  NFS3ERR_NOTDIR: 20,
  NFS3ERR_ISDIR: 21,
  NFS3ERR_INVAL: 22,
  NFS3ERR_FBIG: 27,
  NFS3ERR_NOSPC: 28,
  NFS3ERR_ROFS: 30,
  NFS3ERR_MLINK: 31,
  NFS3ERR_NAMETOOLONG: 63,
  NFS3ERR_NOTEMPTY: 66,
  NFS3ERR_DQUOT: 69,
  /** The file of this handle is gone. */
  NFS3ERR_STALE: 70,
  NFS3ERR_REMOTE: 71,
  /** Not a handle of this server. */
  NFS3ERR_BADHANDLE: 10001,
  NFS3ERR_NOT_SYNC: 10002,
  NFS3ERR_BAD_COOKIE: 10003,
  NFS3ERR_NOTSUPP: 10004,
  /** Not one entry fits into the answer that was asked for. */
  NFS3ERR_TOOSMALL: 10005,
  NFS3ERR_SERVERFAULT: 10006,
  NFS3ERR_BADTYPE: 10007,
  /** Ask again later. */
  NFS3ERR_JUKEBOX: 10008,
} as const
export type nfsstat3 = (typeof nfsstat3)[keyof typeof nfsstat3]
export const xdr_nfsstat3: Xdr<nfsstat3> = xdr.enumeration(nfsstat3)

export const ftype3 = {
  NF3REG: 1,
  NF3DIR: 2,
  NF3BLK: 3,
  NF3CHR: 4,
  NF3LNK: 5,
  NF3SOCK: 6,
  NF3FIFO: 7,
} as const
export type ftype3 = (typeof ftype3)[keyof typeof ftype3]
export const xdr_ftype3: Xdr<ftype3> = xdr.enumeration(ftype3)

export const time_how = {
  DONT_CHANGE: 0,
  SET_TO_SERVER_TIME: 1,
  SET_TO_CLIENT_TIME: 2,
} as const
export type time_how = (typeof time_how)[keyof typeof time_how]
export const xdr_time_how: Xdr<time_how> = xdr.enumeration(time_how)

export const stable_how = {
  UNSTABLE: 0,
  DATA_SYNC: 1,
  FILE_SYNC: 2,
} as const
export type stable_how = (typeof stable_how)[keyof typeof stable_how]
export const xdr_stable_how: Xdr<stable_how> = xdr.enumeration(stable_how)

export const createmode3 = {
  UNCHECKED: 0,
  GUARDED: 1,
  EXCLUSIVE: 2,
} as const
export type createmode3 = (typeof createmode3)[keyof typeof createmode3]
export const xdr_createmode3: Xdr<createmode3> = xdr.enumeration(createmode3)

export type uint64 = bigint
export const xdr_uint64: Xdr<uint64> = xdr.uhyper

export type uint32 = number
export const xdr_uint32: Xdr<uint32> = xdr.uint

export type filename3 = Uint8Array
export const xdr_filename3: Xdr<filename3> = xdr.varOpaque()

export type nfspath3 = Uint8Array
export const xdr_nfspath3: Xdr<nfspath3> = xdr.varOpaque()

/** Says that a directory is still the one that a cookie was given for. */
export type cookieverf3 = Uint8Array
export const xdr_cookieverf3: Xdr<cookieverf3> = xdr.opaque(NFS3_COOKIEVERFSIZE)

export type createverf3 = Uint8Array
export const xdr_createverf3: Xdr<createverf3> = xdr.opaque(NFS3_CREATEVERFSIZE)

/** Changes when the server may have lost writes that were not committed. */
export type writeverf3 = Uint8Array
export const xdr_writeverf3: Xdr<writeverf3> = xdr.opaque(NFS3_WRITEVERFSIZE)

/** A file, as the server calls it: nobody else looks into it. */
export interface nfs_fh3 {
  readonly data: Uint8Array
}
export const xdr_nfs_fh3: Xdr<nfs_fh3> = xdr.struct({
  data: xdr.varOpaque(NFS3_FHSIZE),
})

export interface nfstime3 {
  readonly seconds: uint32
  readonly nseconds: uint32
}
export const xdr_nfstime3: Xdr<nfstime3> = xdr.struct({
  seconds: xdr_uint32,
  nseconds: xdr_uint32,
})

export interface specdata3 {
  readonly specdata1: uint32
  readonly specdata2: uint32
}
export const xdr_specdata3: Xdr<specdata3> = xdr.struct({
  specdata1: xdr_uint32,
  specdata2: xdr_uint32,
})

/** What a file is. */
export interface fattr3 {
  readonly type: ftype3
  /** The permission bits. */
  readonly mode: uint32
  readonly nlink: uint32
  readonly uid: uint32
  readonly gid: uint32
  readonly size: uint64
  /** Bytes of the disk that it takes. */
  readonly used: uint64
  readonly rdev: specdata3
  readonly fsid: uint64
  readonly fileid: uint64
  readonly atime: nfstime3
  readonly mtime: nfstime3
  readonly ctime: nfstime3
}
export const xdr_fattr3: Xdr<fattr3> = xdr.struct({
  type: xdr_ftype3,
  mode: xdr_uint32,
  nlink: xdr_uint32,
  uid: xdr_uint32,
  gid: xdr_uint32,
  size: xdr_uint64,
  used: xdr_uint64,
  rdev: xdr_specdata3,
  fsid: xdr_uint64,
  fileid: xdr_uint64,
  atime: xdr_nfstime3,
  mtime: xdr_nfstime3,
  ctime: xdr_nfstime3,
})

export type post_op_attr = fattr3 | undefined
export const xdr_post_op_attr: Xdr<post_op_attr> = xdr.optional(xdr_fattr3)

export type post_op_fh3 = nfs_fh3 | undefined
export const xdr_post_op_fh3: Xdr<post_op_fh3> = xdr.optional(xdr_nfs_fh3)

/** Enough of a file before a change to see whether somebody else changed it too. */
export interface wcc_attr {
  readonly size: uint64
  readonly mtime: nfstime3
  readonly ctime: nfstime3
}
export const xdr_wcc_attr: Xdr<wcc_attr> = xdr.struct({
  size: xdr_uint64,
  mtime: xdr_nfstime3,
  ctime: xdr_nfstime3,
})

export interface wcc_data {
  readonly before?: wcc_attr | undefined
  readonly after?: post_op_attr | undefined
}
export const xdr_wcc_data: Xdr<wcc_data> = xdr.struct({
  before: xdr.optional(xdr_wcc_attr),
  after: xdr_post_op_attr,
})

export type set_time =
  | { readonly set_it: typeof time_how.SET_TO_CLIENT_TIME; readonly time: nfstime3 }
  | { readonly set_it: Exclude<time_how, typeof time_how.SET_TO_CLIENT_TIME> }
export const xdr_set_time: Xdr<set_time> = xdr.union('set_it', xdr_time_how, [
  xdr.arm([time_how.SET_TO_CLIENT_TIME], 'time', xdr_nfstime3),
  xdr.otherwise(),
])

/** What to change of a file; what is absent stays. */
export interface sattr3 {
  readonly mode?: uint32 | undefined
  readonly uid?: uint32 | undefined
  readonly gid?: uint32 | undefined
  readonly size?: uint64 | undefined
  readonly atime: set_time
  readonly mtime: set_time
}
export const xdr_sattr3: Xdr<sattr3> = xdr.struct({
  mode: xdr.optional(xdr_uint32),
  uid: xdr.optional(xdr_uint32),
  gid: xdr.optional(xdr_uint32),
  size: xdr.optional(xdr_uint64),
  atime: xdr_set_time,
  mtime: xdr_set_time,
})

/** A name in a directory. */
export interface diropargs3 {
  readonly dir: nfs_fh3
  readonly name: filename3
}
export const xdr_diropargs3: Xdr<diropargs3> = xdr.struct({
  dir: xdr_nfs_fh3,
  name: xdr_filename3,
})

/** What a change of one file, or of one directory, says when it worked and when it did not. */
export interface changed {
  readonly wcc: wcc_data
}
export const xdr_changed: Xdr<changed> = xdr.struct({
  wcc: xdr_wcc_data,
})

export type change3res =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: changed }
  | { readonly status: Exclude<nfsstat3, typeof nfsstat3.NFS3_OK>; readonly resfail: changed }
export const xdr_change3res: Xdr<change3res> = xdr.union('status', xdr_nfsstat3, [
  xdr.arm([nfsstat3.NFS3_OK], 'resok', xdr_changed),
  xdr.otherwise('resfail', xdr_changed),
])

export interface GETATTR3resok {
  readonly obj_attributes: fattr3
}
export const xdr_GETATTR3resok: Xdr<GETATTR3resok> = xdr.struct({
  obj_attributes: xdr_fattr3,
})

export type GETATTR3res =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: GETATTR3resok }
  | { readonly status: Exclude<nfsstat3, typeof nfsstat3.NFS3_OK> }
export const xdr_GETATTR3res: Xdr<GETATTR3res> = xdr.union('status', xdr_nfsstat3, [
  xdr.arm([nfsstat3.NFS3_OK], 'resok', xdr_GETATTR3resok),
  xdr.otherwise(),
])

export interface SETATTR3args {
  readonly object: nfs_fh3
  readonly new_attributes: sattr3
  /** Only if this is still the file's ctime. */
  readonly guard?: nfstime3 | undefined
}
export const xdr_SETATTR3args: Xdr<SETATTR3args> = xdr.struct({
  object: xdr_nfs_fh3,
  new_attributes: xdr_sattr3,
  guard: xdr.optional(xdr_nfstime3),
})

export interface LOOKUP3resok {
  readonly object: nfs_fh3
  readonly obj_attributes?: post_op_attr | undefined
  readonly dir_attributes?: post_op_attr | undefined
}
export const xdr_LOOKUP3resok: Xdr<LOOKUP3resok> = xdr.struct({
  object: xdr_nfs_fh3,
  obj_attributes: xdr_post_op_attr,
  dir_attributes: xdr_post_op_attr,
})

export interface LOOKUP3resfail {
  readonly dir_attributes?: post_op_attr | undefined
}
export const xdr_LOOKUP3resfail: Xdr<LOOKUP3resfail> = xdr.struct({
  dir_attributes: xdr_post_op_attr,
})

export type LOOKUP3res =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: LOOKUP3resok }
  | { readonly status: Exclude<nfsstat3, typeof nfsstat3.NFS3_OK>; readonly resfail: LOOKUP3resfail }
export const xdr_LOOKUP3res: Xdr<LOOKUP3res> = xdr.union('status', xdr_nfsstat3, [
  xdr.arm([nfsstat3.NFS3_OK], 'resok', xdr_LOOKUP3resok),
  xdr.otherwise('resfail', xdr_LOOKUP3resfail),
])

export interface ACCESS3args {
  readonly object: nfs_fh3
  readonly access: uint32
}
export const xdr_ACCESS3args: Xdr<ACCESS3args> = xdr.struct({
  object: xdr_nfs_fh3,
  access: xdr_uint32,
})

export interface ACCESS3resok {
  readonly obj_attributes?: post_op_attr | undefined
  readonly access: uint32
}
export const xdr_ACCESS3resok: Xdr<ACCESS3resok> = xdr.struct({
  obj_attributes: xdr_post_op_attr,
  access: xdr_uint32,
})

/** A failure of what has to do with one object. */
export interface object_fail {
  readonly obj_attributes?: post_op_attr | undefined
}
export const xdr_object_fail: Xdr<object_fail> = xdr.struct({
  obj_attributes: xdr_post_op_attr,
})

export type ACCESS3res =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: ACCESS3resok }
  | { readonly status: Exclude<nfsstat3, typeof nfsstat3.NFS3_OK>; readonly resfail: object_fail }
export const xdr_ACCESS3res: Xdr<ACCESS3res> = xdr.union('status', xdr_nfsstat3, [
  xdr.arm([nfsstat3.NFS3_OK], 'resok', xdr_ACCESS3resok),
  xdr.otherwise('resfail', xdr_object_fail),
])

export interface READLINK3resok {
  readonly symlink_attributes?: post_op_attr | undefined
  readonly data: nfspath3
}
export const xdr_READLINK3resok: Xdr<READLINK3resok> = xdr.struct({
  symlink_attributes: xdr_post_op_attr,
  data: xdr_nfspath3,
})

export type READLINK3res =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: READLINK3resok }
  | { readonly status: Exclude<nfsstat3, typeof nfsstat3.NFS3_OK>; readonly resfail: object_fail }
export const xdr_READLINK3res: Xdr<READLINK3res> = xdr.union('status', xdr_nfsstat3, [
  xdr.arm([nfsstat3.NFS3_OK], 'resok', xdr_READLINK3resok),
  xdr.otherwise('resfail', xdr_object_fail),
])

export interface READ3args {
  readonly file: nfs_fh3
  readonly offset: uint64
  readonly count: uint32
}
export const xdr_READ3args: Xdr<READ3args> = xdr.struct({
  file: xdr_nfs_fh3,
  offset: xdr_uint64,
  count: xdr_uint32,
})

export interface READ3resok {
  readonly file_attributes?: post_op_attr | undefined
  readonly count: uint32
  readonly eof: boolean
  readonly data: Uint8Array
}
export const xdr_READ3resok: Xdr<READ3resok> = xdr.struct({
  file_attributes: xdr_post_op_attr,
  count: xdr_uint32,
  eof: xdr.bool,
  data: xdr.varOpaque(),
})

export type READ3res =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: READ3resok }
  | { readonly status: Exclude<nfsstat3, typeof nfsstat3.NFS3_OK>; readonly resfail: object_fail }
export const xdr_READ3res: Xdr<READ3res> = xdr.union('status', xdr_nfsstat3, [
  xdr.arm([nfsstat3.NFS3_OK], 'resok', xdr_READ3resok),
  xdr.otherwise('resfail', xdr_object_fail),
])

export interface WRITE3args {
  readonly file: nfs_fh3
  readonly offset: uint64
  readonly count: uint32
  readonly stable: stable_how
  readonly data: Uint8Array
}
export const xdr_WRITE3args: Xdr<WRITE3args> = xdr.struct({
  file: xdr_nfs_fh3,
  offset: xdr_uint64,
  count: xdr_uint32,
  stable: xdr_stable_how,
  data: xdr.varOpaque(),
})

export interface WRITE3resok {
  readonly file_wcc: wcc_data
  readonly count: uint32
  readonly committed: stable_how
  readonly verf: writeverf3
}
export const xdr_WRITE3resok: Xdr<WRITE3resok> = xdr.struct({
  file_wcc: xdr_wcc_data,
  count: xdr_uint32,
  committed: xdr_stable_how,
  verf: xdr_writeverf3,
})

export type WRITE3res =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: WRITE3resok }
  | { readonly status: Exclude<nfsstat3, typeof nfsstat3.NFS3_OK>; readonly resfail: changed }
export const xdr_WRITE3res: Xdr<WRITE3res> = xdr.union('status', xdr_nfsstat3, [
  xdr.arm([nfsstat3.NFS3_OK], 'resok', xdr_WRITE3resok),
  xdr.otherwise('resfail', xdr_changed),
])

export type createhow3 =
  | {
      readonly mode: typeof createmode3.UNCHECKED | typeof createmode3.GUARDED
      readonly obj_attributes: sattr3
    }
  | { readonly mode: typeof createmode3.EXCLUSIVE; readonly verf: createverf3 }
export const xdr_createhow3: Xdr<createhow3> = xdr.union('mode', xdr_createmode3, [
  xdr.arm([createmode3.UNCHECKED, createmode3.GUARDED], 'obj_attributes', xdr_sattr3),
  xdr.arm([createmode3.EXCLUSIVE], 'verf', xdr_createverf3),
])

export interface CREATE3args {
  readonly where: diropargs3
  readonly how: createhow3
}
export const xdr_CREATE3args: Xdr<CREATE3args> = xdr.struct({
  where: xdr_diropargs3,
  how: xdr_createhow3,
})

export interface MKDIR3args {
  readonly where: diropargs3
  readonly attributes: sattr3
}
export const xdr_MKDIR3args: Xdr<MKDIR3args> = xdr.struct({
  where: xdr_diropargs3,
  attributes: xdr_sattr3,
})

export interface symlinkdata3 {
  readonly symlink_attributes: sattr3
  readonly symlink_data: nfspath3
}
export const xdr_symlinkdata3: Xdr<symlinkdata3> = xdr.struct({
  symlink_attributes: xdr_sattr3,
  symlink_data: xdr_nfspath3,
})

export interface SYMLINK3args {
  readonly where: diropargs3
  readonly symlink: symlinkdata3
}
export const xdr_SYMLINK3args: Xdr<SYMLINK3args> = xdr.struct({
  where: xdr_diropargs3,
  symlink: xdr_symlinkdata3,
})

export interface devicedata3 {
  readonly dev_attributes: sattr3
  readonly spec: specdata3
}
export const xdr_devicedata3: Xdr<devicedata3> = xdr.struct({
  dev_attributes: xdr_sattr3,
  spec: xdr_specdata3,
})

export type mknoddata3 =
  | { readonly type: typeof ftype3.NF3CHR | typeof ftype3.NF3BLK; readonly device: devicedata3 }
  | { readonly type: typeof ftype3.NF3SOCK | typeof ftype3.NF3FIFO; readonly pipe_attributes: sattr3 }
  | {
      readonly type: Exclude<
        ftype3,
        typeof ftype3.NF3CHR | typeof ftype3.NF3BLK | typeof ftype3.NF3SOCK | typeof ftype3.NF3FIFO
      >
    }
export const xdr_mknoddata3: Xdr<mknoddata3> = xdr.union('type', xdr_ftype3, [
  xdr.arm([ftype3.NF3CHR, ftype3.NF3BLK], 'device', xdr_devicedata3),
  xdr.arm([ftype3.NF3SOCK, ftype3.NF3FIFO], 'pipe_attributes', xdr_sattr3),
  xdr.otherwise(),
])

export interface MKNOD3args {
  readonly where: diropargs3
  readonly what: mknoddata3
}
export const xdr_MKNOD3args: Xdr<MKNOD3args> = xdr.struct({
  where: xdr_diropargs3,
  what: xdr_mknoddata3,
})

export interface created {
  readonly obj?: post_op_fh3 | undefined
  readonly obj_attributes?: post_op_attr | undefined
  readonly dir_wcc: wcc_data
}
export const xdr_created: Xdr<created> = xdr.struct({
  obj: xdr_post_op_fh3,
  obj_attributes: xdr_post_op_attr,
  dir_wcc: xdr_wcc_data,
})

export type create3res =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: created }
  | { readonly status: Exclude<nfsstat3, typeof nfsstat3.NFS3_OK>; readonly resfail: changed }
export const xdr_create3res: Xdr<create3res> = xdr.union('status', xdr_nfsstat3, [
  xdr.arm([nfsstat3.NFS3_OK], 'resok', xdr_created),
  xdr.otherwise('resfail', xdr_changed),
])

export interface RENAME3args {
  readonly from: diropargs3
  readonly to: diropargs3
}
export const xdr_RENAME3args: Xdr<RENAME3args> = xdr.struct({
  from: xdr_diropargs3,
  to: xdr_diropargs3,
})

export interface renamed {
  readonly fromdir_wcc: wcc_data
  readonly todir_wcc: wcc_data
}
export const xdr_renamed: Xdr<renamed> = xdr.struct({
  fromdir_wcc: xdr_wcc_data,
  todir_wcc: xdr_wcc_data,
})

export type RENAME3res =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: renamed }
  | { readonly status: Exclude<nfsstat3, typeof nfsstat3.NFS3_OK>; readonly resfail: renamed }
export const xdr_RENAME3res: Xdr<RENAME3res> = xdr.union('status', xdr_nfsstat3, [
  xdr.arm([nfsstat3.NFS3_OK], 'resok', xdr_renamed),
  xdr.otherwise('resfail', xdr_renamed),
])

export interface LINK3args {
  readonly file: nfs_fh3
  readonly link: diropargs3
}
export const xdr_LINK3args: Xdr<LINK3args> = xdr.struct({
  file: xdr_nfs_fh3,
  link: xdr_diropargs3,
})

export interface linked {
  readonly file_attributes?: post_op_attr | undefined
  readonly linkdir_wcc: wcc_data
}
export const xdr_linked: Xdr<linked> = xdr.struct({
  file_attributes: xdr_post_op_attr,
  linkdir_wcc: xdr_wcc_data,
})

export type LINK3res =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: linked }
  | { readonly status: Exclude<nfsstat3, typeof nfsstat3.NFS3_OK>; readonly resfail: linked }
export const xdr_LINK3res: Xdr<LINK3res> = xdr.union('status', xdr_nfsstat3, [
  xdr.arm([nfsstat3.NFS3_OK], 'resok', xdr_linked),
  xdr.otherwise('resfail', xdr_linked),
])

export interface READDIR3args {
  readonly dir: nfs_fh3
  /** Of the entry after which to go on; 0 begins. */
  readonly cookie: uint64
  readonly cookieverf: cookieverf3
  /** Bytes that the answer may have, from dir_attributes on. */
  readonly count: uint32
}
export const xdr_READDIR3args: Xdr<READDIR3args> = xdr.struct({
  dir: xdr_nfs_fh3,
  cookie: xdr_uint64,
  cookieverf: xdr_cookieverf3,
  count: xdr_uint32,
})

/** A node of a linked list; lists are arrays, so that 'nextentry' is not needed. */
export interface entry3 {
  readonly fileid: uint64
  readonly name: filename3
  readonly cookie: uint64
}
export const xdr_entry3: Xdr<entry3> = xdr.struct({
  fileid: xdr_uint64,
  name: xdr_filename3,
  cookie: xdr_uint64,
})

export interface dirlist3 {
  readonly entries: readonly entry3[]
  readonly eof: boolean
}
export const xdr_dirlist3: Xdr<dirlist3> = xdr.struct({
  entries: xdr.list(xdr_entry3),
  eof: xdr.bool,
})

export interface READDIR3resok {
  readonly dir_attributes?: post_op_attr | undefined
  readonly cookieverf: cookieverf3
  readonly reply: dirlist3
}
export const xdr_READDIR3resok: Xdr<READDIR3resok> = xdr.struct({
  dir_attributes: xdr_post_op_attr,
  cookieverf: xdr_cookieverf3,
  reply: xdr_dirlist3,
})

export type READDIR3res =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: READDIR3resok }
  | { readonly status: Exclude<nfsstat3, typeof nfsstat3.NFS3_OK>; readonly resfail: object_fail }
export const xdr_READDIR3res: Xdr<READDIR3res> = xdr.union('status', xdr_nfsstat3, [
  xdr.arm([nfsstat3.NFS3_OK], 'resok', xdr_READDIR3resok),
  xdr.otherwise('resfail', xdr_object_fail),
])

export interface READDIRPLUS3args {
  readonly dir: nfs_fh3
  readonly cookie: uint64
  readonly cookieverf: cookieverf3
  /** Bytes of fileids, names and cookies. */
  readonly dircount: uint32
  /** Bytes that the answer may have, from dir_attributes on. */
  readonly maxcount: uint32
}
export const xdr_READDIRPLUS3args: Xdr<READDIRPLUS3args> = xdr.struct({
  dir: xdr_nfs_fh3,
  cookie: xdr_uint64,
  cookieverf: xdr_cookieverf3,
  dircount: xdr_uint32,
  maxcount: xdr_uint32,
})

/** A node of a linked list; lists are arrays, so that 'nextentry' is not needed. */
export interface entryplus3 {
  readonly fileid: uint64
  readonly name: filename3
  readonly cookie: uint64
  readonly name_attributes?: post_op_attr | undefined
  readonly name_handle?: post_op_fh3 | undefined
}
export const xdr_entryplus3: Xdr<entryplus3> = xdr.struct({
  fileid: xdr_uint64,
  name: xdr_filename3,
  cookie: xdr_uint64,
  name_attributes: xdr_post_op_attr,
  name_handle: xdr_post_op_fh3,
})

export interface dirlistplus3 {
  readonly entries: readonly entryplus3[]
  readonly eof: boolean
}
export const xdr_dirlistplus3: Xdr<dirlistplus3> = xdr.struct({
  entries: xdr.list(xdr_entryplus3),
  eof: xdr.bool,
})

export interface READDIRPLUS3resok {
  readonly dir_attributes?: post_op_attr | undefined
  readonly cookieverf: cookieverf3
  readonly reply: dirlistplus3
}
export const xdr_READDIRPLUS3resok: Xdr<READDIRPLUS3resok> = xdr.struct({
  dir_attributes: xdr_post_op_attr,
  cookieverf: xdr_cookieverf3,
  reply: xdr_dirlistplus3,
})

export type READDIRPLUS3res =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: READDIRPLUS3resok }
  | { readonly status: Exclude<nfsstat3, typeof nfsstat3.NFS3_OK>; readonly resfail: object_fail }
export const xdr_READDIRPLUS3res: Xdr<READDIRPLUS3res> = xdr.union('status', xdr_nfsstat3, [
  xdr.arm([nfsstat3.NFS3_OK], 'resok', xdr_READDIRPLUS3resok),
  xdr.otherwise('resfail', xdr_object_fail),
])

export interface FSSTAT3resok {
  readonly obj_attributes?: post_op_attr | undefined
  /** Bytes: in all, free, free for the caller. */
  readonly tbytes: uint64
  readonly fbytes: uint64
  readonly abytes: uint64
  /** Files, the same. */
  readonly tfiles: uint64
  readonly ffiles: uint64
  readonly afiles: uint64
  /** Seconds for which nothing of this will change. */
  readonly invarsec: uint32
}
export const xdr_FSSTAT3resok: Xdr<FSSTAT3resok> = xdr.struct({
  obj_attributes: xdr_post_op_attr,
  tbytes: xdr_uint64,
  fbytes: xdr_uint64,
  abytes: xdr_uint64,
  tfiles: xdr_uint64,
  ffiles: xdr_uint64,
  afiles: xdr_uint64,
  invarsec: xdr_uint32,
})

export type FSSTAT3res =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: FSSTAT3resok }
  | { readonly status: Exclude<nfsstat3, typeof nfsstat3.NFS3_OK>; readonly resfail: object_fail }
export const xdr_FSSTAT3res: Xdr<FSSTAT3res> = xdr.union('status', xdr_nfsstat3, [
  xdr.arm([nfsstat3.NFS3_OK], 'resok', xdr_FSSTAT3resok),
  xdr.otherwise('resfail', xdr_object_fail),
])

export interface FSINFO3resok {
  readonly obj_attributes?: post_op_attr | undefined
  /** Bytes of a READ, of a WRITE and of a READDIR: at most, best, and a divisor of the best. */
  readonly rtmax: uint32
  readonly rtpref: uint32
  readonly rtmult: uint32
  readonly wtmax: uint32
  readonly wtpref: uint32
  readonly wtmult: uint32
  readonly dtpref: uint32
  readonly maxfilesize: uint64
  readonly time_delta: nfstime3
  readonly properties: uint32
}
export const xdr_FSINFO3resok: Xdr<FSINFO3resok> = xdr.struct({
  obj_attributes: xdr_post_op_attr,
  rtmax: xdr_uint32,
  rtpref: xdr_uint32,
  rtmult: xdr_uint32,
  wtmax: xdr_uint32,
  wtpref: xdr_uint32,
  wtmult: xdr_uint32,
  dtpref: xdr_uint32,
  maxfilesize: xdr_uint64,
  time_delta: xdr_nfstime3,
  properties: xdr_uint32,
})

export type FSINFO3res =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: FSINFO3resok }
  | { readonly status: Exclude<nfsstat3, typeof nfsstat3.NFS3_OK>; readonly resfail: object_fail }
export const xdr_FSINFO3res: Xdr<FSINFO3res> = xdr.union('status', xdr_nfsstat3, [
  xdr.arm([nfsstat3.NFS3_OK], 'resok', xdr_FSINFO3resok),
  xdr.otherwise('resfail', xdr_object_fail),
])

export interface PATHCONF3resok {
  readonly obj_attributes?: post_op_attr | undefined
  readonly linkmax: uint32
  readonly name_max: uint32
  readonly no_trunc: boolean
  readonly chown_restricted: boolean
  readonly case_insensitive: boolean
  readonly case_preserving: boolean
}
export const xdr_PATHCONF3resok: Xdr<PATHCONF3resok> = xdr.struct({
  obj_attributes: xdr_post_op_attr,
  linkmax: xdr_uint32,
  name_max: xdr_uint32,
  no_trunc: xdr.bool,
  chown_restricted: xdr.bool,
  case_insensitive: xdr.bool,
  case_preserving: xdr.bool,
})

export type PATHCONF3res =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: PATHCONF3resok }
  | { readonly status: Exclude<nfsstat3, typeof nfsstat3.NFS3_OK>; readonly resfail: object_fail }
export const xdr_PATHCONF3res: Xdr<PATHCONF3res> = xdr.union('status', xdr_nfsstat3, [
  xdr.arm([nfsstat3.NFS3_OK], 'resok', xdr_PATHCONF3resok),
  xdr.otherwise('resfail', xdr_object_fail),
])

export interface COMMIT3args {
  readonly file: nfs_fh3
  readonly offset: uint64
  readonly count: uint32
}
export const xdr_COMMIT3args: Xdr<COMMIT3args> = xdr.struct({
  file: xdr_nfs_fh3,
  offset: xdr_uint64,
  count: xdr_uint32,
})

export interface COMMIT3resok {
  readonly file_wcc: wcc_data
  readonly verf: writeverf3
}
export const xdr_COMMIT3resok: Xdr<COMMIT3resok> = xdr.struct({
  file_wcc: xdr_wcc_data,
  verf: xdr_writeverf3,
})

export type COMMIT3res =
  | { readonly status: typeof nfsstat3.NFS3_OK; readonly resok: COMMIT3resok }
  | { readonly status: Exclude<nfsstat3, typeof nfsstat3.NFS3_OK>; readonly resfail: changed }
export const xdr_COMMIT3res: Xdr<COMMIT3res> = xdr.union('status', xdr_nfsstat3, [
  xdr.arm([nfsstat3.NFS3_OK], 'resok', xdr_COMMIT3resok),
  xdr.otherwise('resfail', xdr_changed),
])

/** NFS_PROGRAM, version 3. */
export const NFS_V3 = program({
  name: 'NFS_PROGRAM',
  program: 100003,
  version: 3,
  procedures: {
    NFSPROC3_NULL: { number: 0, argument: xdr.nothing, result: xdr.nothing },
    NFSPROC3_GETATTR: { number: 1, argument: xdr_nfs_fh3, result: xdr_GETATTR3res },
    NFSPROC3_SETATTR: { number: 2, argument: xdr_SETATTR3args, result: xdr_change3res },
    NFSPROC3_LOOKUP: { number: 3, argument: xdr_diropargs3, result: xdr_LOOKUP3res },
    NFSPROC3_ACCESS: { number: 4, argument: xdr_ACCESS3args, result: xdr_ACCESS3res },
    NFSPROC3_READLINK: { number: 5, argument: xdr_nfs_fh3, result: xdr_READLINK3res },
    NFSPROC3_READ: { number: 6, argument: xdr_READ3args, result: xdr_READ3res },
    NFSPROC3_WRITE: { number: 7, argument: xdr_WRITE3args, result: xdr_WRITE3res },
    NFSPROC3_CREATE: { number: 8, argument: xdr_CREATE3args, result: xdr_create3res },
    NFSPROC3_MKDIR: { number: 9, argument: xdr_MKDIR3args, result: xdr_create3res },
    NFSPROC3_SYMLINK: { number: 10, argument: xdr_SYMLINK3args, result: xdr_create3res },
    NFSPROC3_MKNOD: { number: 11, argument: xdr_MKNOD3args, result: xdr_create3res },
    NFSPROC3_REMOVE: { number: 12, argument: xdr_diropargs3, result: xdr_change3res },
    NFSPROC3_RMDIR: { number: 13, argument: xdr_diropargs3, result: xdr_change3res },
    NFSPROC3_RENAME: { number: 14, argument: xdr_RENAME3args, result: xdr_RENAME3res },
    NFSPROC3_LINK: { number: 15, argument: xdr_LINK3args, result: xdr_LINK3res },
    NFSPROC3_READDIR: { number: 16, argument: xdr_READDIR3args, result: xdr_READDIR3res },
    NFSPROC3_READDIRPLUS: { number: 17, argument: xdr_READDIRPLUS3args, result: xdr_READDIRPLUS3res },
    NFSPROC3_FSSTAT: { number: 18, argument: xdr_nfs_fh3, result: xdr_FSSTAT3res },
    NFSPROC3_FSINFO: { number: 19, argument: xdr_nfs_fh3, result: xdr_FSINFO3res },
    NFSPROC3_PATHCONF: { number: 20, argument: xdr_nfs_fh3, result: xdr_PATHCONF3res },
    NFSPROC3_COMMIT: { number: 21, argument: xdr_COMMIT3args, result: xdr_COMMIT3res },
  },
})
export type NFS_V3_client = ClientOf<typeof NFS_V3>
export type NFS_V3_server = ServerOf<typeof NFS_V3>
