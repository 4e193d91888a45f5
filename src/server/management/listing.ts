// Lists as the query asks for them: filtered by name, sorted, page by page, with some of their columns. Objects are
// shaped as late as possible: to give one page of many queues, only those of the page are looked at.

import { namePattern } from '../../broker/name-pattern.ts'
import { badRequest, type Json, type Shape } from './answer.ts'
import { isShape } from './body.ts'
import { managementLimits as limits } from './limits.ts'

export interface Listing<T> {
  readonly items: readonly T[]
  readonly shape: (item: T) => Shape
  /** What `name` filters by, and `sort=name` sorts by; without it, the shape's own field is looked at. */
  readonly name?: (item: T) => string
}

const PAGE_SIZE = 100

/** The list, or a page of it. Errors: 400 for a query that cannot be, and a whole list that is too long. */
export function listed<T>({ items, shape, name }: Listing<T>, query: URLSearchParams): Json {
  const pick = columnsOf(query)
  const nameOf = name ?? ((item: T) => textAt(shape(item), 'name'))
  const found = filtered(items, nameOf, query)
  const sort = query.get('sort') ?? ''
  const isReverse = query.get('sort_reverse') === 'true'
  const page = pageOf(query)
  const total = items.length
  if (page === undefined && found.length > limits.listMax)
    throw badRequest(
      `the list has ${found.length} objects, more than the ${limits.listMax} that are given at once: ask for page and page_size`,
    )
  const byName = sort === 'name' && name !== undefined
  if (sort === '' || byName) {
    const ordered = byName ? [...found].sort((a, b) => compared(nameOf(a), nameOf(b))) : [...found]
    if (isReverse) ordered.reverse()
    return given(ordered, page, total, item => pick(shape(item)), query)
  }
  const shaped = found.map(shape).sort((a, b) => compared(at(a, sort), at(b, sort)))
  if (isReverse) shaped.reverse()
  return given(shaped, page, total, pick, query)
}

/** One object with the columns that the query asks for. */
export function one(shape: Shape, query: URLSearchParams): Json {
  return columnsOf(query)(shape)
}

interface Page {
  readonly number: number
  readonly size: number
}

function given<T>(
  found: readonly T[],
  page: Page | undefined,
  total: number,
  shape: (item: T) => Json,
  query: URLSearchParams,
): Json {
  if (page === undefined) return found.map(shape)
  const count = Math.max(1, Math.ceil(found.length / page.size))
  if (page.number > count)
    throw badRequest(`page_out_of_range: page ${page.number} of ${count} (page_size ${page.size})`)
  const items = found.slice((page.number - 1) * page.size, page.number * page.size).map(shape)
  return {
    total_count: total,
    filtered_count: found.length,
    item_count: items.length,
    page: page.number,
    page_size: page.size,
    page_count: count,
    ...(query.has('name') && { name: query.get('name') }),
    items,
  }
}

function pageOf(query: URLSearchParams): Page | undefined {
  const text = query.get('page')
  if (text === null) return undefined
  return {
    number: within('page', text, Number.MAX_SAFE_INTEGER),
    size: within('page_size', query.get('page_size') ?? String(PAGE_SIZE), limits.pageSizeMax),
  }
}

function within(name: string, text: string, max: number): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= max) return number
  throw badRequest(`${name} is '${text.slice(0, 40)}': it must be a whole number from 1 to ${max}`)
}

function filtered<T>(items: readonly T[], nameOf: (item: T) => string, query: URLSearchParams): readonly T[] {
  const text = query.get('name') ?? ''
  if (text === '') return items
  if (query.get('use_regex') !== 'true') {
    const wanted = text.toLowerCase()
    return items.filter(item => nameOf(item).toLowerCase().includes(wanted))
  }
  const pattern = namePattern(`(?i)${text}`, limits.filterLengthMax)
  return items.filter(item => pattern.test(nameOf(item)))
}

/** Picks the columns that the query names: `name,message_stats.publish_details.rate`. */
function columnsOf(query: URLSearchParams): (shape: Shape) => Shape {
  const text = query.get('columns') ?? ''
  if (text === '') return shape => shape
  const paths = text.split(',').map(path => path.trim().split('.'))
  return shape => {
    const picked: Record<string, Json | undefined> = {}
    for (const path of paths) copy(shape, picked, path)
    return picked
  }
}

function copy(
  from: Shape,
  to: Record<string, Json | undefined>,
  [name = '', ...rest]: readonly string[],
): void {
  if (!Object.hasOwn(from, name)) return
  const value = from[name]
  if (rest.length === 0) to[name] = value
  else if (isShape(value)) {
    const inner: Record<string, Json | undefined> = { ...(isShape(to[name]) ? to[name] : {}) }
    copy(value, inner, rest)
    to[name] = inner
  }
}

function at(shape: Shape, path: string): Json | undefined {
  let value: Json | undefined = shape
  for (const name of path.split('.'))
    value = isShape(value) && Object.hasOwn(value, name) ? value[name] : undefined
  return value
}

function textAt(shape: Shape, name: string): string {
  const value = shape[name]
  return typeof value === 'string' ? value : ''
}

/** Absent ones first, numbers by size, all else as text. */
function compared(a: Json | undefined, b: Json | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [left, right] = [textOf(a), textOf(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
