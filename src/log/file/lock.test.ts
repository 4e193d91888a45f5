// One folder, one process: tried with a second process, and with what a dead one left behind.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockFolder } from './lock.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'posthorn-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const lock = (): string => join(folder, 'lock')

/** Another process, which lives until it is told to go. */
async function another(): Promise<{ readonly pid: number; end(): Promise<unknown> }> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log("up")'])
  await once(child.stdout, 'data')
  const gone = once(child, 'exit')
  return {
    pid: child.pid ?? 0,
    end() {
      child.stdin.end()
      return gone
    },
  }
}

describe('the lock of a folder', () => {
  it('is refused while another process holds it, and taken over when that is dead (LOG_LOCKED)', async () => {
    const { pid, end } = await another()
    const started = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19]
    writeFileSync(lock(), JSON.stringify({ pid, started }))
    expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'LOG_LOCKED' }))
    expect(() => lockFolder(folder)).toThrow(String(pid))
    await end()
    lockFolder(folder)()
    expect(existsSync(lock())).toBe(false)
  })

  it.each([
    ['a process of the same id that started at another time', { pid: process.ppid, started: 'long ago' }],
    ['an earlier process with our own id', { pid: process.pid, started: 'long ago' }],
    ['nobody: its writer died in the middle', undefined],
  ])('is taken over from %s', (_, holder) => {
    writeFileSync(lock(), holder === undefined ? '{"pi' : JSON.stringify(holder))
    const unlock = lockFolder(folder)
    expect(JSON.parse(readFileSync(lock(), 'utf8')).pid).toBe(process.pid)
    unlock()
  })

  it('is refused to the same process a second time, until it is given back', () => {
    const unlock = lockFolder(folder)
    expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'LOG_LOCKED' }))
    unlock()
    unlock()
    lockFolder(folder)()
  })

  it('is an error of the system where there is no folder', () => {
    expect(() => lockFolder(join(folder, 'none'))).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  })
})
