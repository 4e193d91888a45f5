// The commands of `posthorn`, as they declare themselves.

import { allCommands, type Command } from '../../src/cli/command.ts'
import { exits } from '../../src/cli/exit.ts'
import { flagName, type OptionSpec, valueName } from '../../src/cli/option.ts'
import { registry } from '../../src/cli/registry.ts'
import { code, table } from './table.ts'

export async function commandPages(): Promise<string> {
  return (await allCommands(registry)).map(page).join('\n\n')
}

export function exitTable(): string {
  return table(
    ['code', 'meaning'],
    Object.values(exits).map(({ code: number, meaning }) => [String(number), meaning]),
  )
}

function page(command: Command): string {
  const { path, description, summary, examples, options } = command
  const shown = examples.map(({ text, command: line }) => `# ${text}\n${line}`).join('\n')
  const rows = Object.entries(options).map(([key, spec]) => [flag(key, spec), explained(spec)])
  return [
    `## posthorn ${path.join(' ')}`,
    `${summary}.`,
    ...(description === undefined ? [] : [description]),
    `\`\`\`\n${usage(command)}\n\n${shown}\n\`\`\``,
    ...(rows.length === 0 ? [] : [table(['option', 'what it does'], rows)]),
  ].join('\n\n')
}

function usage({ path, arguments: words, options }: Command): string {
  const shown = words.map(({ name, required, repeated }) => {
    const word = `${name.toUpperCase()}${repeated ? '...' : ''}`
    return required ? word : `[${word}]`
  })
  return ['posthorn', ...path, ...shown, ...(Object.keys(options).length > 0 ? ['[options]'] : [])].join(' ')
}

function flag(key: string, spec: OptionSpec): string {
  const value = valueName(spec)
  const name = spec.type === 'boolean' && spec.default === true ? `no-${flagName(key)}` : flagName(key)
  const long = `--${name}${value === undefined ? '' : ` <${value}>`}`
  return code(spec.short === undefined ? long : `-${spec.short}, ${long}`)
}

function explained(spec: OptionSpec): string {
  const notes = [
    ...(spec.required ? ['required'] : []),
    ...(spec.default === undefined || spec.type === 'boolean'
      ? []
      : [`default ${code(String(spec.default))}`]),
    ...(spec.env === undefined ? [] : [code(spec.env)]),
  ]
  return notes.length === 0 ? spec.summary : `${spec.summary} (${notes.join('; ')})`
}
