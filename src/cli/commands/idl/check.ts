// `posthorn idl check`: what is wrong with .x files, and what they declare.

import { checkIdl } from '../../../rpc/idl/index.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'
import { reading, readSource, sourceOptions, told } from './source.ts'

export const idlCheck = defineCommand({
  path: ['idl', 'check'],
  summary: 'Check .x files, and count what they declare',
  description:
    'Prints each mistake with its file, line and column and a caret under the place, and a row for each file. The exit code is 65 when a file has errors.',
  examples: [
    { text: 'One file', command: 'posthorn idl check ledger.x' },
    { text: 'Several, for a script', command: 'posthorn idl check *.x --json' },
  ],
  arguments: [{ name: 'sources', summary: 'The .x files', required: true, repeated: true }],
  options: sourceOptions,
  columns: {
    file: { type: 'string', summary: 'The file' },
    errors: { type: 'integer', summary: 'Errors in it' },
    constants: { type: 'integer', summary: 'Constants that it declares' },
    types: { type: 'integer', summary: 'Types that it declares' },
    programs: { type: 'integer', summary: 'Programs that it declares' },
    procedures: { type: 'integer', summary: 'Procedures of all versions' },
  },
  async run({ arguments: { sources }, options, output }) {
    const said: string[] = []
    const rows = sources.map(file => {
      const { schema, errors, diagnostics } = checkIdl(readSource(file), reading(options))
      const text = told(diagnostics)
      if (text !== '' && errors > 0) said.push(text)
      else if (text !== '') output.warn(`${file}\n${text}`)
      const versions = schema.programs.flatMap(program => program.versions)
      return {
        file,
        errors,
        constants: schema.constants.length,
        types: schema.types.length,
        programs: schema.programs.length,
        procedures: versions.reduce((sum, { procedures }) => sum + procedures.length, 0),
      }
    })
    await output.rows(rows)
    const bad = rows.filter(({ errors }) => errors > 0).length
    if (bad > 0)
      throw new CommandError('notFound', `${bad} of ${rows.length} files have errors\n${said.join('\n')}`)
  },
})
