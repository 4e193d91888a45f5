// Constants and types: for each type of the .x file its TypeScript type and its table.

import type {
  Arm,
  Case,
  ConstSchema,
  EnumSchema,
  Field,
  StructSchema,
  TypedefSchema,
  TypeSchema,
  UnionSchema,
} from '../check/schema.ts'
import {
  array,
  call,
  callWith,
  comment,
  numberArray,
  objectType,
  openObject,
  quoted,
  unionType,
} from './code.ts'
import { assign, type Doc, group, indent, join, line, newline, softline, whenBroken } from './layout.ts'
import { type ModuleNames, propertyName } from './names.ts'
import type { Uses } from './uses.ts'

export function constant({ name, value, doc }: ConstSchema, names: ModuleNames): Doc {
  const literal = typeof value === 'string' ? quoted(value) : integer(value)
  return [comment(doc), `export const ${names.take(name)} = ${literal}`]
}

/** A constant object with the members, a type that is the union of their values, and the table. */
export function enumeration({ name, members, doc }: EnumSchema, uses: Uses): Doc {
  const { type, table } = uses.names.type(name)
  const entries = members.map(one => [...comment(one.doc), `${propertyName(one.name)}: ${one.value}`])
  uses.finish(name)
  return [
    comment(doc),
    `export const ${type} = `,
    openObject(entries),
    ' as const',
    newline,
    `export type ${type} =`,
    assign(`(typeof ${type})[keyof typeof ${type}]`),
    newline,
    `export const ${table}: Xdr<${type}> =`,
    assign(`xdr.enumeration(${type})`),
  ]
}

/** A type that is no enum. */
export function type(schema: Exclude<TypeSchema, EnumSchema>, uses: Uses): Doc {
  const emitted =
    schema.kind === 'struct'
      ? struct(schema, uses)
      : schema.kind === 'union'
        ? union(schema, uses)
        : typedef(schema, uses)
  uses.finish(schema.name)
  return emitted
}

function struct({ name, fields, link, doc }: StructSchema, uses: Uses): Doc {
  const { type, table } = uses.names.type(name)
  const note =
    link === undefined
      ? undefined
      : `A node of a linked list; lists are arrays, so that '${link}' is not needed.`
  const text = [doc, note].filter(one => one !== undefined).join('\n\n')
  const members = fields.map(one => [newline, ...comment(one.doc), member(one, uses)])
  const entries = fields.map(one => [`${propertyName(one.name)}: `, uses.table(one.use)])
  return [
    comment(text),
    [`export interface ${type} {`, indent(members), newline, '}'],
    newline,
    `export const ${table}: Xdr<${type}> =`,
    assign(callWith('xdr.struct', [], openObject(entries))),
  ]
}

/** readonly name: T, or what may be left out when undefined is a value of it. */
function member({ name, use }: Field, uses: Uses): Doc {
  if (!uses.isOptional(use)) return `readonly ${propertyName(name)}: ${uses.type(use)}`
  const type = uses.type(use)
  return `readonly ${propertyName(name)}?: ${type}${type.endsWith('undefined') ? '' : ' | undefined'}`
}

function typedef({ name, use, doc }: TypedefSchema, uses: Uses): Doc {
  const { type, table } = uses.names.type(name)
  return [
    comment(doc),
    `export type ${type} = ${uses.type(use)}`,
    newline,
    [`export const ${table}: Xdr<${type}> =`, assign(uses.table(use))],
  ]
}

function union(schema: UnionSchema, uses: Uses): Doc {
  const { name, discriminant, arms, doc } = schema
  const { type, table } = uses.names.type(name)
  const variants = arms.flatMap(one => variant(one, schema, uses))
  const args = [quoted(propertyName(discriminant.name)), uses.table(discriminant.use)]
  return [
    comment(doc),
    `export type ${type} =`,
    variants.length === 0 ? ' never' : unionType(variants),
    newline,
    `export const ${table}: Xdr<${type}> =`,
    assign(callWith('xdr.union', args, array(arms.map(one => armTable(one, schema, uses))))),
  ]
}

/** One arm as a type; none for a default that nothing is left for. */
function variant(arm: Arm, schema: UnionSchema, uses: Uses): Doc[] {
  const values = discriminantType(arm, schema, uses)
  if (values === undefined) return []
  const tag = propertyName(schema.discriminant.name)
  const members: Doc[] = [[`readonly ${tag}:`, unionType(values)]]
  if (arm.field !== undefined) members.push(member(arm.field, uses))
  // Where the default takes any number, the number alone does not tell the arms apart; the absence of the others does.
  if (arm.cases === 'default' && isOpen(schema))
    for (const other of schema.arms)
      if (other.field !== undefined && other !== arm)
        members.push(`readonly ${propertyName(other.field.name)}?: never`)
  return [objectType(members)]
}

function isOpen({ discriminant: { type } }: UnionSchema): boolean {
  return type === 'int' || type === 'hyper'
}

/** What the discriminant can be in this arm, as types; undefined for nothing. */
function discriminantType(arm: Arm, schema: UnionSchema, uses: Uses): Doc[] | undefined {
  const { discriminant } = schema
  if (arm.cases !== 'default')
    return arm.cases.length === 0 ? undefined : arm.cases.map(one => caseType(one, schema, uses))
  const listed = schema.arms.flatMap(({ cases }) => (cases === 'default' ? [] : cases))
  if (isOpen(schema)) return [discriminant.type === 'hyper' ? 'bigint' : 'number']
  if (discriminant.type === 'bool') {
    const rest = [true, false].filter(one => !listed.some(({ value }) => value === one))
    return rest.length === 0 ? undefined : rest.map(String)
  }
  const whole = uses.type(discriminant.use)
  if (listed.length === 0) return [whole]
  if (uses.memberValues(discriminant.enum).every(value => listed.some(one => one.value === BigInt(value))))
    return undefined
  return [
    excluded(
      whole,
      listed.map(one => caseType(one, schema, uses)),
    ),
  ]
}

/** Exclude<whole, A | B>, opened when it does not fit. */
function excluded(whole: string, parts: readonly Doc[]): Doc {
  const rest = group(whenBroken(parts.length > 1 ? '| ' : ''), join([line, '| '], parts))
  return group('Exclude<', indent(softline, whole, ',', line, rest), softline, '>')
}

function caseType(one: Case, schema: UnionSchema, uses: Uses): string {
  const text = caseValue(one, schema, uses)
  return one.member === undefined ? text : `typeof ${text}`
}

function caseValue({ value, member }: Case, { discriminant }: UnionSchema, uses: Uses): string {
  if (member !== undefined && discriminant.enum !== undefined)
    return `${uses.names.take(discriminant.enum)}.${propertyName(member)}`
  if (typeof value === 'boolean') return String(value)
  return discriminant.type === 'hyper' ? `${value}n` : String(value)
}

function armTable(arm: Arm, schema: UnionSchema, uses: Uses): Doc {
  const body: Doc[] =
    arm.field === undefined ? [] : [quoted(propertyName(arm.field.name)), uses.table(arm.field.use)]
  if (arm.cases === 'default') return call('xdr.otherwise', body)
  const values = arm.cases.map(one => caseValue(one, schema, uses))
  const areNumbers = schema.discriminant.type === 'int' && values.every(one => /^-?\d+$/.test(one))
  const cases = areNumbers ? numberArray(values) : array(values)
  return body.length === 0 ? group('xdr.arm(', cases, ')') : call('xdr.arm', [cases, ...body])
}

/** Numbers that JavaScript holds exactly are numbers, larger ones are bigints. */
function integer(value: bigint): string {
  const isSafe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
  return isSafe ? String(value) : `${value}n`
}
