// Makes the same calls to any NFS server that lets files be made, and prints a line of JSON for each: what was called, and
// what of the answer must be the same at every server. Run as a program, because some servers are in a network of their own.
//
//   node --import tsx test/interop/nfs-calls.ts nfs://127.0.0.1:2049/export

import { createHash } from 'node:crypto'
import { openNfs } from '../../examples/nfs/client/open.ts'
import { contentsOf, entriesOf } from '../../examples/nfs/client/reading.ts'
import * as nfs from '../../examples/nfs/nfs.ts'

type Answer = { readonly status: nfs.nfsstat3 }

const { nfsstat3 } = nfs
const later = { set_it: nfs.time_how.DONT_CHANGE }
const plain: nfs.sattr3 = { atime: later, mtime: later }
const FILE_BYTES = 200_000
const noVerifier: Uint8Array = Buffer.alloc(nfs.NFS3_COOKIEVERFSIZE)
const PIECE_BYTES = 50_000
const FILES = 60
const LISTING_BYTES = 1024

const [address = ''] = process.argv.slice(2)
await using opened = await openNfs(address)
const { nfs: client, handle: root } = opened

function say(what: string, value: unknown): void {
  console.log(JSON.stringify([what, value]))
}

function statusOf({ status }: Answer): string {
  return Object.entries(nfsstat3).find(([, number]) => number === status)?.[0] ?? String(status)
}

/** The result, which must be one. */
function ok<R>(answer: { readonly status: 0; readonly resok: R } | Answer): R {
  if ('resok' in answer) return answer.resok
  throw new Error(statusOf(answer))
}

const where = (name: string, dir = root): nfs.diropargs3 => ({ dir, name: Buffer.from(name) })
const handleOf = async (name: string, dir = root): Promise<nfs.nfs_fh3> =>
  ok(await client.NFSPROC3_LOOKUP(where(name, dir))).object
const attributes = async (handle: nfs.nfs_fh3) => ok(await client.NFSPROC3_GETATTR(handle)).obj_attributes

async function contents(): Promise<void> {
  const how = { mode: nfs.createmode3.GUARDED, obj_attributes: { ...plain, mode: 0o640 } }
  ok(await client.NFSPROC3_CREATE({ where: where('letter'), how }))
  say('CREATE again', statusOf(await client.NFSPROC3_CREATE({ where: where('letter'), how })))
  const letter = await handleOf('letter')
  await write(letter, Buffer.alloc(FILE_BYTES, 'a text that is repeated, '))
  const { type, mode, size, nlink } = await attributes(letter)
  say('GETATTR', [type, mode, String(size), nlink])

  const read: Uint8Array[] = []
  for await (const piece of contentsOf(client, letter)) read.push(piece)
  say('READ', createHash('sha256').update(Buffer.concat(read)).digest('hex'))
  for (const offset of [FILE_BYTES - 7, FILE_BYTES, FILE_BYTES + 1]) {
    const { count, eof } = ok(
      await client.NFSPROC3_READ({ file: letter, offset: BigInt(offset), count: 100 }),
    )
    say(`READ at ${offset}`, [count, eof])
  }
}

/** All pieces but the last are committed afterwards. */
async function write(file: nfs.nfs_fh3, text: Buffer): Promise<void> {
  const verifiers = new Set<string>()
  for (let at = 0; at < text.length; at += PIECE_BYTES) {
    const data = text.subarray(at, at + PIECE_BYTES)
    const isLast = at + PIECE_BYTES >= text.length
    const stable = isLast ? nfs.stable_how.FILE_SYNC : nfs.stable_how.UNSTABLE
    const piece = { file, offset: BigInt(at), count: data.length, stable, data }
    const { count, verf } = ok(await client.NFSPROC3_WRITE(piece))
    say('WRITE', count)
    verifiers.add(String(verf))
  }
  verifiers.add(String(ok(await client.NFSPROC3_COMMIT({ file, offset: 0n, count: 0 })).verf))
  say('verifiers of WRITE and COMMIT', verifiers.size)
}

async function settings(): Promise<void> {
  const letter = await handleOf('letter')
  const time = { seconds: 1_000_000_000, nseconds: 0 }
  const mtime = { set_it: nfs.time_how.SET_TO_CLIENT_TIME, time }
  const new_attributes = { ...plain, size: 10n, mode: 0o600, mtime }
  ok(await client.NFSPROC3_SETATTR({ object: letter, new_attributes }))
  const after = await attributes(letter)
  say('SETATTR', [String(after.size), after.mode, after.mtime])
  const guarded = { object: letter, new_attributes: plain, guard: time }
  say('SETATTR, guarded', statusOf(await client.NFSPROC3_SETATTR(guarded)))
}

async function names(): Promise<void> {
  const letter = await handleOf('letter')
  ok(await client.NFSPROC3_MKDIR({ where: where('box'), attributes: { ...plain, mode: 0o755 } }))
  const box = await handleOf('box')
  const { fileid } = await attributes(root)
  say("LOOKUP '.'", (await attributes(await handleOf('.'))).fileid === fileid)
  say("LOOKUP '..'", (await attributes(await handleOf('..', box))).fileid === fileid)
  const symlink = { symlink_attributes: plain, symlink_data: Buffer.from('../elsewhere') }
  ok(await client.NFSPROC3_SYMLINK({ where: where('away'), symlink }))
  say('READLINK', String(ok(await client.NFSPROC3_READLINK(await handleOf('away'))).data))
  ok(await client.NFSPROC3_LINK({ file: letter, link: where('second') }))
  say('LINK', (await attributes(await handleOf('second'))).nlink)
  ok(await client.NFSPROC3_RENAME({ from: where('second'), to: where('moved', box) }))
  say('RENAME', (await attributes(await handleOf('moved', box))).nlink)
}

async function directories(): Promise<void> {
  const box = await handleOf('box')
  const how = { mode: nfs.createmode3.UNCHECKED, obj_attributes: plain }
  for (let n = 0; n < FILES; n++) ok(await client.NFSPROC3_CREATE({ where: where(`file ${n}`, box), how }))
  const seen: string[] = []
  let pages = 0
  let place = { cookie: 0n, cookieverf: noVerifier }
  for (let eof = false; !eof; pages++) {
    const page = ok(await client.NFSPROC3_READDIR({ dir: box, ...place, count: LISTING_BYTES }))
    seen.push(...page.reply.entries.map(({ name }) => String(name)))
    eof = page.reply.eof
    place = { cookie: page.reply.entries.at(-1)?.cookie ?? 0n, cookieverf: page.cookieverf }
  }
  say('READDIR', [seen.sort(), pages > 1])
  say('READDIRPLUS', (await listed(box)).sort())
}

async function listed(dir: nfs.nfs_fh3): Promise<string[]> {
  const entries: string[] = []
  for await (const { name, name_attributes: is } of entriesOf(client, dir))
    entries.push(`${name}: ${is?.type}`)
  return entries
}

async function descriptions(): Promise<void> {
  await client.NFSPROC3_NULL()
  const asked =
    nfs.ACCESS3_READ | nfs.ACCESS3_LOOKUP | nfs.ACCESS3_MODIFY | nfs.ACCESS3_EXTEND | nfs.ACCESS3_DELETE
  say('ACCESS', ok(await client.NFSPROC3_ACCESS({ object: root, access: asked })).access)
  const info = ok(await client.NFSPROC3_FSINFO(root))
  say('FSINFO', [info.rtmax >= info.rtpref, info.wtmax >= info.wtpref, info.rtpref > 0])
  const space = ok(await client.NFSPROC3_FSSTAT(root))
  say('FSSTAT', [space.tbytes >= space.fbytes, space.tfiles >= space.ffiles])
  const conf = ok(await client.NFSPROC3_PATHCONF(root))
  say('PATHCONF', [conf.no_trunc, conf.case_insensitive, conf.case_preserving])
}

async function refusals(): Promise<void> {
  const [letter, box] = [await handleOf('letter'), await handleOf('box')]
  const listing = { dir: letter, cookie: 0n, cookieverf: noVerifier, count: LISTING_BYTES }
  const rows: readonly (readonly [what: string, answer: Promise<Answer>])[] = [
    ['LOOKUP of what is not there', client.NFSPROC3_LOOKUP(where('missing'))],
    ['LOOKUP in a file', client.NFSPROC3_LOOKUP(where('x', letter))],
    ['READ of a directory', client.NFSPROC3_READ({ file: box, offset: 0n, count: 1 })],
    ['READLINK of a file', client.NFSPROC3_READLINK(letter)],
    ['READDIR of a file', client.NFSPROC3_READDIR(listing)],
    ['MKDIR where something is', client.NFSPROC3_MKDIR({ where: where('letter'), attributes: plain })],
    ['REMOVE of what is not there', client.NFSPROC3_REMOVE(where('missing'))],
    ['RMDIR of a file', client.NFSPROC3_RMDIR(where('letter'))],
    ['RMDIR of a full directory', client.NFSPROC3_RMDIR(where('box'))],
    ['RENAME of what is not there', client.NFSPROC3_RENAME({ from: where('missing'), to: where('x') })],
  ]
  for (const [what, answer] of rows) say(what, statusOf(await answer))
}

async function removals(): Promise<void> {
  const [letter, box] = [await handleOf('letter'), await handleOf('box')]
  for (let n = 0; n < FILES; n++) ok(await client.NFSPROC3_REMOVE(where(`file ${n}`, box)))
  ok(await client.NFSPROC3_REMOVE(where('moved', box)))
  for (const name of ['letter', 'away']) ok(await client.NFSPROC3_REMOVE(where(name)))
  ok(await client.NFSPROC3_RMDIR(where('box')))
  say('GETATTR of a file that is gone', statusOf(await client.NFSPROC3_GETATTR(letter)))
  say('GETATTR of a directory that is gone', statusOf(await client.NFSPROC3_GETATTR(box)))
  say('what is left', (await listed(root)).sort())
}

for (const part of [descriptions, contents, settings, names, directories, refusals, removals]) await part()
