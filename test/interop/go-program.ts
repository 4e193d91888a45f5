// Go programs: those of this folder, and the tests that come with somebody's module. Modules come by Go's proxy, at the versions of
// go.sum.

import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execute, exists } from './processes.ts'

export interface GoBuild {
  /** The folder beside this file with go.mod. */
  readonly source: string
  /** Where the program goes. */
  readonly program: string
  /** The package whose tests are the program; without it that of the folder. */
  readonly testsOf?: string
}

/** Downloading and compiling, the first time. */
const BUILD_MS = 300_000

/** Undefined when the program is there, else why not. */
export async function buildGo({ source, program, testsOf }: GoBuild): Promise<string | undefined> {
  if (!(await exists('go', ['version']))) return 'there is no Go'
  mkdirSync(dirname(program), { recursive: true })
  const how = testsOf === undefined ? ['build'] : ['test', '-c']
  const args = [...how, '-mod=readonly', '-o', program, testsOf ?? '.']
  const cwd = join(import.meta.dirname, source)
  const built = await execute({ command: 'go', args, cwd, timeoutMs: BUILD_MS })
  // A package without tests is built into nothing.
  if (built.code === 0 && existsSync(program)) return undefined
  return `go ${how.join(' ')}: ${built.stderr.trim().slice(-300)}`
}
