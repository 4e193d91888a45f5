// `posthorn idl print`: an .x file in its normal form.

import { printIdl } from '../../../rpc/idl/index.ts'
import { defineCommand } from '../../command.ts'
import { reading, readSource, refuse, sourceOptions } from './source.ts'

export const idlPrint = defineCommand({
  path: ['idl', 'print'],
  summary: 'Print an .x file in its normal form',
  description:
    'One definition after the other, indented in one way, with macros and included files worked in and the comments that explain a definition or field. What is printed compiles to the same module, and prints the same again.',
  examples: [{ text: 'To standard output', command: 'posthorn idl print /usr/include/rpcsvc/mount.x' }],
  arguments: [{ name: 'source', summary: 'The .x file', required: true }],
  options: sourceOptions,
  async run({ arguments: { source }, options, output }) {
    const { code, errors, diagnostics } = printIdl(readSource(source), reading(options))
    refuse(source, errors, diagnostics)
    await output.text(code ?? '')
  },
})
