// Debian's packages: those that are missing are installed, where this process may. The suites look for themselves at what
// is there afterwards, and say what they skip.

import { execute, exists } from './processes.ts'

const INSTALL_MS = 240_000
const env = { DEBIAN_FRONTEND: 'noninteractive' }

let updated: Promise<unknown> | undefined

/** Undefined when all of them are installed, else why not. */
export async function installDebian(packages: readonly string[]): Promise<string | undefined> {
  if (await exists('dpkg', ['-s', ...packages])) return undefined
  if (process.getuid?.() !== 0)
    return `not installed, and only root can: apt-get install ${packages.join(' ')}`
  if (!(await exists('apt-get', ['--version']))) return 'not installed, and there is no apt-get'
  updated ??= execute({ command: 'apt-get', args: ['-q', 'update'], env, timeoutMs: INSTALL_MS })
  await updated
  const args = ['-q', 'install', '-y', '--no-install-recommends', ...packages]
  const done = await execute({ command: 'apt-get', args, env, timeoutMs: INSTALL_MS })
  return done.code === 0 ? undefined : `apt-get could not install: ${done.stderr.trim().slice(-200)}`
}
