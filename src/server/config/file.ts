// Reads a configuration file: text, variables, schema. Every error names the file.

import { readFile, stat } from 'node:fs/promises'
import { type Json, JsonError, parseJsonc } from './jsonc.ts'
import { invalid } from './listener.ts'
import { check, configSchema } from './schema.ts'
import { substitute } from './substitute.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Bytes of a configuration file. */
const FILE_BYTES_MAX = 1024 * 1024
/** Flaws that one error tells. */
const FLAWS_SHOWN = 10

/** The checked contents. Errors: SERVER_CONFIG_INVALID naming file, place, value and what is allowed. */
export async function readConfigFile(file: string, env: Environment): Promise<Json> {
  const text = await readText(file, 'configuration', FILE_BYTES_MAX)
  const { value, paths, missing } = substitute(parsed(text, file), env)
  if (missing.length > 0) {
    const which = missing.map(({ path, name }) => `${path} wants \${${name}}, which is not set`)
    throw invalid(file, which.join('; '))
  }
  return checked(value, { source: file, convertible: paths })
}

/** Checks against a part of the schema. Errors: SERVER_CONFIG_INVALID naming `source`. */
export function checked(
  value: Json,
  {
    source,
    convertible = new Set(),
    at = '',
    part,
  }: {
    readonly source: string
    readonly convertible?: ReadonlySet<string>
    /** The path of the value. */
    readonly at?: string
    /** A name under $defs; the whole schema without. */
    readonly part?: 'kafkaListener' | 'amqpListener' | 'httpListener' | 'managementListener' | 'users'
  },
): Json {
  const root = configSchema()
  const of = part === undefined ? root : part === 'users' ? root.properties?.users : root.$defs?.[part]
  const result = check(root, value, { convertible, at, of: of ?? root })
  const { flaws } = result
  if (flaws.length === 0) return result.value
  const more = flaws.length > FLAWS_SHOWN ? [`and ${flaws.length - FLAWS_SHOWN} more`] : []
  throw invalid(source, [...flaws.slice(0, FLAWS_SHOWN), ...more].join('; '))
}

/** A text file. Errors: SERVER_CONFIG_INVALID when it is not there, not readable or too large. */
export async function readText(file: string, what: string, bytesMax = FILE_BYTES_MAX): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size > bytesMax) throw invalid(file, `${size} bytes are more than the ${bytesMax} of a ${what} file`)
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') throw invalid(file, `there is no such ${what} file`)
    if (code === 'EACCES') throw invalid(file, `the ${what} file may not be read by this user`)
    if (code === 'EISDIR') throw invalid(file, `the ${what} file is a folder`)
    throw error
  }
}

function parsed(text: string, file: string): Json {
  try {
    return parseJsonc(text)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    throw invalid(`${file}:${error.line}:${error.column}`, error.message)
  }
}
