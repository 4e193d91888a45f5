// Unix-domain sockets: the contract for files and abstract names, and what happens to the files.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { deferred } from '../flow/index.ts'
import { ManualWorld } from '../world/index.ts'
import { connectIpc, listenIpc } from './ipc.ts'
import { SOCKET_NAME_BYTES_MAX, socketName } from './socket-file.ts'
import { streamContract } from './stream.contract.ts'
import type { DuplexStream } from './stream.ts'

const folder = mkdtempSync(join(tmpdir(), 'ipc-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0
const fresh = (): string => join(folder, `s${count++}`)

function contract(kind: string, name: () => string): void {
  streamContract(kind, {
    connect: async ({ halfOpen }) => {
      const path = name()
      const accepted = deferred<DuplexStream>()
      const listener = await listenIpc({ path, halfOpen }, accepted.resolve)
      const a = await connectIpc({ path, halfOpen })
      return { a, b: await accepted.promise, release: () => listener.close() }
    },
    connectNowhere: () => connectIpc({ path: name() }),
    connectWith: async signal => {
      const path = name()
      const listener = await listenIpc({ path }, stream => stream.abort())
      return connectIpc({ path, signal }).finally(() => listener.close())
    },
    halfCloses: true,
    joins: true,
  })
}

contract('ipc by file', fresh)
if (process.platform === 'linux')
  contract('ipc by abstract name', () => `@posthorn-test-${process.pid}-${count++}`)

/** Leaves a socket file behind, as a killed program does. */
function leaveStale(path: string): void {
  const script = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', script, path])
  if (!existsSync(path)) throw new Error('the child left no file')
}

describe('the file of a Unix-domain socket', () => {
  it('is there while somebody listens, and gone afterwards', async () => {
    const path = fresh()
    const listener = await listenIpc({ path }, () => {})
    expect([listener.host, listener.port, existsSync(path)]).toEqual([path, 0, true])
    await listener.close()
    await listener.close()
    expect(existsSync(path)).toBe(false)
  })

  it('is replaced when nobody listens there', async () => {
    const path = fresh()
    leaveStale(path)
    await expect(connectIpc({ path })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    const listener = await listenIpc({ path }, stream => stream.abort())
    const stream = await connectIpc({ path })
    stream.abort()
    await listener.close()
  })

  it('is left alone when somebody listens there', async () => {
    const path = fresh()
    const listener = await listenIpc({ path }, stream => stream.abort())
    await expect(listenIpc({ path }, () => {})).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(existsSync(path)).toBe(true)
    await listener.close()
  })

  it('is left alone when it is no socket', async () => {
    const path = fresh()
    writeFileSync(path, 'precious')
    await expect(listenIpc({ path }, () => {})).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(existsSync(path)).toBe(true)
  })

  it('needs its folder', async () => {
    const listening = listenIpc({ path: join(folder, 'none', 's') }, () => {})
    await expect(listening).rejects.toMatchObject({ code: expect.stringMatching(/ENOENT|EACCES/) })
  })

  it('has a name of its own for *', async () => {
    const listener = await listenIpc({ path: '*', world: new ManualWorld({ seed: process.pid }) }, stream =>
      stream.abort(),
    )
    const stream = await connectIpc({ path: listener.host })
    stream.abort()
    await listener.close()
    expect(existsSync(listener.host)).toBe(false)
  })
})

describe('socketName (unix(7))', () => {
  const max = SOCKET_NAME_BYTES_MAX
  it.each([
    ['/a/b', 'linux', { kind: 'file', path: '/a/b' }],
    ['@a', 'linux', { kind: 'abstract', path: '\0a' }],
    ['a', 'win32', { kind: 'pipe', path: '\\\\.\\pipe\\a' }],
    ['\\\\.\\pipe\\a', 'win32', { kind: 'pipe', path: '\\\\.\\pipe\\a' }],
    ['x'.repeat(max), 'linux', { kind: 'file', path: 'x'.repeat(max) }],
  ] as const)('takes %j on %s', (path, platform, name) => {
    expect(socketName(path, platform)).toEqual(name)
  })

  it.each([
    ['', 'linux', 'EINVAL'],
    ['@', 'linux', 'EINVAL'],
    ['a\0b', 'linux', 'EINVAL'],
    ['@a', 'darwin', 'EADDRNOTAVAIL'],
    ['x'.repeat(max + 1), 'linux', 'ENAMETOOLONG'],
    ['ü'.repeat(max / 2 + 1), 'linux', 'ENAMETOOLONG'],
    [`@${'x'.repeat(max)}`, 'linux', 'ENAMETOOLONG'],
    ['x'.repeat(250), 'win32', 'ENAMETOOLONG'],
  ] as const)('refuses %j on %s with %s', (path, platform, code) => {
    expect(() => socketName(path, platform)).toThrow(code)
  })
})
