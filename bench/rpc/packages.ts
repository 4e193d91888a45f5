// What is measured beside Posthorn: packages of npm, kept in a folder of their own because the project does not need them;
// programs in C; and our own ends of it all.

import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compilePrograms } from '../compiled.ts'
import { cache } from '../places.ts'
import { outputOf } from '../programs.ts'
import { note } from '../progress.ts'

/** Name and version. */
export const packages = {
  '@grpc/grpc-js': '1.14.7',
  '@grpc/proto-loader': '0.8.1',
  capnweb: '0.12.0',
  comlink: '4.4.2',
} as const

const folder = join(cache, 'rpc')
const peers = fileURLToPath(new URL('peers/', import.meta.url))
const c = fileURLToPath(new URL('c/', import.meta.url))
const names = ['capnweb', 'codec', 'comlink', 'grpc', 'net', 'onc', 'posthorn'] as const
export type PeerName = (typeof names)[number]

const FETCH_MS = 300_000

/** The compiled program. */
export function peerPath(name: PeerName): string {
  return join(folder, 'peers', `${name}.mjs`)
}

/** Has packages and programs ready. Errors: there is nothing to fetch from, or it does not compile. */
export async function prepare(): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await fetchPackages()
  await compilePrograms(
    names.map(name => join(peers, `${name}.ts`)),
    join(folder, 'peers'),
  )
}

async function fetchPackages(): Promise<void> {
  const wanted = JSON.stringify({ private: true, type: 'module', dependencies: packages })
  const isThere = Object.entries(packages).every(([name, version]) =>
    existsSync(join(folder, 'node_modules', name, `.${version}`)),
  )
  if (isThere) return
  note(`fetching ${Object.keys(packages).join(', ')} into ${folder}`)
  writeFileSync(join(folder, 'package.json'), wanted)
  const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts']
  await outputOf({ command: 'npm', args, timeoutMs: FETCH_MS })
  for (const [name, version] of Object.entries(packages))
    writeFileSync(join(folder, 'node_modules', name, `.${version}`), '')
}

/** The program in C, made in the folder; undefined where rpcgen, libtirpc or gcc are not there. */
export async function compileC(to: string): Promise<string | undefined> {
  const program = join(to, 'onc_bench')
  const outputs = { '-h': 'echo.h', '-c': 'echo_xdr.c', '-l': 'echo_clnt.c', '-m': 'echo_svc.c' }
  try {
    // rpcgen names the header in what it writes by the path of the source: both are made beside a copy.
    copyFileSync(join(c, 'echo.x'), join(to, 'echo.x'))
    for (const [flag, name] of Object.entries(outputs))
      await outputOf({ command: 'rpcgen', args: [flag, '-o', join(to, name), join(to, 'echo.x')] })
    const sources = ['echo_xdr.c', 'echo_clnt.c', 'echo_svc.c'].map(name => join(to, name))
    const flags = ['-w', '-O2', '-I/usr/include/tirpc', `-I${to}`, '-o', program]
    await outputOf({
      command: 'gcc',
      args: [...flags, ...sources, join(c, 'onc_bench.c'), '-ltirpc'],
    })
    return program
  } catch (error) {
    note(`without libtirpc (apt-get install rpcsvc-proto libtirpc-dev gcc): ${String(error).slice(0, 300)}`)
    return undefined
  }
}
