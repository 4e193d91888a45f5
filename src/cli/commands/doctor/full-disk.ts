// What happens when the disk is full, without filling anybody's disk. Where the machine lets a process have mounts of its
// own (Linux with user namespaces), a small disk in memory is filled for real: the system's short writes and ENOSPC, and
// nothing of it is seen outside or left behind. Elsewhere a limit is put in front of the folder. The answer says which.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { nodeDisk } from '../../../log/file/node-disk.ts'
import type { World } from '../../../world/index.ts'
import type { Finding } from './finding.ts'
import { type FullDiskOutcome, playFullDisk, STORY_BYTES } from './full-disk-story.ts'
import { NarrowDisk } from './narrow-disk.ts'
import { scriptCommand } from './script.ts'

const CHECK = 'full disk'
/** Node's exit code when the main module waits and nothing is left that could answer. */
const WAITED_FOR_NOTHING = 13

export type FullDiskMethod = 'mounted' | 'limited'

const methods: Readonly<Record<FullDiskMethod, string>> = {
  mounted: `a tmpfs of ${STORY_BYTES >> 20} MiB, mounted for the check alone, was filled`,
  limited: `simulated: a limit of ${STORY_BYTES >> 20} MiB in front of this folder`,
}

export interface FullDiskOptions {
  /** Made, and used up. */
  readonly folder: string
  readonly world: World
  readonly signal: AbortSignal
  /** Only for tests: not to try the others. */
  readonly method?: FullDiskMethod
}

/** Errors: the disk's that have nothing to do with room. */
export async function fullDiskFinding({ folder, world, signal, method }: FullDiskOptions): Promise<Finding> {
  mkdirSync(folder)
  const mounted = method === 'limited' ? undefined : await playMounted(folder, signal)
  if (mounted !== undefined) return judgeFullDisk('mounted', mounted)
  if (signal.aborted) return { check: CHECK, verdict: 'skipped', result: 'broken off', meaning: 'not tried' }
  return judgeFullDisk('limited', await playFullDisk(new NarrowDisk(nodeDisk(folder), STORY_BYTES), world))
}

export function judgeFullDisk(method: FullDiskMethod, { acknowledged, flaws }: FullDiskOutcome): Finding {
  if (flaws.length > 0)
    return {
      check: CHECK,
      verdict: 'failed',
      result: methods[method],
      meaning: flaws.slice(0, 3).join('; '),
    }
  return {
    check: CHECK,
    verdict: 'ok',
    result: `${methods[method]}; refused after ${acknowledged} appends, all of them found`,
    meaning:
      'appends are refused with LOG_DISK_FULL, reads and trims go on, and appends work again once there is room',
  }
}

/** In a child with a mount of its own; undefined where that is not permitted. */
async function playMounted(folder: string, signal: AbortSignal): Promise<FullDiskOutcome | undefined> {
  if (process.platform !== 'linux') return undefined
  const mount = `mount -t tmpfs -o size=${STORY_BYTES} none "$0" && exec "$@"`
  const command = scriptCommand('full-disk-child', [folder])
  const child = spawn('unshare', ['--mount', '--map-root-user', 'sh', '-c', mount, folder, ...command], {
    stdio: ['ignore', 'pipe', 'ignore'],
    signal,
  })
  let said = ''
  child.stdout.on('data', chunk => {
    said += String(chunk)
  })
  let code: unknown
  try {
    ;[code] = await once(child, 'close')
  } catch {
    return undefined // there is no such program here, or the check was broken off
  }
  if (code === WAITED_FOR_NOTHING) return { acknowledged: 0, flaws: ['appends were never answered'] }
  return said === '' ? undefined : (JSON.parse(said) as FullDiskOutcome)
}
