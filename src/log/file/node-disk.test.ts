// The real disk: what is not already said by the contract suite, which runs on it.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { nodeDisk } from './node-disk.ts'

const root = mkdtempSync(join(tmpdir(), 'posthorn-disk-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('the real disk', () => {
  it('makes its folder with all parents, and takes one that is there', () => {
    const path = join(root, 'a', 'b', 'c')
    nodeDisk(path)
    expect(nodeDisk(path).list('')).toEqual([])
    expect(existsSync(path)).toBe(true)
  })

  it.runIf(process.platform === 'linux').each(['/proc/posthorn', '/proc/posthorn/a/b'])(
    'says ENOENT of %s, where no folder can be made, and does not try for ever',
    path => {
      expect(() => nodeDisk(path)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    },
  )

  it('names the file that is in the way of the folder', () => {
    writeFileSync(join(root, 'file'), '')
    expect(() => nodeDisk(join(root, 'file', 'below'))).toThrow(/ENOTDIR.*file/)
  })

  it('reads short only at the end, and refuses to create what is there', async () => {
    const disk = nodeDisk(root)
    const file = disk.open('x', 'create')
    expect(file.write([Buffer.from('ab'), Buffer.from('cd')], 1)).toBe(4)
    await file.sync()
    const into = Buffer.alloc(9)
    expect([file.read(into, 0), await file.readLater(into, 3), file.size()]).toEqual([5, 2, 5])
    file.close()
    expect(() => disk.open('x', 'create')).toThrow(expect.objectContaining({ code: 'EEXIST' }))
    await disk.syncFolder('')
  })

  it('removes a file by name at once, and keeps what somebody still reads', () => {
    const disk = nodeDisk(join(root, 'removal'))
    writeFileSync(join(root, 'removal', 'x'), 'x')
    const held = disk.open('x', 'read')
    disk.remove('x')
    expect(disk.list('')).toEqual([])
    expect(() => disk.remove('x')).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    expect(held.read(Buffer.alloc(9), 0)).toBe(1)
    held.close()
  })
})
