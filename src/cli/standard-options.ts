// The options that every command has, in the same table form as its own, so that parsing, help and completion treat
// them alike.

import type { OptionSpecs } from './option.ts'
import { formats } from './output/format.ts'

export const standardOptions = {
  output: {
    type: 'choice',
    short: 'o',
    choices: formats,
    default: 'table',
    valueName: 'format',
    env: 'POSTHORN_OUTPUT',
    summary: 'Print the result in this format',
  },
  json: { type: 'boolean', summary: 'Same as --output json' },
  quiet: { type: 'boolean', short: 'q', summary: 'No notes and no progress on stderr' },
  progress: { type: 'boolean', default: true, summary: 'Draw no progress bars on a terminal' },
  help: { type: 'boolean', short: 'h', summary: 'Explain this command' },
} as const satisfies OptionSpecs

/** Only on commands that destroy something. */
export const confirmOptions = {
  yes: { type: 'boolean', short: 'y', summary: 'Do not ask before destroying something' },
} as const satisfies OptionSpecs

/** Before any command: `posthorn --version`. */
export const rootOptions = {
  version: { type: 'boolean', short: 'V', summary: 'Print the version' },
  helpLlm: { type: 'boolean', summary: 'Explain every command on one page, for language models' },
} as const satisfies OptionSpecs

/** All options of a command, its own first. */
export function optionsOf(command: {
  readonly options: OptionSpecs
  readonly destructive?: true
}): OptionSpecs {
  return {
    ...command.options,
    ...(command.destructive === true ? confirmOptions : {}),
    ...standardOptions,
  }
}
