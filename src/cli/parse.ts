// What stands behind the words of a command, into typed values: node:util's parseArgs cuts the line into tokens, and
// the rules above them are ours (types, environment, repetition, suggestions). Order of a value: flag, environment,
// default.

import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { Example, Origin } from './command.ts'
import { CommandError } from './exit.ts'
import { type ArgumentSpec, flagName, type OptionSpec, type OptionSpecs } from './option.ts'
import { optionsOf } from './standard-options.ts'
import { didYouMean } from './suggest.ts'
import type { Environment } from './terminal.ts'
import { defaultValue, type OptionScalar, readChoice, readValue } from './value.ts'

type ParsedValue = OptionScalar | readonly OptionScalar[] | undefined

/** An invocation as parsed; `help` means that somebody asked for it and nothing else was looked at. */
export type Parsed =
  | { readonly at: 'help' }
  | {
      readonly at: 'run'
      readonly options: Readonly<Record<string, ParsedValue>>
      readonly origins: Readonly<Record<string, Origin>>
      readonly arguments: Readonly<Record<string, string | readonly string[] | undefined>>
    }

/** The part of a command that parsing needs; words that are no command have one too, without arguments. */
export interface Syntax {
  readonly path: readonly string[]
  readonly options: OptionSpecs
  readonly arguments: readonly ArgumentSpec[]
  readonly examples?: readonly Example[]
  readonly destructive?: true
}

/** Texts given per option key, in order; 'true' and 'false' for flags. */
type Given = Map<string, { readonly texts: string[]; readonly flag: string }>

/** Reads the arguments behind a command's words. Throws CommandError (usage). */
export function parseCommandLine(command: Syntax, argv: readonly string[], env: Environment): Parsed {
  const specs = optionsOf(command)
  const { given, words } = cutLine(command, specs, argv)
  if (given.has('help')) return { at: 'help' }
  const options: Record<string, ParsedValue> = {}
  const origins: Record<string, Origin> = {}
  for (const [key, spec] of Object.entries(specs)) {
    const { value, origin } = chosenValue(key, spec, given, env)
    options[key] = value
    origins[key] = origin
  }
  return { at: 'run', options, origins, arguments: readArguments(command, words) }
}

function cutLine(
  command: Syntax,
  specs: OptionSpecs,
  argv: readonly string[],
): { readonly given: Given; readonly words: readonly string[] } {
  const flags = flagsOf(specs)
  const { tokens } = parseArgs({
    args: [...argv],
    options: tokenOptions(flags),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given: Given = new Map()
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind === 'option') accept(token, { command, flags, given })
  }
  return { given, words }
}

/** A name on the command line: the option that it sets, and whether it sets it to false. */
interface Flag {
  readonly key: string
  readonly spec: OptionSpec
  readonly negative: boolean
}

function flagsOf(specs: OptionSpecs): ReadonlyMap<string, Flag> {
  const flags = new Map<string, Flag>()
  for (const [key, spec] of Object.entries(specs)) {
    flags.set(flagName(key), { key, spec, negative: false })
    if (spec.type === 'boolean' && key !== 'help')
      flags.set(`no-${flagName(key)}`, { key, spec, negative: true })
  }
  return flags
}

function tokenOptions(flags: ReadonlyMap<string, Flag>): NonNullable<ParseArgsConfig['options']> {
  const entries = [...flags].map(([name, { spec, negative }]) => {
    const type = spec.type === 'boolean' ? ('boolean' as const) : ('string' as const)
    return [name, spec.short === undefined || negative ? { type } : { type, short: spec.short }] as const
  })
  return Object.fromEntries(entries)
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function accept(
  token: OptionToken,
  line: { readonly command: Syntax; readonly flags: ReadonlyMap<string, Flag>; readonly given: Given },
): void {
  const flag = line.flags.get(token.name)
  if (flag === undefined) throw unknownOption(token, line.command, line.flags)
  const text = flag.spec.type === 'boolean' ? flagText(token, flag) : valueText(token)
  const before = line.given.get(flag.key)
  if (before === undefined) line.given.set(flag.key, { texts: [text], flag: token.rawName })
  else before.texts.push(text)
}

function flagText(token: OptionToken, flag: Flag): string {
  if (token.value === undefined) return String(!flag.negative)
  if (!flag.negative) return token.value
  throw new CommandError('usage', `${token.rawName} takes no value, and was given '${token.value}'`)
}

/** A following option is not taken for a value unless joined with '='; negative numbers are. */
function valueText(token: OptionToken): string {
  const { rawName, value } = token
  const example = rawName.startsWith('--') ? `${rawName}=<value>` : `${rawName} <value>`
  if (value === undefined) throw new CommandError('usage', `${rawName} needs a value: ${example}`)
  if (token.inlineValue !== true && /^-[^\d.]/.test(value))
    throw new CommandError('usage', `${rawName} needs a value, and '${value}' is an option: ${example}`)
  return value
}

function unknownOption(token: OptionToken, command: Syntax, flags: ReadonlyMap<string, Flag>): CommandError {
  const known = [...flags].flatMap(([name, flag]) =>
    flag.negative && flag.spec.default !== true ? [] : `--${name}`,
  )
  const words = ['posthorn', ...command.path].join(' ')
  return new CommandError(
    'usage',
    `'${words}' has no option ${token.rawName}${didYouMean(token.rawName, known)}`,
    `${words} --help`,
  )
}

function chosenValue(
  key: string,
  spec: OptionSpec,
  given: Given,
  env: Environment,
): { readonly value: ParsedValue; readonly origin: Origin } {
  const read = (texts: readonly string[], source: string): ParsedValue => {
    const values = texts.map(text => readValue(spec, text, source))
    return spec.repeated === true ? values : values.at(-1)
  }
  const flag = given.get(key)
  if (flag !== undefined) return { value: read(flag.texts, flag.flag), origin: 'flag' }
  const text = spec.env === undefined ? '' : (env[spec.env] ?? '')
  if (spec.env !== undefined && text !== '') {
    const texts = spec.repeated === true ? text.split(',').map(part => part.trim()) : [text]
    return { value: read(texts, spec.env), origin: 'environment' }
  }
  const value = defaultValue(spec)
  if (value === undefined && spec.required === true) throw missingOption(key, spec)
  if (spec.repeated === true) return { value: value === undefined ? [] : [value], origin: 'default' }
  return { value, origin: 'default' }
}

function missingOption(key: string, spec: OptionSpec): CommandError {
  const env = spec.env === undefined ? '' : ` (or set ${spec.env})`
  return new CommandError('usage', `--${flagName(key)} is missing${env}: ${spec.summary}`)
}

function readArguments(
  command: Syntax,
  words: readonly string[],
): Record<string, string | readonly string[] | undefined> {
  const values: Record<string, string | readonly string[] | undefined> = {}
  for (const [at, spec] of command.arguments.entries()) {
    const source = `<${spec.name}>`
    const own = spec.repeated === true ? words.slice(at) : words.slice(at, at + 1)
    if (own.length === 0 && spec.required === true) throw missingArgument(command, spec)
    const { choices } = spec
    if (choices !== undefined) for (const word of own) readChoice(choices, word, source)
    values[spec.name] = spec.repeated === true ? own : own[0]
  }
  const surplus = words[command.arguments.length]
  if (surplus !== undefined && command.arguments.at(-1)?.repeated !== true)
    throw surplusWord(command, surplus)
  return values
}

function missingArgument(command: Syntax, spec: ArgumentSpec): CommandError {
  const choices = spec.choices === undefined ? '' : ` (${spec.choices.join(', ')})`
  return new CommandError(
    'usage',
    `<${spec.name}> is missing: ${spec.summary}${choices}`,
    command.examples?.[0]?.command,
  )
}

function surplusWord(command: Syntax, word: string): CommandError {
  const path = `posthorn ${command.path.join(' ')}`
  const most = command.arguments.length
  const takes = most === 0 ? 'no arguments' : most === 1 ? 'one argument' : `${most} arguments`
  return new CommandError('usage', `'${path}' takes ${takes}, so '${word}' is too many`, `${path} --help`)
}
