// Where things are: the built package that is measured, and folders for data on the checkout's own disk.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** The build under test. Another one can be named, to compare two. */
export const dist = process.env.POSTHORN_BENCH_DIST ?? join(root, 'dist')

/** Git-ignored, and on the same disk for all contenders; /tmp may be memory. */
export const cache = join(root, '.cache', 'bench')

/** A module of the build under test, such as 'log/index.js'. */
export function built(path: string): string {
  return pathToFileURL(join(dist, path)).href
}

/** Folders that are there now: a run that is interrupted takes them with it. */
const scratches = new Set<string>()

/** A new folder; `release` removes it. */
export function scratch(name: string): { readonly path: string; release(): void } {
  mkdirSync(cache, { recursive: true })
  const path = mkdtempSync(join(cache, `${name}-`))
  scratches.add(path)
  return { path, release: () => remove(path) }
}

/** Removes what is left. */
export function releaseScratches(): void {
  for (const path of scratches) remove(path)
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5 })
  scratches.delete(path)
}
