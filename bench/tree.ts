// A process and all that it has started, as one: processor time and resident memory from /proc. A shell script that runs an
// Erlang machine, which runs helpers, is one broker. Linux only.

import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks of a second in /proc: USER_HZ, 100 on every Linux of ours. */
const TICKS_PER_SECOND = 100
/** Places in /proc/<pid>/stat behind the name (proc(5)): parent 4, utime 14, stime 15, cutime 16, cstime 17. */
const PARENT = 4
const TIMES = [14, 15, 16, 17] as const
/** The name, in brackets, may hold anything: places are counted behind it, where place 3 is the first. */
const FIRST_PLACE = 3

/** The process and its descendants that are alive now. */
export function tree(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const places = statOf(Number(name))
    if (places !== undefined) parents.set(Number(name), Number(places[PARENT - FIRST_PLACE]))
  }
  const found = [pid]
  for (const one of found)
    for (const [child, parent] of parents) if (parent === one && !found.includes(child)) found.push(child)
  return found
}

/** Processor time of the tree so far, of descendants that have ended too, in µs. */
export function cpuMicroseconds(pid: number): number {
  const ticks = tree(pid).flatMap(one => TIMES.map(place => Number(statOf(one)?.[place - FIRST_PLACE] ?? 0)))
  return (ticks.reduce((sum, one) => sum + one, 0) / TICKS_PER_SECOND) * 1e6
}

/** Resident memory of the tree now, in MB of 2^20 bytes. */
export function treeResidentMb(pid: number): number {
  return tree(pid).reduce((sum, one) => sum + residentKb(one), 0) / 1024
}

function residentKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(contentOf(`/proc/${pid}/status`))?.[1] ?? 0)
}

function statOf(pid: number): string[] | undefined {
  const text = contentOf(`/proc/${pid}/stat`)
  return text === '' ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** Empty when the process has ended meanwhile. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
