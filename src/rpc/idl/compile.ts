// The compiler, whole: source text in, TypeScript and diagnostics out. It touches no file; `Files` gives it those that are
// included.

import { checkSpecification } from './check/check.ts'
import type { Schema } from './check/schema.ts'
import { emitModule } from './emit/module.ts'
import type { StringPolicy } from './emit/uses.ts'
import { parseSpecification } from './grammar/definitions.ts'
import type { Definition, Specification } from './grammar/syntax.ts'
import { prelude } from './prelude.ts'
import { type Files, preprocess } from './preprocess/preprocessor.ts'
import { printSpecification } from './print.ts'
import { type Diagnostic, Diagnostics } from './source/diagnostic.ts'
import { tokenize } from './source/lexer.ts'
import type { Source } from './source/source.ts'
import type { Token } from './source/token.ts'

export interface CompileOptions {
  /** What #include finds; nothing unless given. */
  readonly files?: Files
  /** Macros by name, beside RPC_HDR, RPC_XDR, RPC_SVC and RPC_CLNT, which are 1. */
  readonly defines?: Readonly<Record<string, string>>
  /** Where the emitted module imports from: 'posthorn/rpc' unless given. */
  readonly importFrom?: string
  /** 'utf8' unless given. */
  readonly strings?: StringPolicy
}

export interface Compiled {
  /** The TypeScript module; undefined when there are errors. */
  readonly code: string | undefined
  /** In the order of the source, errors of its text before errors of its meaning. */
  readonly diagnostics: readonly Diagnostic[]
  /** How many of them are errors; after a hundred the compiler gives up. */
  readonly errors: number
}

/** Compiles an .x file to a TypeScript module. */
export function compileIdl(source: Source, options: CompileOptions = {}): Compiled {
  const { schema, diagnostics } = understand(source, options)
  const { list, errors } = diagnostics
  if (errors > 0) return { code: undefined, diagnostics: list, errors }
  const code = emitModule(schema, {
    sourceName: source.name.replace(/^.*[/\\]/, ''),
    importFrom: options.importFrom ?? 'posthorn/rpc',
    strings: options.strings ?? 'utf8',
  })
  return { code, diagnostics: list, errors }
}

/** Checks an .x file, and says what it declares. */
export function checkIdl(
  source: Source,
  options: CompileOptions = {},
): Omit<Compiled, 'code'> & { readonly schema: Schema } {
  const { schema, diagnostics } = understand(source, options)
  return { schema, diagnostics: diagnostics.list, errors: diagnostics.errors }
}

/** Prints an .x file in its normal form. Its text must be right; its meaning is not looked at. */
export function printIdl(source: Source, options: CompileOptions = {}): Compiled {
  const diagnostics = new Diagnostics()
  const { specification } = read(source, options, diagnostics)
  const { list, errors } = diagnostics
  return { code: errors > 0 ? undefined : printSpecification(specification), diagnostics: list, errors }
}

const noFiles: Files = { find: () => undefined }

function understand(
  source: Source,
  options: CompileOptions,
): { readonly schema: Schema; readonly diagnostics: Diagnostics } {
  const diagnostics = new Diagnostics()
  const whole = read(source, options, diagnostics)
  const { specification, external } = whole
  const definitions = [...missing(whole, source, options), ...specification.definitions]
  const schema = checkSpecification({ definitions }, external, diagnostics)
  const passed = specification.definitions.filter(({ kind }) => kind === 'pass')
  const [first] = passed
  if (first?.kind === 'pass')
    diagnostics.note(
      first.place,
      `${passed.length === 1 ? 'a line' : `${passed.length} lines`} for C (%) left out`,
    )
  return { schema, diagnostics }
}

interface Read {
  readonly specification: Specification
  readonly tokens: readonly Token[]
  readonly external: ReadonlyMap<string, readonly Token[]>
}

function read(
  source: Source,
  { files = noFiles, defines = {} }: CompileOptions,
  diagnostics: Diagnostics,
): Read {
  const { tokens, external } = preprocess(source, files, defines, diagnostics)
  return { specification: parseSpecification(tokens, diagnostics), tokens, external }
}

/**
 * Definitions that the source uses and does not have: out of the prelude, and out of the .x files that the headers of its
 * %#include lines are made from.
 */
function missing({ tokens, specification }: Read, source: Source, options: CompileOptions): Definition[] {
  const candidates = [...elsewhere(prelude, {}), ...headers(tokens, source, options)]
  const declared = new Set(specification.definitions.flatMap(namesOf))
  const wanted = new Set(wordsOf(tokens))
  const found: Definition[] = []
  // What is found may need more.
  for (let before = -1; before !== found.length; ) {
    before = found.length
    for (const one of candidates) {
      const names = namesOf(one)
      if (names.some(name => declared.has(name)) || !names.some(name => wanted.has(name))) continue
      found.push(one)
      for (const name of names) declared.add(name)
      for (const word of wordsOf(tokenize({ name: '', text: printSpecification({ definitions: [one] }) })))
        wanted.add(word)
    }
  }
  return found
}

/** What the .x files hold whose headers this source hands to C. */
function headers(tokens: readonly Token[], source: Source, options: CompileOptions): Definition[] {
  const { files = noFiles } = options
  return tokens.flatMap(({ kind, text }) => {
    const path = kind === 'pass' ? /^\s*#\s*include\s*["<]([^">]+)\.h[">]/.exec(text)?.[1] : undefined
    if (path === undefined) return []
    const base = path.replace(/^.*\//, '')
    const found = files.find(`${path}.x`, source.name, true) ?? files.find(`${base}.x`, source.name, false)
    return found === undefined || found.name === source.name ? [] : elsewhere(found, options)
  })
}

/** Types and constants of another source; its mistakes are its own. */
function elsewhere(source: Source, options: CompileOptions): Definition[] {
  const { specification } = read(source, options, new Diagnostics())
  return specification.definitions.filter(({ kind }) => kind !== 'program' && kind !== 'pass')
}

function wordsOf(tokens: readonly Token[]): string[] {
  return tokens.flatMap(({ kind, text }) => (kind === 'word' ? [text] : []))
}

/** The name of a definition, and those of the members of an enum. */
function namesOf(definition: Definition): string[] {
  if (definition.kind === 'pass') return []
  if (definition.kind === 'typedef') return [definition.declaration.name.text]
  const members = definition.kind === 'enum' ? definition.members.map(({ name }) => name.text) : []
  return [definition.name.text, ...members]
}
