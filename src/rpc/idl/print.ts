// The normal form of an .x file: one definition after the other, tabs and spaces in one way, comments where they explain
// something, macros and #includes worked in. What is printed and read again prints the same.

import type {
  Declaration,
  Definition,
  Member,
  ProcedureType,
  Shape,
  Specification,
  TypeSpecifier,
  UnionArm,
  Value,
} from './grammar/syntax.ts'
import { isBaseWord } from './grammar/types.ts'

const STEP = '    '

/** Prints a specification. */
export function printSpecification({ definitions }: Specification): string {
  const parts: string[] = []
  let before: Definition['kind'] | undefined
  for (const definition of definitions) {
    const isPlain = definition.kind === 'const' || definition.kind === 'text' || definition.kind === 'pass'
    // Constants stand together, and so do lines for C; all others have an empty line around them.
    if (before !== undefined && !(isPlain && sameRow(before, definition.kind))) parts.push('')
    parts.push(...definitionLines(definition))
    before = definition.kind
  }
  return `${parts.join('\n')}\n`
}

function sameRow(a: Definition['kind'], b: Definition['kind']): boolean {
  const row = (kind: Definition['kind']): string => (kind === 'text' ? 'const' : kind)
  return row(a) === row(b)
}

function definitionLines(definition: Definition): string[] {
  if (definition.kind === 'pass') return [`%${definition.text}`]
  return [...commentLines(definition.doc), ...bodyLines(definition)]
}

function bodyLines(definition: Exclude<Definition, { kind: 'pass' }>): string[] {
  switch (definition.kind) {
    case 'const':
      return [`const ${definition.name.text} = ${valueText(definition.value)};`]
    case 'text':
      return [`const ${definition.name.text} = ${JSON.stringify(definition.text)};`]
    case 'typedef':
      return closed(declarationLines(definition.declaration, 'typedef '))
    case 'enum':
      return closed([`enum ${definition.name.text} {`, ...memberLines(definition.members), '}'])
    case 'struct':
      return closed([`struct ${definition.name.text} {`, ...fieldLines(definition.fields), '}'])
    case 'union':
      return closed(unionLines(`union ${definition.name.text}`, definition.body))
    case 'program':
      return programLines(definition)
  }
}

function memberLines(members: readonly Member[]): string[] {
  return members.flatMap(({ name, value, doc }, n) => [
    ...inset(commentLines(doc)),
    `${STEP}${name.text}${value === undefined ? '' : ` = ${valueText(value)}`}${n < members.length - 1 ? ',' : ''}`,
  ])
}

function fieldLines(fields: readonly Declaration[]): string[] {
  return fields.flatMap(field => inset([...commentLines(field.doc), ...closed(declarationLines(field))]))
}

function unionLines(
  head: string,
  {
    discriminant,
    arms,
  }: Extract<TypeSpecifier, { kind: 'union' }> | Extract<Definition, { kind: 'union' }>['body'],
): string[] {
  const [type = '', ...more] = typeLines(discriminant.type)
  const opened = joinLines([[`${head} switch (${type}`, ...more], [` ${discriminant.name.text}) {`]])
  return [...opened, ...arms.flatMap(armLines), '}']
}

function armLines({ cases, declaration, doc }: UnionArm): string[] {
  const labels = cases === 'default' ? ['default:'] : cases.map(one => `case ${valueText(one)}:`)
  const body = declaration === undefined ? ['void'] : declarationLines(declaration)
  return [...inset(commentLines(doc)), ...labels.map(one => `${STEP}${one}`), ...inset(inset(closed(body)))]
}

function declarationLines({ type, shape, name }: Declaration, before = ''): string[] {
  const lines = type.kind === 'opaque' || type.kind === 'string' ? [type.kind] : typeLines(type)
  const behind = shape.kind === 'optional' ? ` *${name.text}` : ` ${name.text}${shapeText(shape)}`
  return joinLines([[before], lines, [behind]])
}

function typeLines(type: TypeSpecifier): string[] {
  switch (type.kind) {
    case 'base':
      return [type.base]
    case 'named':
      return [isBaseWord(type.name.text) ? `struct ${type.name.text}` : type.name.text]
    case 'enum':
      return ['enum {', ...memberLines(type.members), '}']
    case 'struct':
      return ['struct {', ...fieldLines(type.fields), '}']
    case 'union':
      return unionLines('union', type)
  }
}

function programLines({ name, number, versions }: Extract<Definition, { kind: 'program' }>): string[] {
  const inner = versions.flatMap((version, n) => [
    ...(n > 0 ? [''] : []),
    ...commentLines(version.doc),
    `version ${version.name.text} {`,
    ...version.procedures.flatMap(one =>
      inset([
        ...commentLines(one.doc),
        `${procedureType(one.result)} ${one.name.text}(${one.parameters.map(procedureType).join(', ')}) = ${valueText(one.number)};`,
      ]),
    ),
    `} = ${valueText(version.number)};`,
  ])
  return [`program ${name.text} {`, ...inset(inner), `} = ${valueText(number)};`]
}

function procedureType(type: ProcedureType): string {
  if (type.kind === 'void') return 'void'
  const base =
    type.type.kind === 'opaque' || type.type.kind === 'string' ? [type.type.kind] : typeLines(type.type)
  const isBareString =
    type.type.kind === 'string' && type.shape.kind === 'variable' && type.shape.size === undefined
  const name = type.name === undefined ? '' : ` ${type.name.text}`
  return `${base.join(' ')}${name}${isBareString ? '' : shapeText(type.shape)}`
}

function shapeText(shape: Shape): string {
  if (shape.kind === 'fixed') return `[${valueText(shape.size)}]`
  if (shape.kind === 'variable') return `<${shape.size === undefined ? '' : valueText(shape.size)}>`
  return ''
}

/** An expression, with a pair of parentheses around each operation inside of another. */
function valueText(value: Value, isInner = false): string {
  if (value.kind === 'number') return value.text
  if (value.kind === 'name') return value.name
  if (value.kind === 'unary') return `${value.operator}${valueText(value.of, true)}`
  const text = `${valueText(value.left, true)} ${value.operator} ${valueText(value.right, true)}`
  return isInner ? `(${text})` : text
}

function commentLines(doc: string | undefined): string[] {
  if (doc === undefined) return []
  const lines = doc.split('\n')
  if (lines.length === 1) return [`/* ${lines[0]} */`]
  return ['/*', ...lines.map(one => (one === '' ? ' *' : ` * ${one}`)), ' */']
}

function inset(lines: readonly string[]): string[] {
  return lines.map(one => (one === '' ? '' : `${STEP}${one}`))
}

function closed(lines: readonly string[]): string[] {
  return joinLines([lines, [';']])
}

/** Blocks of lines, the first line of each behind the last of the one before. */
function joinLines(blocks: readonly (readonly string[])[]): string[] {
  const lines: string[] = []
  for (const [first = '', ...rest] of blocks) {
    const last = lines.pop() ?? ''
    lines.push(`${last}${first}`, ...rest)
  }
  return lines
}
