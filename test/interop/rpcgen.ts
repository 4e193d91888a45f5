// Programs in C with the code that rpcgen makes of everything.x, and frames: how values travel to and from them.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installDebian } from './debian.ts'
import { exists, succeed } from './processes.ts'

const packages = ['rpcsvc-proto', 'libtirpc-dev', 'gcc', 'libc6-dev']
const c = join(import.meta.dirname, 'c')

/** What rpcgen can write, by its option. */
const outputs = {
  '-h': 'everything.h',
  '-c': 'everything_xdr.c',
  '-l': 'everything_clnt.c',
  '-m': 'everything_svc.c',
} as const

/** Installs what is missing, where this process may; what cannot be installed is skipped later. */
export async function installRpcgen(): Promise<void> {
  const isThere = (await exists('rpcgen', ['--version'])) || existsSync('/usr/bin/rpcgen')
  if (!isThere || !existsSync('/usr/include/tirpc/rpc/rpc.h')) await installDebian(packages)
}

/**
 * Compiles c/<name>.c with these outputs of rpcgen, in the folder; gives the program. Errors: why it cannot be built here.
 */
export async function build(
  folder: string,
  name: string,
  parts: readonly (keyof typeof outputs)[],
): Promise<string> {
  // rpcgen names the header in what it writes by the path of the source: both are made beside a copy.
  writeFileSync(join(folder, 'everything.x'), readFileSync(join(c, 'everything.x')))
  for (const part of parts)
    await succeed({ command: 'rpcgen', args: [part, '-o', outputs[part], 'everything.x'], cwd: folder })
  const made = parts.map(part => join(folder, outputs[part])).filter(path => path.endsWith('.c'))
  const program = join(folder, name)
  const flags = ['-w', '-O1', '-I/usr/include/tirpc', `-I${folder}`, '-o', program]
  await succeed({ command: 'gcc', args: [...flags, ...made, join(c, `${name}.c`), '-ltirpc'] })
  return program
}

/** Length in four bytes, and the bytes. */
export function frame(bytes: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(bytes.length)
  return Buffer.concat([head, bytes])
}

/** What frames hold. */
export function* frames(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    yield bytes.subarray(at + 4, at + 4 + length)
    at += 4 + length
  }
}
