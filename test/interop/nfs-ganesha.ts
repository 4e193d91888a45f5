// nfs-ganesha, an NFS server that many use instead of the kernel's, with two exports: a folder of the disk, and /mem, which is
// only in memory. It registers with a portmapper, which must be in its network.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Namespace } from './nfs-namespace.ts'
import type { NfsPrograms } from './nfs-packages.ts'
import { execute, launch, succeed } from './processes.ts'

const STARTS_MS = 15_000
const POLL_MS = 100
/** Bytes that a file in memory keeps; what is written beyond them is not read again. */
const MEM_FILE_BYTES = 1024 * 1024

export interface Ganesha extends AsyncDisposable {
  /** The folder that it exports, under its own path; undefined where the file system has no handles for it (overlays). */
  readonly vfs: string | undefined
  /** The export that is only in memory. */
  readonly mem: string
}

/** Starts it in a folder. Errors: what it said, when it does not serve in time. */
export async function startGanesha(
  folder: string,
  { env, plugins }: NfsPrograms,
  namespace: Namespace,
): Promise<Ganesha> {
  const vfs = join(folder, 'vfs')
  mkdirSync(vfs)
  const config = join(folder, 'ganesha.conf')
  const log = join(folder, 'ganesha.log')
  writeFileSync(config, configOf(vfs, plugins))
  const args = ['-F', '-f', config, '-L', log, '-p', join(folder, 'ganesha.pid')]
  const server = launch(namespace.inside({ command: 'ganesha.nfsd', args, env }))
  const ended = new Promise(resolve => server.once('exit', resolve))
  const isServing = async (): Promise<boolean> => {
    const asked = namespace.inside({ command: 'rpcinfo', args: ['-T', 'tcp', '127.0.0.1', 'nfs', '3'], env })
    return (await execute(asked)).code === 0
  }
  const end = performance.now() + STARTS_MS
  while (!(await isServing())) {
    if (performance.now() > end || server.exitCode !== null)
      throw new Error(`nfs-ganesha does not serve: ${saidIn(log)}`)
    await new Promise(resolve => setTimeout(resolve, POLL_MS))
  }
  const asked = namespace.inside({ command: 'showmount', args: ['--no-headers', '-e', '127.0.0.1'], env })
  const exported = String((await succeed(asked)).stdout)
  return {
    vfs: exported.includes(`${vfs} `) ? vfs : undefined,
    mem: '/mem',
    async [Symbol.asyncDispose]() {
      server.kill()
      await ended
    },
  }
}

function saidIn(log: string): string {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : []
  return lines
    .filter(line => /CRIT|FATAL|MAJ/.test(line))
    .slice(-3)
    .join('; ')
}

function configOf(vfs: string, plugins: string): string {
  const rights =
    'Protocols = 3; Transports = TCP; Access_Type = RW; Squash = No_Root_Squash; SecType = sys, none;'
  return `
NFS_CORE_PARAM {
  Protocols = 3;
  Plugins_Dir = "${plugins}";
  Enable_NLM = false;
  Enable_RQUOTA = false;
}
NFSV4 { UseGetpwnam = true; Graceless = true; }
MEM { Inode_Size = ${MEM_FILE_BYTES}; }
EXPORT { Export_Id = 1; Path = "${vfs}"; Pseudo = /vfs; ${rights} FSAL { Name = VFS; } }
EXPORT { Export_Id = 2; Path = /mem; Pseudo = /mem; ${rights} FSAL { Name = MEM; } }
LOG { Default_Log_Level = EVENT; }
`
}
