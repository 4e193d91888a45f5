// Lists a directory of an NFS server, or prints a file:
//
//   npx tsx examples/nfs/read.ts nfs://127.0.0.1/export
//   npx tsx examples/nfs/read.ts 'nfs://127.0.0.1/export/letter.txt?nfsport=2049&mountport=2049'
//
// The ports are asked from the portmapper of the machine, unless they are given. Servers that take only callers at ports
// below 1024 refuse it.

import { openNfs, type RemoteFile } from './client/open.js'
import { attributesOf, contentsOf, type Entry, entriesOf, targetOf } from './client/reading.js'
import { ftype3 } from './nfs.js'

const marks: Partial<Record<ftype3, string>> = { [ftype3.NF3DIR]: '/', [ftype3.NF3LNK]: '@' }

async function show({ nfs, handle }: RemoteFile): Promise<void> {
  const { type } = await attributesOf(nfs, handle)
  if (type === ftype3.NF3DIR) for await (const entry of entriesOf(nfs, handle)) console.log(lineOf(entry))
  else if (type === ftype3.NF3LNK) console.log(printable(await targetOf(nfs, handle)))
  else for await (const piece of contentsOf(nfs, handle)) await written(piece)
}

/** Size in bytes, and the name. */
function lineOf({ name, name_attributes: is }: Entry): string {
  const size = is === undefined ? '?' : String(is.size)
  return `${size.padStart(12)} ${printable(name)}${is === undefined ? '' : (marks[is.type] ?? '')}`
}

/** A name may hold anything, also what a terminal would obey. */
function printable(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString()
    .replace(/\p{Cc}/gu, '?')
}

function written(piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(piece, error => (error ? reject(error) : resolve()))
  })
}

const [address] = process.argv.slice(2)
if (address === undefined) {
  console.error('which? npx tsx examples/nfs/read.ts nfs://host/export/path')
  process.exit(64)
}
try {
  await using file = await openNfs(address)
  await show(file)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
