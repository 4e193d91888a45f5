// What a module gives to be served.

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Declarations } from '../../../rpc/index.ts'
import { CommandError } from '../../exit.ts'

export interface Implementation {
  readonly implementation: object
  readonly methods: Declarations
}

/** Imports a file or package and takes what is to be served. Errors: CommandError; what the module throws. */
export async function implementationOf(module: string, name: string): Promise<Implementation> {
  const exported = await imported(module)
  const given = exported[name]
  const names = Object.keys(exported).sort().join(', ') || 'nothing'
  if (given === undefined)
    throw new CommandError('notFound', `${module} does not export '${name}'; it exports ${names}`)
  if ((typeof given !== 'object' && typeof given !== 'function') || given === null)
    throw new CommandError(
      'notFound',
      `'${name}' of ${module} is neither an object nor a class nor a function`,
    )
  return {
    implementation: isClass(given) ? new given() : given,
    methods: declarations(module, exported.methods),
  }
}

async function imported(module: string): Promise<Readonly<Record<string, unknown>>> {
  const path = resolve(module)
  const specifier = existsSync(path) ? pathToFileURL(path).href : module
  try {
    return (await import(specifier)) as Readonly<Record<string, unknown>>
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
      throw new CommandError(
        'notFound',
        `Node ${process.version} cannot import ${module}`,
        'compile it to JavaScript first, or run a Node that takes TypeScript (22.18 and later)',
        error,
      )
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_UNSUPPORTED_DIR_IMPORT')
      throw new CommandError(
        'notFound',
        error instanceof Error ? error.message : String(error),
        undefined,
        error,
      )
    throw error
  }
}

function isClass(given: object): given is new () => object {
  return typeof given === 'function' && /^class\b/.test(Function.prototype.toString.call(given))
}

function declarations(module: string, methods: unknown): Declarations {
  if (methods === undefined) return {}
  if (typeof methods !== 'object' || methods === null)
    throw new CommandError('notFound', `'methods' of ${module} is no object of declarations`)
  return methods as Declarations
}
