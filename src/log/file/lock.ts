// A folder belongs to one process. The lock file names it by its id and its start time, so that a later process which
// happens to have the same id is not mistaken for it.

import { closeSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { LogError } from '../errors.ts'

interface Holder {
  readonly pid: number
  /** Of the process: from the system where it tells, else empty. */
  readonly started: string
}

/** Folders that this process holds. */
const held = new Set<string>()

/** Takes the lock; the function gives it back. Errors: LOG_LOCKED naming the holder, Node's own. */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock')
  for (let tries = 0; ; tries++) {
    if (create(path)) break
    const holder = readHolder(path)
    if (tries > 2 || held.has(path) || (holder !== undefined && isAlive(holder)))
      throw new LogError('LOG_LOCKED', `${folder} is in use by process ${holder?.pid ?? process.pid}`, {
        folder,
        pid: holder?.pid ?? process.pid,
      })
    remove(path)
  }
  held.add(path)
  return () => {
    if (held.delete(path)) remove(path)
  }
}

function create(path: string): boolean {
  try {
    const fd = openSync(path, 'wx', 0o600)
    writeSync(fd, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }))
    closeSync(fd)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Undefined when the file is empty or broken: its writer died in the middle. */
function readHolder(path: string): Holder | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(path, 'utf8'))
    return typeof pid === 'number' ? { pid, started: String(started) } : undefined
  } catch {
    return undefined
  }
}

function isAlive({ pid, started }: Holder): boolean {
  if (pid === process.pid) return false // not in `held`, so it is of an earlier process with our id
  try {
    process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
  return started === '' || startOf(pid) === started
}

/** When a process started, in the system's own words (Linux: clock ticks since boot); empty where it does not tell. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets, which may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}
