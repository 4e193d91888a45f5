// From an address to a file: asks the portmapper for the ports, the MOUNT program for the handle of the export, and then the
// server for one name of the path after the other. Symbolic links on the way are not followed.

import { hostname, userInfo } from 'node:os'
import { connectOnc, type OncConnection, type OncConnectOptions, systemAuth } from 'posthorn/rpc'
import { MOUNT_V3, mountstat3 } from '../mount.js'
import { NFS_V3, type NFS_V3_client, type nfs_fh3 } from '../nfs.js'
import { PMAP_V2, PORTMAPPER_PORT, protocols } from '../portmapper.js'
import { mountRefusal, NfsRefusal, resultOf } from './result.js'
import { type NfsUrl, parseNfsUrl } from './url.js'

/** A file or directory on a server. */
export interface RemoteFile extends AsyncDisposable {
  readonly nfs: NFS_V3_client
  readonly handle: nfs_fh3
}

/** Opens what is at an address. Errors: TypeError, NfsRefusal, OncError, those of the transport. */
export async function openNfs(address: string): Promise<RemoteFile> {
  const url = parseNfsUrl(address)
  const credential = whoWeAre()
  const mounted = await mount(url, { credential })
  const port = url.nfsPort ?? (await askPort(url, NFS_V3))
  const connection = await connectOnc(`tcp://${url.host}:${port}`, { credential })
  try {
    const nfs = connection.client(NFS_V3)
    const handle = await walk(nfs, mounted)
    return { nfs, handle, [Symbol.asyncDispose]: () => connection.close() }
  } catch (error) {
    await connection.close()
    throw error
  }
}

interface Mounted {
  readonly handle: nfs_fh3
  /** Names that lead from there to the file. */
  readonly names: readonly string[]
}

async function mount(url: NfsUrl, options: OncConnectOptions): Promise<Mounted> {
  const port = url.mountPort ?? (await askPort(url, MOUNT_V3))
  await using connection = await connectOnc(`tcp://${url.host}:${port}`, options)
  const exported = await exportOf(connection, url.path)
  const answer = await connection.client(MOUNT_V3).MOUNTPROC3_MNT(Buffer.from(exported))
  if (answer.fhs_status !== mountstat3.MNT3_OK) throw mountRefusal(answer.fhs_status, exported)
  const names = url.path.slice(exported.length).split('/')
  return { handle: { data: answer.mountinfo.fhandle }, names: names.filter(name => name !== '') }
}

/** The longest of the exports that the path is in. */
async function exportOf(connection: OncConnection, path: string): Promise<string> {
  const exports = await connection.client(MOUNT_V3).MOUNTPROC3_EXPORT()
  const folders = exports.map(({ ex_dir }) => Buffer.from(ex_dir).toString())
  const around = folders.filter(folder => `${path}/`.startsWith(folder.endsWith('/') ? folder : `${folder}/`))
  const longest = around.sort((a, b) => b.length - a.length)[0]
  if (longest !== undefined) return longest
  throw new NfsRefusal('MNT3ERR_NOENT', `${path} is in none of the exports ${folders.join(', ')}`)
}

async function walk(nfs: NFS_V3_client, { handle, names }: Mounted): Promise<nfs_fh3> {
  let at = handle
  for (const name of names)
    at = resultOf(await nfs.NFSPROC3_LOOKUP({ dir: at, name: Buffer.from(name) }), name).object
  return at
}

async function askPort({ host }: NfsUrl, of: typeof NFS_V3 | typeof MOUNT_V3): Promise<number> {
  await using portmapper = await connectOnc(`tcp://${host}:${PORTMAPPER_PORT}`)
  const wanted = { prog: of.program, vers: of.version, prot: protocols.tcp, port: 0 }
  const port = await portmapper.client(PMAP_V2).GETPORT(wanted)
  if (port === 0) throw new Error(`${host} has no ${of.name}, version ${of.version}, over TCP`)
  return port
}

/** Whoever runs this; where there are no users, nobody. */
function whoWeAre() {
  const { uid, gid } = userInfo()
  const nobody = 65_534
  return systemAuth({
    ...{ stamp: 0, machine: hostname(), gids: [] },
    ...{ uid: uid < 0 ? nobody : uid, gid: gid < 0 ? nobody : gid },
  })
}
