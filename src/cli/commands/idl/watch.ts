// Waiting for a change of files. By looking at them, not by the system's notices: editors replace files, and notices of
// network and container file systems get lost.

import { statSync, unwatchFile, watchFile } from 'node:fs'
import type { Timer, World } from '../../../world/index.ts'

/** How often the files are looked at. */
export const INTERVAL_MS = 200

/** What changes when a file does: time and size; empty when there is none. */
export function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? '' : `${found.mtimeMs} ${found.size}`
}

/**
 * Resolves when one of the files is another than at its stamp, or the signal aborts. A change between stamp and call counts;
 * a file that is gone for a moment is being replaced, and does not.
 */
export function changed(
  stamps: ReadonlyMap<string, string>,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  return new Promise(resolve => {
    let timer: Timer | undefined
    const end = (): void => {
      timer?.cancel()
      signal.removeEventListener('abort', end)
      for (const path of stamps.keys()) unwatchFile(path, nothing)
      resolve()
    }
    const look = (): void => {
      const isChanged = [...stamps].some(([path, before]) => !['', before].includes(stampOf(path)))
      if (isChanged) end()
      else timer = world.after(INTERVAL_MS, look)
    }
    // The world's timers do not keep a process alive; a watched file does.
    for (const path of stamps.keys()) watchFile(path, { interval: HOUR_MS }, nothing)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
    else look()
  })
}

const HOUR_MS = 3_600_000

function nothing(): void {}
