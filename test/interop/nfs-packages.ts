// Debian's NFS programs: nfs-ganesha (a server outside of the kernel), libnfs' and nfs-common's clients, rpcbind. They are
// unpacked into the cache and run from there, not installed: installing them would start services.

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { execute, succeed } from './processes.ts'
import { cache } from './tools.ts'

const packages = ['nfs-ganesha-vfs', 'nfs-ganesha-mem', 'libnfs-utils', 'nfs-common', 'rpcbind']
const place = join(cache, 'nfs-packages')
const unpacked = join(place, 'root')
const stamp = join(place, '.unpacked')
const INSTALL_MS = 120_000

export interface NfsPrograms {
  /** With which they find one another and their libraries. */
  readonly env: { readonly PATH: string; readonly LD_LIBRARY_PATH: string }
  /** Where nfs-ganesha's back ends are. */
  readonly plugins: string
}

/** Unpacks what is not there yet. Errors: why it cannot be had here. */
export async function findNfsPrograms(): Promise<NfsPrograms> {
  if (!existsSync(stamp)) await unpack()
  const roots = [unpacked, '/']
  const paths = roots.flatMap(root => ['usr/bin', 'usr/sbin', 'sbin'].map(folder => join(root, folder)))
  const folders = roots.flatMap(root => librariesOf(root))
  const plugins = folders.map(folder => join(folder, 'ganesha')).find(folder => existsSync(folder))
  if (plugins === undefined) throw new Error('nfs-ganesha has no back ends')
  const env = {
    PATH: [...paths, process.env.PATH].join(delimiter),
    LD_LIBRARY_PATH: [...folders, ...roots.map(root => join(root, 'usr/lib/ganesha'))].join(delimiter),
  }
  return { env, plugins }
}

async function unpack(): Promise<void> {
  mkdirSync(unpacked, { recursive: true })
  const names = await missing().catch(async () => {
    await execute({ command: 'apt-get', args: ['-q', 'update'], timeoutMs: INSTALL_MS })
    return missing()
  })
  await succeed({ command: 'apt-get', args: ['-q', 'download', ...names], cwd: place, timeoutMs: INSTALL_MS })
  for (const name of readdirSync(place))
    if (name.endsWith('.deb')) await succeed({ command: 'dpkg', args: ['-x', name, unpacked], cwd: place })
  writeFileSync(stamp, '')
}

/** The packages that would be installed: those named, and what they need beyond what the system has. */
async function missing(): Promise<string[]> {
  const args = ['install', '--print-uris', '-qq', '-y', '--no-install-recommends', ...packages]
  const { stdout } = await succeed({ command: 'apt-get', args })
  return [...String(stdout).matchAll(/^'\S+' ([^_\s]+)_/gm)].map(match => match[1] ?? '')
}

/** The folders of libraries under a root: Debian has one for each architecture. */
function librariesOf(root: string): string[] {
  const folders = ['usr/lib', 'lib'].map(folder => join(root, folder)).filter(folder => existsSync(folder))
  return folders.flatMap(folder =>
    readdirSync(folder).flatMap(name => (name.includes('-linux-gnu') ? [join(folder, name)] : [])),
  )
}
