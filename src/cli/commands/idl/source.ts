// .x files on the disk: reading them, finding what they include, and saying what is wrong with them.

import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { type Diagnostic, type Files, renderDiagnostic, type Source } from '../../../rpc/idl/index.ts'
import { CommandError } from '../../exit.ts'
import { stampOf } from './watch.ts'

/** Options of all commands that read an .x file. */
export const sourceOptions = {
  define: {
    type: 'string',
    short: 'D',
    repeated: true,
    valueName: 'name=value',
    summary: 'A macro for the preprocessor; also the value of a constant that only a C header has',
  },
  include: {
    type: 'string',
    short: 'I',
    repeated: true,
    valueName: 'folder',
    summary: 'Look here too for files that are included',
  },
} as const

/** What those options say, for the compiler. */
export interface Reading {
  readonly files: Files
  readonly defines: Readonly<Record<string, string>>
  /** Every file that was included or looked for so far, with its stamp. */
  readonly read: ReadonlyMap<string, string>
}

export function reading(options: {
  readonly define: readonly string[]
  readonly include: readonly string[]
}): Reading {
  const read = new Map<string, string>()
  const find = (path: string, from: string, isSystem: boolean): Source | undefined => {
    const near = isSystem ? [] : [dirname(from)]
    const places = isAbsolute(path) ? [path] : [...near, ...options.include].map(folder => join(folder, path))
    for (const place of places) {
      read.set(place, stampOf(place))
      const text = textOf(place)
      if (text === undefined) continue
      return { name: place, text }
    }
    return undefined
  }
  return { files: { find }, defines: Object.fromEntries(options.define.map(definition)), read }
}

/** Reads a source. Errors: CommandError when it cannot be read. */
export function readSource(path: string): Source {
  const text = textOf(path)
  if (text === undefined) throw new CommandError('notFound', `there is no file ${path}`)
  return { name: path, text }
}

/** Diagnostics as text for stderr; notes only when asked for. */
export function told(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .filter(({ severity }) => severity !== 'note')
    .map(renderDiagnostic)
    .join('\n')
}

/** Throws when there are errors, with all of them. */
export function refuse(path: string, errors: number, diagnostics: readonly Diagnostic[]): void {
  if (errors === 0) return
  const count = errors === 1 ? '1 error' : `${errors} errors`
  throw new CommandError('notFound', `${path} has ${count}\n${told(diagnostics)}`)
}

function definition(text: string): [string, string] {
  const at = text.indexOf('=')
  const name = at === -1 ? text : text.slice(0, at)
  if (!/^[A-Za-z_]\w*$/.test(name))
    throw new CommandError('usage', `--define wants a name or name=value, not '${text}'`)
  return [name, at === -1 ? '1' : text.slice(at + 1)]
}

/** The text of a file; undefined when there is none. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR'))
      return undefined
    throw error
  }
}
