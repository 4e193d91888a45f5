// Options and arguments as a command declares them, and the types of their values, inferred from the declaration.
// A key in camelCase is the name in code, its kebab-case the flag: `dryRun` is `--dry-run`.

import type { Duration } from '../world/index.ts'

interface OptionOf<Type extends string, Default> {
  readonly type: Type
  /** One line for help. Of a boolean that is on by default, help shows the flag that turns it off: explain that. */
  readonly summary: string
  /** One letter: 'p' for -p. */
  readonly short?: string
  /** What help calls the value: --partitions <count>. */
  readonly valueName?: string
  /** The environment variable that is asked when the flag is absent. */
  readonly env?: `POSTHORN_${string}`
  /** Taken when neither flag nor environment say anything. */
  readonly default?: Default
  /** Usage error when nothing gives a value. */
  readonly required?: true
  /** May be given several times; the value is an array. In the environment, separated by commas. */
  readonly repeated?: true
}

interface NumberOption<Type extends string> extends OptionOf<Type, number> {
  readonly min?: number
  readonly max?: number
}

/** An option as declared. Durations come out as ms, sizes as bytes. */
export type OptionSpec =
  | (OptionOf<'boolean', boolean> & { readonly repeated?: never; readonly required?: never })
  | OptionOf<'string', string>
  | NumberOption<'integer'>
  | NumberOption<'number'>
  | OptionOf<'duration', Duration>
  | OptionOf<'bytes', number | string>
  | (OptionOf<'choice', string> & { readonly choices: readonly string[] })

export type OptionSpecs = Readonly<Record<string, OptionSpec>>

/** A positional argument. Only the last may be repeated, and no required one follows an optional one. */
export interface ArgumentSpec {
  readonly name: string
  readonly summary: string
  readonly required?: true
  readonly repeated?: true
  /** The only words allowed. */
  readonly choices?: readonly string[]
}

type OneValue<Spec extends OptionSpec> = Spec extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : Spec['type'] extends 'boolean'
    ? boolean
    : Spec['type'] extends 'string'
      ? string
      : number

/** The value of one option: boolean, array when repeated, undefined when nothing guarantees a value. */
export type OptionValue<Spec extends OptionSpec> = Spec extends { readonly repeated: true }
  ? readonly OneValue<Spec>[]
  : Spec extends { readonly type: 'boolean' } | { readonly required: true } | { readonly default: unknown }
    ? OneValue<Spec>
    : OneValue<Spec> | undefined

export type OptionValues<Specs extends OptionSpecs> = {
  readonly [Key in keyof Specs]: OptionValue<Specs[Key]>
}

type Word<Spec extends ArgumentSpec> = Spec extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : string

type ArgumentValue<Spec extends ArgumentSpec> = Spec extends { readonly repeated: true }
  ? readonly Word<Spec>[]
  : Spec extends { readonly required: true }
    ? Word<Spec>
    : Word<Spec> | undefined

export type ArgumentValues<Specs extends readonly ArgumentSpec[]> = {
  readonly [Spec in Specs[number] as Spec['name']]: ArgumentValue<Spec>
}

/** The flag of a key without its dashes: 'dryRun' → 'dry-run'. */
export function flagName(key: string): string {
  return key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}

/** What help and completion call the value of an option; undefined for a flag that takes none. */
export function valueName(spec: OptionSpec): string | undefined {
  if (spec.type === 'boolean') return undefined
  if (spec.valueName !== undefined) return spec.valueName
  if (spec.type === 'choice') return spec.choices.join('|')
  return spec.type === 'string' ? 'text' : spec.type
}
