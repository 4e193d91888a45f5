// The wire table of an API as lines: each field with its kind, the versions that have it, and what else is declared.

import type { AnyField, Fields } from '../../../bytes/index.ts'
import type { Api } from '../../../heads/kafka/wire/api.ts'

/** A field of the table. */
export interface FieldLine {
  readonly way: 'request' | 'response'
  /** `topics[].partitions[].index` */
  readonly path: string
  readonly kind: string
  /** '0-4', '7+'. */
  readonly versions: string
  /** 'null from 2', 'tag 0', 'default -1'. */
  readonly notes: string
}

/** All fields of an API, or those of one version. */
export function fieldLines(api: Api, version?: number): FieldLine[] {
  return (['request', 'response'] as const).flatMap(way =>
    [...linesOf(api[way].fields, '', version)].map(line => ({ way, ...line })),
  )
}

function* linesOf(
  fields: Fields,
  prefix: string,
  version: number | undefined,
): Generator<Omit<FieldLine, 'way'>> {
  for (const [name, field] of Object.entries(fields)) {
    if (version !== undefined && !field.existsAt(version)) continue
    const path = `${prefix}${name}`
    const { kind } = field
    yield { path, kind: kind.name, versions: versionsOf(field), notes: notesOf(field) }
    const element = kind.element?.kind
    const inner = kind.fields ?? element?.fields
    if (inner !== undefined) yield* linesOf(inner, `${path}${element === undefined ? '.' : '[].'}`, version)
  }
}

function versionsOf({ shape: { since, until } }: AnyField): string {
  return range(since, until)
}

function range(since: number, until: number): string {
  if (until === Number.POSITIVE_INFINITY) return `${since}+`
  return since === until ? String(since) : `${since}-${until}`
}

function notesOf({ kind, shape }: AnyField): string {
  const { nullableSince, nullableUntil, tag, otherwise } = shape
  const notes: string[] = []
  if (tag !== undefined) notes.push(`tag ${tag}`)
  if (nullableSince !== undefined) notes.push(`null in ${range(nullableSince, nullableUntil)}`)
  if (otherwise !== kind.zero) notes.push(`default ${String(otherwise)}`)
  return notes.join(', ')
}
