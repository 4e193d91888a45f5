// The server, called as clients call it:
//
//   npx tsx --test examples/nfs/nfs.test.ts

import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connectOnc, type OncConnection } from 'posthorn/rpc'
import { openNfs } from './client/open.js'
import { contentsOf, entriesOf } from './client/reading.js'
import { MOUNT_V3, mountstat3 } from './mount.js'
import * as nfs from './nfs.js'
import { ExportedFiles } from './server/files.js'
import { type ServeFolderOptions, serveFolder } from './server/serve.js'

const { nfsstat3 } = nfs
const noVerifier = new Uint8Array(nfs.NFS3_COOKIEVERFSIZE)
const later = nfs.time_how.DONT_CHANGE
const noAttributes: nfs.sattr3 = { atime: { set_it: later }, mtime: { set_it: later } }

/** A folder that is served, a client of it, and what it takes to name things. */
async function begin(t: TestContext, options: ServeFolderOptions = {}) {
  const outer = await realpath(await mkdtemp(join(tmpdir(), 'nfs-')))
  const folder = join(outer, 'exported')
  await mkdir(join(folder, 'sub'), { recursive: true })
  await writeFile(join(outer, 'secret.txt'), 'secret')
  await writeFile(join(folder, 'letter.txt'), 'Dear reader')
  await writeFile(join(folder, 'sub', 'inner.txt'), 'inside')
  await symlink('../secret.txt', join(folder, 'link'))
  const faults: unknown[] = []
  const server = await serveFolder(folder, { ...options, onFault: (_, error) => faults.push(error) })
  const connection = await connectOnc(server.address)
  t.after(async () => {
    await connection.close()
    await server.close()
    await rm(outer, { recursive: true })
    assert.deepEqual(faults, [])
  })
  const root = await mount(connection, options.exported ?? '/export')
  const client = connection.client(nfs.NFS_V3)
  const lookup = async (dir: nfs.nfs_fh3, name: string) =>
    client.NFSPROC3_LOOKUP({ dir, name: Buffer.from(name) })
  const at = async (...names: string[]): Promise<nfs.nfs_fh3> => {
    let handle = root
    for (const name of names) handle = ok(await lookup(handle, name)).object
    return handle
  }
  return { outer, folder, address: server.address, connection, client, root, lookup, at }
}

async function mount(connection: OncConnection, path: string): Promise<nfs.nfs_fh3> {
  const answer = await connection.client(MOUNT_V3).MOUNTPROC3_MNT(Buffer.from(path))
  assert.equal(answer.fhs_status, mountstat3.MNT3_OK)
  return { data: 'mountinfo' in answer ? answer.mountinfo.fhandle : Buffer.alloc(0) }
}

function ok<R>(answer: { status: 0; resok: R } | { status: nfs.nfsstat3 }): R {
  if ('resok' in answer) return answer.resok
  return assert.fail(`status ${answer.status}`)
}

/** The address as an NFS URL with a path. */
const urlOf = (address: string, path: string): string => `${address.replace('tcp:', 'nfs:')}${path}`

test('a client lists a directory and reads a file', async t => {
  const { address, folder } = await begin(t)
  const long = 'a line of a long file\n'.repeat(50_000)
  await writeFile(join(folder, 'long.txt'), long)
  await using directory = await openNfs(urlOf(address, '/export'))
  const names: string[] = []
  for await (const { name } of entriesOf(directory.nfs, directory.handle)) names.push(String(name))
  assert.deepEqual(names.sort(), ['.', '..', 'letter.txt', 'link', 'long.txt', 'sub'])
  await using file = await openNfs(urlOf(address, '/export/long.txt'))
  const pieces: Uint8Array[] = []
  for await (const piece of contentsOf(file.nfs, file.handle)) pieces.push(piece)
  assert.ok(pieces.length > 1)
  assert.equal(String(Buffer.concat(pieces)), long)
  await assert.rejects(openNfs(urlOf(address, '/export/sub/missing')), { code: 'NFS3ERR_NOENT' })
  await assert.rejects(openNfs(urlOf(address, '/elsewhere')), { code: 'MNT3ERR_NOENT' })
})

test('MOUNT gives the export and folders in it, and remembers who came', async t => {
  const { connection } = await begin(t)
  const client = connection.client(MOUNT_V3)
  const paths = async () => (await client.MOUNTPROC3_DUMP()).map(one => String(one.ml_directory))
  assert.deepEqual(
    (await client.MOUNTPROC3_EXPORT()).map(one => String(one.ex_dir)),
    ['/export'],
  )
  for (const [path, status] of [
    ['/export/sub/', mountstat3.MNT3_OK],
    ['/export/missing', mountstat3.MNT3ERR_NOENT],
    ['/export/letter.txt', mountstat3.MNT3ERR_NOTDIR],
    ['/export/link', mountstat3.MNT3ERR_NOTDIR],
    ['/exported', mountstat3.MNT3ERR_ACCES],
    ['/', mountstat3.MNT3ERR_ACCES],
  ] as const)
    assert.equal((await client.MOUNTPROC3_MNT(Buffer.from(path))).fhs_status, status, path)
  assert.deepEqual(await paths(), ['/export', '/export/sub/'])
  await client.MOUNTPROC3_UMNT(Buffer.from('/export'))
  assert.deepEqual(await paths(), ['/export/sub/'])
  await client.MOUNTPROC3_UMNTALL()
  assert.deepEqual(await paths(), [])
})

test('an export has a path', async () => {
  for (const exported of ['', 'export', '/export/', '//', '/a//b'])
    await assert.rejects(serveFolder('.', { exported }), TypeError, exported)
})

test('nothing outside of the folder is reached', async t => {
  const { outer, folder, client, connection, root, lookup, at } = await begin(t)
  const idOf = async (handle: nfs.nfs_fh3) => ok(await client.NFSPROC3_GETATTR(handle)).obj_attributes.fileid
  assert.equal(await idOf(await at('..')), await idOf(root))
  assert.equal(await idOf(await at('sub', '..', '..')), await idOf(root))
  assert.equal(await idOf(await mount(connection, '/export/../..')), await idOf(root))
  for (const name of ['../secret.txt', 'sub/inner.txt', '/etc/passwd', '', 'letter.txt\0'])
    assert.equal((await lookup(root, name)).status, nfsstat3.NFS3ERR_INVAL, JSON.stringify(name))
  assert.equal((await lookup(root, 'n'.repeat(256))).status, nfsstat3.NFS3ERR_NAMETOOLONG)

  const link = await at('link')
  assert.equal(String(ok(await client.NFSPROC3_READLINK(link)).data), '../secret.txt')
  const read = await client.NFSPROC3_READ({ file: link, offset: 0n, count: 10 })
  assert.equal(read.status, nfsstat3.NFS3ERR_INVAL)

  const [sub, inner] = [await at('sub'), await at('sub', 'inner.txt')]
  await mkdir(join(outer, 'away'))
  await rename(join(folder, 'sub'), join(outer, 'away', 'sub'))
  await symlink(join(outer, 'away', 'sub'), join(folder, 'sub'))
  for (const handle of [sub, inner])
    assert.equal((await client.NFSPROC3_GETATTR(handle)).status, nfsstat3.NFS3ERR_STALE)
  assert.equal((await lookup(await at('sub'), 'inner.txt')).status, nfsstat3.NFS3ERR_NOTDIR)
})

test('handles are only those that were given, and only for the file that they were given for', async t => {
  const { folder, client, root, at } = await begin(t)
  const letter = await at('letter.txt')
  const statusOf = async (handle: nfs.nfs_fh3) => (await client.NFSPROC3_GETATTR(handle)).status
  const other = Buffer.from(letter.data)
  other.writeUInt8(other.readUInt8(0) ^ 1, 0)
  for (const data of [other, other.subarray(1), Buffer.alloc(0), Buffer.alloc(nfs.NFS3_FHSIZE)])
    assert.equal(await statusOf({ data }), nfsstat3.NFS3ERR_STALE)
  await rename(join(folder, 'letter.txt'), join(folder, 'renamed.txt'))
  assert.deepEqual(await at('renamed.txt'), letter)
  await writeFile(join(folder, 'new.txt'), 'another')
  await rename(join(folder, 'new.txt'), join(folder, 'renamed.txt'))
  assert.equal(await statusOf(letter), nfsstat3.NFS3ERR_STALE)
  assert.equal(await statusOf(root), nfsstat3.NFS3_OK)
})

test('handles of files that nobody asked for in a long time are forgotten, but not that of the root', async t => {
  const { folder } = await begin(t)
  const files = await ExportedFiles.open(folder, 3)
  const root = await files.root()
  const letter = await files.lookup(root, Buffer.from('letter.txt'))
  const sub = await files.lookup(root, Buffer.from('sub'))
  await files.find(letter.file.handle)
  await files.lookup(sub, Buffer.from('inner.txt'))
  assert.equal((await files.find(letter.file.handle)).file, letter.file)
  assert.equal((await files.find(root.file.handle)).file, root.file)
  await assert.rejects(files.find(sub.file.handle), { status: nfsstat3.NFS3ERR_STALE })
})

test('names are bytes, whatever they spell', async t => {
  const { folder, client, root } = await begin(t, { exported: '/' })
  const name = Buffer.of(0xff, 0x20, 0xc3, 0x28)
  await writeFile(Buffer.concat([Buffer.from(`${folder}/`), name]), 'found')
  const found: Uint8Array[] = []
  for await (const one of entriesOf(client, root)) found.push(one.name)
  assert.ok(found.some(one => name.equals(one)))
  const file = ok(await client.NFSPROC3_LOOKUP({ dir: root, name })).object
  assert.equal(String(ok(await client.NFSPROC3_READ({ file, offset: 0n, count: 9 })).data), 'found')
})

test('READ gives what is there, and says where the end is', async t => {
  const { client, at } = await begin(t)
  const file = await at('letter.txt')
  for (const [offset, count, text, eof] of [
    [0n, 100, 'Dear reader', true],
    [0n, 4, 'Dear', false],
    [5n, 6, 'reader', true],
    [11n, 1, '', true],
    [0n, 0, '', false],
    [0xffff_ffff_ffff_ffffn, 0xffff_ffff, '', true],
  ] as const) {
    const answer = ok(await client.NFSPROC3_READ({ file, offset, count }))
    assert.deepEqual([String(answer.data), answer.count, answer.eof], [text, text.length, eof])
  }
  const directory = await client.NFSPROC3_READ({ file: await at('sub'), offset: 0n, count: 1 })
  assert.equal(directory.status, nfsstat3.NFS3ERR_ISDIR)
})

test('READDIR and READDIRPLUS keep to the room they are given, through changes', async t => {
  const { folder, client, at } = await begin(t)
  const all = Array.from({ length: 300 }, (_, n) => `file-${n}`)
  for (const name of all) await writeFile(join(folder, 'sub', name), '')
  const dir = await at('sub')
  for (const plus of [false, true]) {
    const seen: string[] = []
    for (let cookie = 0n, eof = false; !eof; ) {
      const place = { dir, cookie, cookieverf: noVerifier }
      const encoded = plus
        ? nfs.xdr_READDIRPLUS3resok.encode(
            ok(await client.NFSPROC3_READDIRPLUS({ ...place, dircount: 8192, maxcount: 2000 })),
          )
        : nfs.xdr_READDIR3resok.encode(ok(await client.NFSPROC3_READDIR({ ...place, count: 2000 })))
      assert.ok(encoded.length <= 2000)
      const { reply } = (plus ? nfs.xdr_READDIRPLUS3resok : nfs.xdr_READDIR3resok).decode(encoded)
      seen.push(...reply.entries.map(({ name }) => String(name)))
      cookie = reply.entries.at(-1)?.cookie ?? 0n
      eof = reply.eof
      const [gone = ''] = seen.slice(-1)
      if (gone.startsWith('file-')) await rm(join(folder, 'sub', gone))
      if (gone.startsWith('file-')) await writeFile(join(folder, 'sub', gone), 'anew')
    }
    assert.equal(new Set(seen).size, seen.length)
    assert.deepEqual(seen.toSorted(), ['.', '..', ...all, 'inner.txt'].toSorted())
  }
  const small = await client.NFSPROC3_READDIR({ dir, cookie: 0n, cookieverf: noVerifier, count: 100 })
  assert.equal(small.status, nfsstat3.NFS3ERR_TOOSMALL)
  const file = { dir: await at('letter.txt'), cookie: 0n, cookieverf: noVerifier, count: 100 }
  assert.equal((await client.NFSPROC3_READDIR(file)).status, nfsstat3.NFS3ERR_NOTDIR)
})

test('ACCESS, FSSTAT, FSINFO and PATHCONF tell what may be done', async t => {
  const { client, root, at } = await begin(t)
  const everything = 0x3f
  const granted = ok(await client.NFSPROC3_ACCESS({ object: root, access: everything })).access
  assert.equal(granted, nfs.ACCESS3_READ | nfs.ACCESS3_LOOKUP)
  const space = ok(await client.NFSPROC3_FSSTAT(root))
  assert.ok(space.tbytes >= space.fbytes && space.fbytes >= space.abytes && space.tbytes > 0n)
  assert.equal(ok(await client.NFSPROC3_FSSTAT(await at('link'))).tbytes, space.tbytes)
  const info = ok(await client.NFSPROC3_FSINFO(root))
  assert.ok(info.rtmax >= info.rtpref && info.rtpref % info.rtmult === 0)
  assert.equal(ok(await client.NFSPROC3_PATHCONF(root)).name_max, 255)
})

test('a folder that is served for reading stays as it is', async t => {
  const { folder, client, root, at } = await begin(t)
  const file = await at('letter.txt')
  const where = { dir: root, name: Buffer.from('letter.txt') }
  const data = Buffer.from('x')
  const attributes = noAttributes
  const how = { mode: nfs.createmode3.UNCHECKED, obj_attributes: attributes }
  const symlink = { symlink_attributes: attributes, symlink_data: data }
  const answers = [
    await client.NFSPROC3_SETATTR({ object: file, new_attributes: { ...attributes, size: 0n } }),
    await client.NFSPROC3_WRITE({ file, offset: 0n, count: 1, stable: nfs.stable_how.FILE_SYNC, data }),
    await client.NFSPROC3_CREATE({ where, how }),
    await client.NFSPROC3_MKDIR({ where, attributes }),
    await client.NFSPROC3_SYMLINK({ where, symlink }),
    await client.NFSPROC3_MKNOD({
      where,
      what: { type: nfs.ftype3.NF3FIFO, pipe_attributes: attributes },
    }),
    await client.NFSPROC3_REMOVE(where),
    await client.NFSPROC3_RMDIR(where),
    await client.NFSPROC3_RENAME({ from: where, to: { ...where, name: data } }),
    await client.NFSPROC3_LINK({ file, link: { ...where, name: data } }),
    await client.NFSPROC3_COMMIT({ file, offset: 0n, count: 0 }),
  ]
  for (const { status } of answers) assert.equal(status, nfsstat3.NFS3ERR_ROFS)
  assert.deepEqual((await readdir(folder)).sort(), ['letter.txt', 'link', 'sub'])
})

test('--writable: files are made, written, renamed, linked and taken away', async t => {
  const { folder, client, root, at, lookup } = await begin(t, { writable: true })
  const where = (name: string, dir = root) => ({ dir, name: Buffer.from(name) })
  const guarded = {
    mode: nfs.createmode3.GUARDED,
    obj_attributes: { ...noAttributes, mode: 0o4644 },
  }
  const made = ok(await client.NFSPROC3_CREATE({ where: where('new.txt'), how: guarded }))
  assert.equal(made.obj_attributes?.mode, 0o644)
  assert.equal(
    (await client.NFSPROC3_CREATE({ where: where('new.txt'), how: guarded })).status,
    nfsstat3.NFS3ERR_EXIST,
  )
  // The RFC has no NFS3ERR_ISDIR for CREATE, which nfs-ganesha gives.
  for (const [name, status] of [
    ['new.txt', nfsstat3.NFS3_OK],
    ['sub', nfsstat3.NFS3ERR_EXIST],
    ['link', nfsstat3.NFS3ERR_EXIST],
  ] as const) {
    const how = { mode: nfs.createmode3.UNCHECKED, obj_attributes: noAttributes }
    assert.equal((await client.NFSPROC3_CREATE({ where: where(name), how })).status, status, name)
  }
  const file = await at('new.txt')
  const data = Buffer.from('written')
  const stable = nfs.stable_how.UNSTABLE
  const written = ok(await client.NFSPROC3_WRITE({ file, offset: 3n, count: 7, stable, data }))
  const committed = ok(await client.NFSPROC3_COMMIT({ file, offset: 0n, count: 0 }))
  assert.deepEqual([written.count, written.verf], [7, committed.verf])
  assert.equal(await readFile(join(folder, 'new.txt'), 'utf8'), '\0\0\0written')
  const time = { seconds: 1_000_000_000, nseconds: 0 }
  const new_attributes = {
    ...noAttributes,
    size: 5n,
    mtime: { set_it: nfs.time_how.SET_TO_CLIENT_TIME, time },
  }
  const set = ok(await client.NFSPROC3_SETATTR({ object: file, new_attributes }))
  assert.deepEqual([set.wcc.before?.size, set.wcc.after?.size, set.wcc.after?.mtime], [10n, 5n, time])
  const guard = { object: file, new_attributes, guard: time }
  assert.equal((await client.NFSPROC3_SETATTR(guard)).status, nfsstat3.NFS3ERR_NOT_SYNC)

  const owned = { ...noAttributes, mode: 0o750, uid: 12_345, gid: 12_345, size: 7n }
  const box = ok(await client.NFSPROC3_MKDIR({ where: where('dir'), attributes: owned }))
  assert.deepEqual([box.obj_attributes?.mode, box.obj_attributes?.uid], [0o750, made.obj_attributes?.uid])
  ok(await client.NFSPROC3_RENAME({ from: where('sub'), to: where('moved', await at('dir')) }))
  assert.equal(ok(await lookup(await at('dir', 'moved'), 'inner.txt')).obj_attributes?.size, 6n)
  ok(await client.NFSPROC3_LINK({ file, link: where('second.txt') }))
  const target = { symlink_attributes: noAttributes, symlink_data: Buffer.from('/etc') }
  ok(await client.NFSPROC3_SYMLINK({ where: where('away'), symlink: target }))
  assert.equal((await client.NFSPROC3_RMDIR(where('dir'))).status, nfsstat3.NFS3ERR_NOTEMPTY)
  ok(await client.NFSPROC3_REMOVE(where('new.txt')))
  ok(await client.NFSPROC3_REMOVE(where('away')))
  assert.deepEqual((await readdir(folder)).sort(), ['dir', 'letter.txt', 'link', 'second.txt'])
  for (const name of ['.', '..', 'a/b', '']) {
    const bad = await client.NFSPROC3_MKDIR({ where: where(name), attributes: noAttributes })
    assert.equal(bad.status, nfsstat3.NFS3ERR_INVAL)
  }
  const owner = { object: await at('letter.txt'), new_attributes: { ...noAttributes, uid: 12_345 } }
  const through = { object: await at('link'), new_attributes: { ...noAttributes, size: 0n } }
  assert.equal((await client.NFSPROC3_SETATTR(owner)).status, nfsstat3.NFS3ERR_PERM)
  assert.equal((await client.NFSPROC3_SETATTR(through)).status, nfsstat3.NFS3ERR_INVAL)
})
