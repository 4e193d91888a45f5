// Checks a configuration against our JSON Schema (draft 2020-12), and knows exactly the keywords that
// posthorn.schema.json uses: a test fails when it uses another. A library would bring a compiler and its messages; ours
// name the place, the value and what would be right. Values marked `writeOnly` are secrets and never shown.

import { readFileSync } from 'node:fs'
import { inCode } from '../code-folder.ts'
import type { Json } from './jsonc.ts'
import { joined } from './substitute.ts'

export type TypeName = 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array'

/** The part of JSON Schema that is used. */
export interface Schema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly type?: TypeName | readonly TypeName[]
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: false | Schema
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly maxItems?: number
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly minLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly writeOnly?: boolean
  /** What a pattern means, in words, for messages. */
  readonly description?: string
}

export interface Checked {
  /** As given, with strings from variables turned into the numbers and booleans that the schema asks for. */
  readonly value: Json
  /** One sentence each, beginning with the path. */
  readonly flaws: readonly string[]
}

/** The schema of a configuration file. */
export function configSchema(): Schema {
  return JSON.parse(readFileSync(inCode('server/config/posthorn.schema.json'), 'utf8')) as Schema
}

/** Checks the value. Strings at `convertible` paths may stand for numbers and booleans. */
export function check(
  root: Schema,
  value: Json,
  { convertible = new Set(), at = '', of = root }: CheckOptions = {},
): Checked {
  const checker = new Checker(root, convertible)
  const checked = checker.check(of, value, at)
  return { value: checked, flaws: checker.flaws }
}

interface CheckOptions {
  readonly convertible?: ReadonlySet<string>
  /** The path of the value. */
  readonly at?: string
  /** The part of the root that the value must meet. */
  readonly of?: Schema
}

class Checker {
  readonly flaws: string[] = []
  readonly #root: Schema
  readonly #convertible: ReadonlySet<string>

  constructor(root: Schema, convertible: ReadonlySet<string>) {
    this.#root = root
    this.#convertible = convertible
  }

  check(given: Schema, value: Json, path: string): Json {
    const schema = this.#resolved(given)
    if (schema.anyOf !== undefined) return this.#branch(schema.anyOf, value, path)
    const types = schema.type === undefined ? [] : [schema.type].flat()
    const converted = this.#converted(value, types, path)
    if (types.length > 0 && !types.some(type => isOfType(converted, type)))
      return this.#flaw(schema, value, path, `it must be ${types.map(typeText).join(' or ')}`)
    if (typeof converted === 'string') this.#checkString(schema, converted, path)
    if (typeof converted === 'number') this.#checkNumber(schema, converted, path)
    if (isList(converted)) return this.#list(schema, converted, path)
    if (isObject(converted)) return this.#object(schema, converted, path)
    return converted
  }

  #resolved(schema: Schema): Schema {
    const name = schema.$ref?.replace('#/$defs/', '')
    const found = name === undefined ? schema : this.#root.$defs?.[name]
    if (found === undefined)
      throw new TypeError(`the schema refers to ${schema.$ref}, which it does not have`)
    return found
  }

  /** The branch for values of this type: ours differ by type. */
  #branch(branches: readonly Schema[], value: Json, path: string): Json {
    const resolved = branches.map(one => this.#resolved(one))
    const fits = resolved.find(({ type = [] }) => [type].flat().some(one => isOfType(value, one)))
    if (fits !== undefined) return this.check(fits, value, path)
    const types = resolved.flatMap(({ type = [] }) => type).map(typeText)
    return this.#flaw({}, value, path, `it must be ${[...new Set(types)].join(' or ')}`)
  }

  #converted(value: Json, types: readonly TypeName[], path: string): Json {
    if (typeof value !== 'string' || types.includes('string') || !this.#convertible.has(path)) return value
    if (types.includes('boolean') && (value === 'true' || value === 'false')) return value === 'true'
    const wantsNumber = types.includes('integer') || types.includes('number')
    return wantsNumber && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
  }

  #checkString(schema: Schema, value: string, path: string): void {
    const { enum: words, pattern, minLength = 0, description } = schema
    if (words !== undefined && !words.includes(value))
      this.#flaw(schema, value, path, `it must be one of ${words.join(', ')}`)
    else if (value.length < minLength) this.#flaw(schema, value, path, 'it must not be empty')
    else if (pattern !== undefined && !new RegExp(pattern, 'u').test(value))
      this.#flaw(schema, value, path, `it must be ${lowerFirst(description ?? `like ${pattern}`)}`)
  }

  #checkNumber(schema: Schema, value: number, path: string): void {
    const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema
    if (value < minimum) this.#flaw(schema, value, path, `the least is ${minimum}`)
    if (value > maximum) this.#flaw(schema, value, path, `the most is ${maximum}`)
  }

  #list(schema: Schema, items: readonly Json[], path: string): Json {
    const { items: each, maxItems = Number.POSITIVE_INFINITY } = schema
    if (items.length > maxItems) this.#say(path, `has ${items.length} items: the most is ${maxItems}`)
    return each === undefined ? items : items.map((item, at) => this.check(each, item, `${path}[${at}]`))
  }

  #object(schema: Schema, object: { readonly [key: string]: Json }, path: string): Json {
    for (const name of schema.required ?? [])
      if (!Object.hasOwn(object, name)) this.#say(path, `lacks '${name}'`)
    const entries = Object.entries(object).map(([name, value]): [string, Json] => {
      const field = fieldSchema(schema, name)
      if (field === undefined) {
        this.#say(joined(path, name), `is not known: there are ${fieldNames(schema)}`)
        return [name, value]
      }
      return [name, this.check(field, value, joined(path, name))]
    })
    return Object.fromEntries(entries)
  }

  #flaw({ writeOnly }: Schema, value: Json, path: string, what: string): Json {
    this.#say(path, `is ${writeOnly === true ? '(secret)' : shown(value)}: ${what}`)
    return value
  }

  #say(path: string, what: string): void {
    this.flaws.push(`${path === '' ? 'the whole' : path} ${what}`)
  }
}

function fieldSchema(schema: Schema, name: string): Schema | undefined {
  const { properties = {}, patternProperties = {}, additionalProperties } = schema
  if (Object.hasOwn(properties, name)) return properties[name]
  const matching = Object.entries(patternProperties).find(([pattern]) => new RegExp(pattern, 'u').test(name))
  if (matching !== undefined) return matching[1]
  return additionalProperties === false ? undefined : (additionalProperties ?? {})
}

function fieldNames({ properties = {}, patternProperties = {} }: Schema): string {
  return [...Object.keys(properties), ...Object.keys(patternProperties)].join(', ')
}

function isOfType(value: Json, type: TypeName): boolean {
  if (type === 'integer') return Number.isSafeInteger(value)
  if (type === 'array') return isList(value)
  if (type === 'object') return isObject(value)
  return typeof value === type
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function typeText(type: TypeName): string {
  const words: Readonly<Record<TypeName, string>> = {
    string: 'a string',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    object: 'an object',
    array: 'a list',
  }
  return words[type]
}

function shown(value: Json): string {
  if (isList(value)) return 'a list'
  if (isObject(value)) return 'an object'
  const text = String(value)
  return typeof value === 'string' ? `'${text.slice(0, 80)}${text.length > 80 ? '…' : ''}'` : text
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '')
}
