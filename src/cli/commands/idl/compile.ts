// `posthorn idl compile`: an .x file to a TypeScript module.

import { readFileSync, writeFileSync } from 'node:fs'
import { type Compiled, compileIdl } from '../../../rpc/idl/index.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'
import { reading, readSource, refuse, sourceOptions, told } from './source.ts'
import { changed, stampOf } from './watch.ts'

export const idlCompile = defineCommand({
  path: ['idl', 'compile'],
  summary: 'Compile an .x file of ONC RPC to TypeScript',
  description: `Reads what RFC 4506 and RFC 5531 describe, and what rpcgen takes, with a preprocessor of its own. Writes one module with constants, types, the tables that encode and decode them, and a descriptor of each version of a program with the types of its client and server. The same source gives the same text, formatted.

Nothing is written when there are errors. With --watch it compiles again whenever the source or a file that it includes changes, until Ctrl-C.

Strings are UTF-8 unless --strings says latin1 (each byte a character) or bytes (Uint8Array).`,
  examples: [
    { text: 'A module beside the source', command: 'posthorn idl compile ledger.x ledger.ts' },
    { text: 'Again after each change', command: 'posthorn idl compile ledger.x ledger.ts --watch' },
    {
      text: 'With a constant that only a C header has',
      command: 'posthorn idl compile remote.x remote.ts -D VIR_UUID_BUFLEN=16',
    },
  ],
  arguments: [
    { name: 'source', summary: 'The .x file', required: true },
    { name: 'target', summary: 'The file to write; standard output without it' },
  ],
  options: {
    ...sourceOptions,
    strings: {
      type: 'choice',
      choices: ['utf8', 'latin1', 'bytes'],
      default: 'utf8',
      summary: 'What strings are on the wire',
    },
    importFrom: {
      type: 'string',
      valueName: 'module',
      default: 'posthorn/rpc',
      summary: 'Where the module imports the types of the wire from',
    },
    watch: { type: 'boolean', short: 'w', summary: 'Compile again whenever a file changes' },
  },
  writes: true,
  async run({ arguments: { source: path, target }, options, output, signal, world }) {
    const { strings, importFrom, watch } = options
    if (watch && target === undefined)
      throw new CommandError(
        'usage',
        '--watch needs a file to write',
        `posthorn idl compile ${path} FILE.ts --watch`,
      )
    const compile = (): Compiled & { readonly stamps: ReadonlyMap<string, string> } => {
      const stamp = stampOf(path)
      const { files, defines, read } = reading(options)
      const compiled = compileIdl(readSource(path), { files, defines, strings, importFrom })
      return { ...compiled, stamps: new Map([[path, stamp], ...read]) }
    }
    for (;;) {
      const { code, errors, diagnostics, stamps } = compile()
      if (!watch) refuse(path, errors, diagnostics)
      const text = told(diagnostics)
      if (text !== '') output.warn(`${path}\n${text}`)
      if (code !== undefined && target === undefined) await output.text(code)
      if (code !== undefined && target !== undefined && writeChanged(target, code))
        output.note(`wrote ${target}`)
      if (!watch) return
      await changed(stamps, world, signal)
      if (signal.aborted) return
    }
  },
})

/** Leaves a file alone that holds the text already, so that what watches it is not woken. */
function writeChanged(path: string, text: string): boolean {
  try {
    if (readFileSync(path, 'utf8') === text) return false
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  writeFileSync(path, text)
  return true
}
