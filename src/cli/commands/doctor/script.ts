// How to start one of this folder's scripts as a process of its own, from the sources or from the build.

import { fileURLToPath } from 'node:url'
import { inCode, isSource } from '../../../server/code-folder.ts'

/** Program and arguments. */
export function scriptCommand(name: string, parameters: readonly string[]): [string, ...string[]] {
  const script = fileURLToPath(inCode(`cli/commands/doctor/${name}.${isSource ? 'ts' : 'js'}`))
  const loader = isSource ? ['--import', 'tsx'] : []
  return [process.execPath, ...loader, script, ...parameters]
}
