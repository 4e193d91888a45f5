// The version of this package, from package.json, its only home; read once, when it is first asked for.

import { readFileSync } from 'node:fs'
import { inCode } from './code-folder.ts'

let version: string | undefined

/** Such as '0.1.0'. */
export function packageVersion(): string {
  version ??= read()
  return version
}

function read(): string {
  const text = readFileSync(inCode('../package.json'), 'utf8')
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed !== 'object' || parsed === null || !('version' in parsed)) return 'unknown'
  return String(parsed.version)
}
