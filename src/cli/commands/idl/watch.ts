// Waiting for a change of files. By looking at them, not by the system's notices: editors replace files, and notices of
// network and container file systems get lost.

import { type StatsListener, unwatchFile, watchFile } from 'node:fs'

/** How often the files are looked at. */
const INTERVAL_MS = 200

/** Resolves when one of the files has changed, or the signal aborts. */
export function changed(paths: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = (): void => {
      for (const path of paths) unwatchFile(path, listener)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const listener: StatsListener = (now, before) => {
      // A file that is gone for a moment is being replaced.
      if (now.mtimeMs !== 0 && (now.mtimeMs !== before.mtimeMs || now.size !== before.size)) end()
    }
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', end)
    for (const path of paths) watchFile(path, { interval: INTERVAL_MS }, listener)
  })
}
