// Types that hold themselves. A value must be able to end: through optional data, an array that may be empty, or an arm of a
// union that holds nothing of the kind. And a name must mean something: typedefs that only name one another do not.

import type { Diagnostics } from '../source/diagnostic.ts'
import type { Place } from '../source/source.ts'
import type { TypeSchema, Use } from './schema.ts'

export function checkRecursion(
  types: readonly TypeSchema[],
  places: ReadonlyMap<string, Place>,
  diagnostics: Diagnostics,
): void {
  const byName = new Map(types.map(type => [type.name, type]))
  const looping = types.filter(({ name }) => leadsToItself(name, byName))
  const place = (name: string): Place | undefined => places.get(name)
  for (const { name } of looping) {
    const at = place(name)
    if (at) diagnostics.error(at, `the typedef '${name}' leads back to itself and names nothing`)
  }
  if (looping.length > 0) return
  const finite = finiteTypes(types, byName)
  for (const { name } of types) {
    const at = place(name)
    if (!finite.has(name) && at)
      diagnostics.error(
        at,
        `a '${name}' holds a '${name}' without end: make it optional (*) or an array (<>)`,
      )
  }
  for (const type of types) checkOptional(type, byName, place(type.name), diagnostics)
}

/** Whether following typedefs, through arrays and pointers too, comes back. */
function leadsToItself(name: string, byName: ReadonlyMap<string, TypeSchema>): boolean {
  const seen = new Set<string>()
  for (let next: string | undefined = name; next !== undefined; ) {
    if (seen.has(next)) return next === name
    seen.add(next)
    const type = byName.get(next)
    next = type?.kind === 'typedef' ? innermost(type.use) : undefined
  }
  return false
}

function innermost(use: Use): string | undefined {
  if (use.kind === 'named') return use.name
  return use.kind === 'array' || use.kind === 'varArray' || use.kind === 'optional'
    ? innermost(use.of)
    : undefined
}

/** Types of which there is a finite value: those whose parts are finite, found until no more are. */
function finiteTypes(
  types: readonly TypeSchema[],
  byName: ReadonlyMap<string, TypeSchema>,
): ReadonlySet<string> {
  const finite = new Set<string>()
  const hasEnd = (use: Use): boolean => {
    if (use.kind === 'named') return finite.has(use.name) || !byName.has(use.name)
    return use.kind === 'array' ? use.length.value === 0 || hasEnd(use.of) : true
  }
  const ends = (type: TypeSchema): boolean => {
    if (type.kind === 'enum') return true
    if (type.kind === 'typedef') return hasEnd(type.use)
    if (type.kind === 'struct') return type.fields.every(({ use }) => hasEnd(use))
    return type.arms.some(({ field }) => field === undefined || hasEnd(field.use))
  }
  for (let size = -1; size !== finite.size; ) {
    size = finite.size
    for (const type of types) if (!finite.has(type.name) && ends(type)) finite.add(type.name)
  }
  return finite
}

/** Optional data whose value may itself be absent has two ways to be absent, and undefined is only one. */
function checkOptional(
  type: TypeSchema,
  byName: ReadonlyMap<string, TypeSchema>,
  place: Place | undefined,
  diagnostics: Diagnostics,
): void {
  const isOptional = (use: Use): boolean => {
    if (use.kind === 'optional') return !isListPointer(use.of, byName)
    const target = use.kind === 'named' ? byName.get(use.name) : undefined
    return target?.kind === 'typedef' && isOptional(target.use)
  }
  for (const use of usesOf(type))
    if (use.kind === 'optional' && isOptional(use.of) && place)
      diagnostics.error(
        place,
        `'${type.name}' has optional data that is optional already: put a struct between them`,
      )
}

/** A pointer to the node of a list is an array, which cannot be absent. */
function isListPointer(use: Use, byName: ReadonlyMap<string, TypeSchema>): boolean {
  const node = structOf(use, byName)
  return node !== undefined && linkOf(node, byName) !== undefined
}

/** The struct that a use names, through typedefs. */
export function structOf(
  use: Use,
  byName: ReadonlyMap<string, TypeSchema>,
): Extract<TypeSchema, { kind: 'struct' }> | undefined {
  const target = use.kind === 'named' ? byName.get(use.name) : undefined
  if (target?.kind === 'struct') return target
  return target?.kind === 'typedef' ? structOf(target.use, byName) : undefined
}

/**
 * The name of the last field when it is optional data of the struct itself, something stands before it, and no other field
 * leads back: a tree is no list.
 */
export function linkOf(
  struct: Extract<TypeSchema, { kind: 'struct' }>,
  byName: ReadonlyMap<string, TypeSchema>,
): string | undefined {
  const last = struct.fields.at(-1)
  if (last === undefined || struct.fields.length < 2) return undefined
  const others = struct.fields.slice(0, -1)
  if (others.some(({ use }) => mentions(use, struct, byName))) return undefined
  return pointsTo(last.use, struct, byName) ? last.name : undefined
}

function mentions(use: Use, struct: TypeSchema, byName: ReadonlyMap<string, TypeSchema>): boolean {
  const name = innermost(use)
  const target = name === undefined ? undefined : byName.get(name)
  return target === struct || (target?.kind === 'typedef' && mentions(target.use, struct, byName))
}

function pointsTo(use: Use, struct: TypeSchema, byName: ReadonlyMap<string, TypeSchema>): boolean {
  if (use.kind === 'optional') return structOf(use.of, byName) === struct
  const target = use.kind === 'named' ? byName.get(use.name) : undefined
  return target?.kind === 'typedef' && pointsTo(target.use, struct, byName)
}

function usesOf(type: TypeSchema): readonly Use[] {
  if (type.kind === 'typedef') return [type.use]
  if (type.kind === 'struct') return type.fields.map(({ use }) => use)
  return type.kind === 'union' ? type.arms.flatMap(({ field }) => field?.use ?? []) : []
}
