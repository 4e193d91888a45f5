// Unions (RFC 4506, 4.15): the discriminant is an int, an unsigned int, an enum or a bool; cases are its values, each once.
// rpcgen also takes hyper, which costs nothing more.

import type { Name, TypeSpecifier, UnionArm, UnionBody, Value } from '../grammar/syntax.ts'
import type { Place } from '../source/source.ts'
import type { Checker } from './check.ts'
import type { Arm, Case, UnionSchema, Use } from './schema.ts'

type Discriminant = UnionSchema['discriminant']

/** Values that a discriminant can have. */
interface Range {
  readonly min: bigint
  readonly max: bigint
}

export function checkUnion(
  name: Name,
  body: UnionBody,
  doc: string | undefined,
  checker: Checker,
): UnionSchema | undefined {
  const { name: tag, type } = body.discriminant
  const use = checker.use({ type, shape: { kind: 'one' }, name: tag }, name.text)
  const found = kindOf(use, type, checker, tag.place)
  const seen = new Map<bigint, Place>()
  const arms = body.arms.flatMap(one => (found ? [arm(one, name, tag.text, found, seen, checker)] : []))
  const named = body.arms.flatMap(({ declaration }) => declaration?.name ?? [])
  // An arm may be called as the discriminant, as in RFC 5531's rejected_reply: in C it lies one level deeper.
  checker.unique(named, `the union ${name.text}`)
  const defaults = body.arms.filter(({ cases }) => cases === 'default')
  for (const { place } of defaults.slice(1))
    checker.diagnostics.error(place, 'this union has a default already')
  if (found === undefined) return undefined
  return {
    kind: 'union',
    name: name.text,
    discriminant: { name: tag.text, use, type: found.type, enum: found.enum },
    arms,
    doc,
  }
}

interface Found extends Range {
  readonly type: Discriminant['type']
  readonly enum: string | undefined
  /** What it may be, of an enum. */
  readonly members: ReadonlySet<bigint> | undefined
}

const ranges: Readonly<Record<string, Range & { readonly type: Discriminant['type'] }>> = {
  int: { type: 'int', min: -0x8000_0000n, max: 0x7fff_ffffn },
  'unsigned int': { type: 'int', min: 0n, max: 0xffff_ffffn },
  char: { type: 'int', min: -0x80n, max: 0xffn },
  'unsigned char': { type: 'int', min: 0n, max: 0xffn },
  short: { type: 'int', min: -0x8000n, max: 0x7fffn },
  'unsigned short': { type: 'int', min: 0n, max: 0xffffn },
  hyper: { type: 'hyper', min: -(2n ** 63n), max: 2n ** 63n - 1n },
  'unsigned hyper': { type: 'hyper', min: 0n, max: 2n ** 64n - 1n },
  bool: { type: 'bool', min: 0n, max: 1n },
}

function kindOf(use: Use, type: TypeSpecifier, checker: Checker, place: Place): Found | undefined {
  if (use.kind === 'base') {
    const range = ranges[use.base]
    if (range !== undefined) return { ...range, enum: undefined, members: undefined }
  } else if (use.kind === 'named') {
    if (checker.names.get(use.name)?.kind !== 'type') return undefined
    const target = checker.resolve(use.name)
    if (target?.kind === 'enum') {
      const values = target.members.map(({ name }) => checker.names.memberValue(name.text) ?? 0n)
      const members = new Set(values)
      return { type: 'enum', enum: target.name, members, min: -0x8000_0000n, max: 0x7fff_ffffn }
    }
    if (target?.kind === 'base') return kindOf({ kind: 'base', base: target.base }, type, checker, place)
  }
  checker.diagnostics.error(place, 'a union is switched by an int, unsigned int, hyper, bool or enum')
  return undefined
}

function arm(
  { cases, declaration, doc }: UnionArm,
  union: Name,
  tag: string,
  found: Found,
  seen: Map<bigint, Place>,
  checker: Checker,
): Arm {
  const values = cases === 'default' ? cases : cases.flatMap(one => caseOf(one, found, seen, checker) ?? [])
  if (declaration === undefined) return { cases: values, field: undefined, doc }
  const use = checker.use(declaration, union.text)
  const { text } = declaration.name
  return { cases: values, field: { name: text === tag ? `${text}_` : text, use, doc }, doc }
}

function caseOf(written: Value, found: Found, seen: Map<bigint, Place>, checker: Checker): Case | undefined {
  const value = checker.names.valueOf(written)
  if (value === undefined) return undefined
  const { diagnostics } = checker
  const first = seen.get(value)
  if (first !== undefined)
    diagnostics.error(written.place, `the case ${value} is there already`, {
      message: 'it is here',
      place: first,
    })
  seen.set(value, written.place)
  const isListed = found.members === undefined || found.members.has(value)
  if (!isListed) diagnostics.error(written.place, `${value} is no member of the enum ${found.enum}`)
  else if (value < found.min || value > found.max)
    diagnostics.error(
      written.place,
      `the discriminant cannot be ${value}: it is ${found.min} to ${found.max}`,
    )
  if (found.type === 'bool') return { value: value === 1n, member: undefined }
  const entry = written.kind === 'name' ? checker.names.get(written.name) : undefined
  const isMember = entry?.kind === 'member' && entry.of === found.enum
  return {
    value,
    member: isMember && written.kind === 'name' ? written.name : checker.memberOf(found.enum, value),
  }
}
