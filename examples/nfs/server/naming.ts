// Procedures that make names and take them away: CREATE, MKDIR, SYMLINK, REMOVE, RMDIR, RENAME, LINK (RFC 1813, 3.3.8 to
// 3.3.15). Each is on the disk before it is answered.

import { constants } from 'node:fs'
import { link, lstat, mkdir, open, rename, rmdir, symlink, unlink } from 'node:fs/promises'
import {
  type CREATE3args,
  type created,
  createmode3,
  type diropargs3,
  type NFS_V3_server,
  nfsstat3,
  type sattr3,
} from '../nfs.js'
import { attributesOf } from './attributes.js'
import { changesOf, flush, setAttributes } from './change.js'
import { attempt, NfsError, statusOf } from './failure.js'
import { directory, type ExportedFiles, type Found } from './files.js'
import { limits } from './limits.js'
import { checkName, isDots, within } from './paths.js'
import type { Changing } from './refusing.js'

type Naming = Omit<Changing, 'NFSPROC3_SETATTR' | 'NFSPROC3_WRITE' | 'NFSPROC3_COMMIT' | 'NFSPROC3_MKNOD'>

const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants
/** Until it gets the mode that the client wants. */
const NEW_MODE = 0o600
const NEW_DIRECTORY_MODE = 0o700
const resfail = { wcc: {} }

export function naming(files: ExportedFiles): Naming {
  return { ...making(files), ...removing(files), ...moving(files) }
}

function making(files: ExportedFiles) {
  return {
    NFSPROC3_CREATE: args => attempt(resfail, () => create(files, args)),

    NFSPROC3_MKDIR: ({ where, attributes }) =>
      attempt(resfail, () =>
        make(files, where, { ...attributes, size: undefined }, path =>
          mkdir(path, { mode: NEW_DIRECTORY_MODE }),
        ),
      ),

    NFSPROC3_SYMLINK: ({ where, symlink: { symlink_data } }) =>
      attempt(resfail, () => {
        if (symlink_data.length > limits.pathBytesMax)
          throw new NfsError(nfsstat3.NFS3ERR_NAMETOOLONG, `a target of ${symlink_data.length} bytes`)
        if (symlink_data.length === 0 || symlink_data.includes(0))
          throw new NfsError(nfsstat3.NFS3ERR_INVAL, 'a target that is none')
        return make(files, where, undefined, path => symlink(Buffer.from(symlink_data), path))
      }),
  } satisfies Partial<NFS_V3_server>
}

function removing(files: ExportedFiles) {
  const remove = (where: diropargs3, gone: (path: Buffer) => Promise<void>) =>
    attempt(resfail, async () => {
      const { folder, path } = await placeOf(files, where)
      await gone(path)
      await flush(files, folder)
      return { wcc: await changesOf(files, folder) }
    })
  return {
    NFSPROC3_REMOVE: where => remove(where, unlink),
    NFSPROC3_RMDIR: where => remove(where, path => rmdir(path)),
  } satisfies Partial<NFS_V3_server>
}

function moving(files: ExportedFiles) {
  return {
    NFSPROC3_RENAME: ({ from, to }) =>
      attempt({ fromdir_wcc: {}, todir_wcc: {} }, async () => {
        const [source, target] = [await placeOf(files, from), await placeOf(files, to)]
        await rename(source.path, target.path)
        files.moved(source.path, target.path)
        for (const { folder } of [source, target]) await flush(files, folder)
        return {
          fromdir_wcc: await changesOf(files, source.folder),
          todir_wcc: await changesOf(files, target.folder),
        }
      }),

    NFSPROC3_LINK: ({ file, link: where }) =>
      attempt({ linkdir_wcc: {} }, async () => {
        const linked = await files.find(file)
        const { folder, path } = await placeOf(files, where)
        await link(linked.file.path, path)
        await flush(files, folder)
        const { stats } = await files.find(file)
        return { file_attributes: attributesOf(stats), linkdir_wcc: await changesOf(files, folder) }
      }),
  } satisfies Partial<NFS_V3_server>
}

interface Place {
  readonly folder: Found
  readonly path: Buffer
}

/** A name that is to come or to go. Errors: NfsError, when it is none or a dot. */
async function placeOf(files: ExportedFiles, { dir, name }: diropargs3): Promise<Place> {
  const folder = directory(await files.find(dir))
  checkName(name)
  if (isDots(name)) throw new NfsError(nfsstat3.NFS3ERR_INVAL, `${name} always is`)
  return { folder, path: within(folder.file.path, name) }
}

/** Exclusive creation, with a verifier to keep, is not offered: clients take a guarded one instead. */
async function create(files: ExportedFiles, { where, how }: CREATE3args): Promise<created> {
  if (how.mode === createmode3.EXCLUSIVE) throw new NfsError(nfsstat3.NFS3ERR_NOTSUPP, 'exclusive creation')
  const { mode, obj_attributes } = how
  return make(files, where, obj_attributes, async path => {
    try {
      await using _new = await open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, NEW_MODE)
    } catch (error) {
      const isThere = statusOf(error) === nfsstat3.NFS3ERR_EXIST
      if (mode === createmode3.GUARDED || !isThere || !(await lstat(path)).isFile()) throw error
    }
  })
}

/** Makes a name, gives it its attributes, and says what came of it. Its owner is ours, whomever the client names. */
async function make(
  files: ExportedFiles,
  where: diropargs3,
  attributes: sattr3 | undefined,
  fill: (path: Buffer) => Promise<unknown>,
): Promise<created> {
  const { folder, path } = await placeOf(files, where)
  await fill(path)
  const made = await files.lookup(folder, where.name)
  if (attributes !== undefined)
    await setAttributes(files, made, { ...attributes, uid: undefined, gid: undefined })
  await flush(files, folder)
  const { handle } = made.file
  const { stats } = await files.find(handle)
  return { obj: handle, obj_attributes: attributesOf(stats), dir_wcc: await changesOf(files, folder) }
}
