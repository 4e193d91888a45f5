// How to start one of this folder's scripts as a process of its own, from the sources or from the build.

import { fileURLToPath } from 'node:url'

/** Program and arguments. */
export function scriptCommand(name: string, parameters: readonly string[]): [string, ...string[]] {
  const isSource = import.meta.url.endsWith('.ts')
  const script = fileURLToPath(new URL(`./${name}.${isSource ? 'ts' : 'js'}`, import.meta.url))
  const loader = isSource ? ['--import', 'tsx'] : []
  return [process.execPath, ...loader, script, ...parameters]
}
