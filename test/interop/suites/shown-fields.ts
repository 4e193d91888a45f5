// One version of a message as lines that can be compared, made from our table and from upstream's definition.

import type { AnyField, Fields } from '../../../src/bytes/index.ts'

/** A field at one version: where it is in the message, and all that decides its bytes. */
export interface Shown {
  readonly path: string
  readonly type: string
  readonly nullable: boolean
  readonly tag: number | null
  readonly otherwise: string
}

interface UpstreamField {
  readonly name: string
  readonly type: string
  readonly versions: string
  readonly nullableVersions?: string
  readonly taggedVersions?: string
  readonly tag?: number
  readonly default?: string | number | boolean
  readonly fields?: readonly UpstreamField[]
}

/** A definition as upstream writes it. */
export interface Upstream {
  readonly apiKey?: number
  readonly type: string
  readonly name: string
  readonly validVersions: string
  readonly flexibleVersions: string
  readonly fields: readonly UpstreamField[]
  readonly commonStructs?: readonly { readonly name: string; readonly fields: readonly UpstreamField[] }[]
}

const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'
const scalars = /^(bool|u?int(8|16|32|64)|float64|string|bytes|records|uuid)$/

/** Our fields at a version, depth first. Tagged ones come last, by their tags. */
export function ours(fields: Fields, version: number, path = ''): Shown[] {
  const list = Object.entries(fields).filter(([, field]) => field.existsAt(version))
  return sorted(list, ([, field]) => tagOf(field, version)).flatMap(([name, field]) => {
    const { kind, shape } = field
    const inner = kind.fields ?? kind.element?.kind.fields
    const here = `${path}${name}`
    const line: Shown = {
      path: here,
      type: kind.name,
      nullable: field.isNullableAt(version),
      tag: tagOf(field, version),
      otherwise: inner === undefined ? defaultText(shape.otherwise) : shape.otherwise === null ? 'null' : '',
    }
    return [line, ...(inner === undefined ? [] : ours(inner, version, `${here}.`))]
  })
}

/** Upstream's fields at a version, in the same form. */
export function theirs(upstream: Upstream, version: number): Shown[] {
  const structs = new Map(upstream.commonStructs?.map(one => [one.name, one.fields]))
  const walk = (fields: readonly UpstreamField[], path: string): Shown[] => {
    const list = fields.filter(field => isIn(field.versions, version))
    return sorted(list, field => theirTag(field, version)).flatMap(field => {
      const here = `${path}${field.name[0]?.toLowerCase()}${field.name.slice(1)}`
      const element = field.type.replace(/^\[\]/, '')
      const isStruct = !scalars.test(element)
      const line: Shown = {
        path: here,
        type: isStruct ? field.type.replace(element, 'struct') : field.type,
        nullable: field.nullableVersions !== undefined && isIn(field.nullableVersions, version),
        tag: theirTag(field, version),
        otherwise: isStruct && field.default !== 'null' ? '' : theirDefault(field),
      }
      const inner = field.fields ?? structs.get(element) ?? []
      return [line, ...(isStruct ? walk(inner, `${here}.`) : [])]
    })
  }
  return walk(upstream.fields, '')
}

function tagOf(field: AnyField, version: number): number | null {
  return field.isTaggedAt(version) ? (field.shape.tag ?? null) : null
}

function theirTag({ tag, taggedVersions }: UpstreamField, version: number): number | null {
  return tag !== undefined && taggedVersions !== undefined && isIn(taggedVersions, version) ? tag : null
}

function theirDefault({ type, default: given }: UpstreamField): string {
  if (given !== undefined && given !== '') return /^0x/.test(`${given}`) ? `${Number(given)}` : `${given}`
  if (type === 'uuid') return ZERO_UUID
  if (type === 'bool') return 'false'
  return /^(u?int|float)/.test(type) ? '0' : ''
}

function defaultText(value: unknown): string {
  if (value === null) return 'null'
  if (Buffer.isBuffer(value) || Array.isArray(value)) return value.length === 0 ? '' : 'something'
  return String(value)
}

function sorted<T>(list: readonly T[], tag: (one: T) => number | null): T[] {
  const tagged = list.filter(one => tag(one) !== null)
  return [...list.filter(one => tag(one) === null), ...tagged.sort((a, b) => (tag(a) ?? 0) - (tag(b) ?? 0))]
}

function isIn(range: string, version: number): boolean {
  if (range === 'none') return false
  const [from = '0', to = from] = range.endsWith('+') ? [range.slice(0, -1), 'Infinity'] : range.split('-')
  return version >= Number(from) && version <= Number(to)
}
