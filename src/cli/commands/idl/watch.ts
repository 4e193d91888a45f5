// Waiting for a change of files. By looking at them, not by the system's notices: editors replace files, and notices of
// network and container file systems get lost.

import { statSync, unwatchFile, watchFile } from 'node:fs'

/** How often the files are looked at. */
const INTERVAL_MS = 200

/** What changes when a file does: time and size; empty when there is none. */
export function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? '' : `${found.mtimeMs} ${found.size}`
}

/**
 * Resolves when one of the files is another than at its stamp, or the signal aborts. A change between stamp and call counts;
 * a file that is gone for a moment is being replaced, and does not.
 */
export function changed(stamps: ReadonlyMap<string, string>, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = (): void => {
      for (const path of stamps.keys()) unwatchFile(path, look)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const look = (): void => {
      const isChanged = [...stamps].some(([path, before]) => !['', before].includes(stampOf(path)))
      if (isChanged) end()
    }
    signal.addEventListener('abort', end)
    // node:fs looks in its own time, and keeps the process alive meanwhile.
    for (const path of stamps.keys()) watchFile(path, { interval: INTERVAL_MS }, look)
    if (signal.aborted) end()
    else look()
  })
}
