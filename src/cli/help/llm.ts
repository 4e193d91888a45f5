// `posthorn --help-llm`: every command on one Markdown page, for a language model that is to use the program: what it
// does, whether it reads or writes, all options with types and defaults, and how to run it without a person.

import { allCommands, type Command, isWriting, type Registry } from '../command.ts'
import { exits } from '../exit.ts'
import { type ArgumentSpec, flagName, type OptionSpec, valueName } from '../option.ts'
import { confirmOptions, standardOptions } from '../standard-options.ts'
import { usage } from './page.ts'

/** The page. */
export async function llmPage(registry: Registry): Promise<string> {
  const commands = await allCommands(registry)
  return `${[rules(), ...commands.map(section), codes()].join('\n\n')}\n`
}

function rules(): string {
  return `# posthorn: all commands

- Grammar: \`posthorn <noun> <verb> [arguments] [options]\`.
- Tag [read] changes nothing; [write] changes something; [write, destructive] destroys something and needs \`--yes\` when there is no terminal.
- Use \`-o json\` or \`-o jsonl\`: the result is on stdout, everything else on stderr. \`-o schema\` prints the JSON Schema of the result.
- Nothing ever waits for an answer without a terminal. Branch on the exit code.
- Options of every command: ${Object.entries(standardOptions).map(optionWords).join('; ')}.`
}

function section(command: Command): string {
  const own = { ...command.options, ...(command.destructive === true ? confirmOptions : {}) }
  const lines = [
    `## ${usage(command)} [${tag(command)}]`,
    `${command.summary}.${command.description === undefined ? '' : ` ${command.description}`}`,
    ...aliasLine(command),
    ...command.arguments.map(argumentLine),
    ...Object.entries(own).map(entry => `- ${optionWords(entry)}`),
    ...columnsLine(command),
    ...command.examples.map(({ text, command: line }) => `- Example (${text}): \`${line}\``),
  ]
  return lines.join('\n')
}

function tag(command: Command): string {
  if (command.destructive === true) return 'write, destructive'
  return isWriting(command) ? 'write' : 'read'
}

function aliasLine({ aliases = [] }: Command): string[] {
  return aliases.length === 0 ? [] : [`- Aliases of the last word: ${aliases.join(', ')}`]
}

function argumentLine(spec: ArgumentSpec): string {
  const facts = [
    spec.required === true ? 'required' : 'optional',
    ...(spec.repeated === true ? ['repeated'] : []),
    ...(spec.choices === undefined ? [] : [`one of ${spec.choices.join(', ')}`]),
  ]
  return `- \`${spec.name}\` (${facts.join(', ')}): ${spec.summary}`
}

function optionWords([key, spec]: readonly [string, OptionSpec]): string {
  const isOn = spec.type === 'boolean' && spec.default === true
  const value = valueName(spec)
  const name = `--${isOn ? 'no-' : ''}${flagName(key)}${value === undefined ? '' : ` <${value}>`}`
  const facts = [
    ...(spec.type === 'boolean' || spec.type === 'choice' ? [] : [spec.type]),
    ...(spec.type === 'choice' && spec.valueName !== undefined ? [`one of ${spec.choices.join(', ')}`] : []),
    ...(spec.required === true ? ['required'] : []),
    ...(spec.repeated === true ? ['repeated'] : []),
    ...(spec.default === undefined || spec.type === 'boolean' ? [] : [`default ${spec.default}`]),
    ...(spec.env === undefined ? [] : [`env ${spec.env}`]),
  ]
  return `\`${name}\`${facts.length === 0 ? '' : ` (${facts.join(', ')})`}: ${spec.summary}`
}

function columnsLine({ columns, result = 'rows' }: Command): string[] {
  if (columns === undefined) return []
  const fields = Object.entries(columns).map(([key, column]) => `${key} (${column.type})`)
  return [`- Prints ${result === 'rows' ? 'rows of' : 'one object of'}: ${fields.join(', ')}`]
}

function codes(): string {
  const lines = Object.values(exits).map(({ code, meaning }) => `- ${code}: ${meaning}`)
  return ['## Exit codes', ...lines].join('\n')
}
