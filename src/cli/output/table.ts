// The table for people: aligned columns two blanks apart, numbers at the right, the header dimmed, and on a terminal
// never wider than it. When it would be, the widest text columns give way first; numbers are never cut.

import { type Paint, plain } from '../terminal.ts'
import { type Columns, displayed, headerOf, type Row, standsRight } from './columns.ts'
import { cut, padded, widthOf } from './width.ts'

export interface TableOptions {
  /** With the columns marked `wide`. */
  readonly wide?: boolean
  /** Most characters per line; undefined cuts nothing. */
  readonly limit?: number | undefined
  readonly paint?: Paint
}

interface Shown {
  readonly header: string
  readonly right: boolean
  readonly cell: (row: Row) => string
  width: number
}

/** A text column is never squeezed below this. */
const SQUEEZED_WIDTH_MIN = 8
const GAP = '  '

/** Lines of a table whose widths are chosen once, from the rows that are known then; later rows may stick out. */
export class Table {
  readonly #shown: readonly Shown[]
  readonly #limit: number | undefined
  readonly #paint: Paint

  constructor(columns: Columns, sample: readonly Row[], options: TableOptions = {}) {
    this.#limit = options.limit
    this.#paint = options.paint ?? plain
    this.#shown = shownColumns(columns, sample, options.wide === true)
    if (options.limit !== undefined) squeeze(this.#shown, options.limit)
  }

  header(): string {
    return this.#paint(
      'dim',
      this.#line(column => column.header),
    )
  }

  row(row: Row): string {
    return this.#line(column => column.cell(row))
  }

  #line(textOf: (column: Shown) => string): string {
    const squeezes = this.#limit !== undefined
    const cells = this.#shown.map(column => {
      const text = textOf(column)
      return padded(squeezes && !column.right ? cut(text, column.width) : text, column.width, column.right)
    })
    const line = cells.join(GAP).trimEnd()
    return this.#limit === undefined ? line : cut(line, this.#limit)
  }
}

/** One thing as lines of 'name  value'. */
export function recordLines(columns: Columns, row: Row, options: TableOptions = {}): string[] {
  const names = Object.entries(columns).filter(([, column]) => options.wide === true || column.wide !== true)
  const width = Math.max(0, ...names.map(([key, column]) => widthOf(headerOf(key, column))))
  return names.map(([key, column]) => {
    const name = padded(headerOf(key, column), width)
    return `${(options.paint ?? plain)('dim', name)}${GAP}${displayed(column, row[key])}`
  })
}

function shownColumns(columns: Columns, sample: readonly Row[], wide: boolean): Shown[] {
  return Object.entries(columns)
    .filter(([, column]) => wide || column.wide !== true)
    .map(([key, column]) => {
      const header = headerOf(key, column)
      const cell = (row: Row): string => displayed(column, row[key])
      const width = sample.reduce((most, row) => Math.max(most, widthOf(cell(row))), widthOf(header))
      return { header, right: standsRight(column), cell, width }
    })
}

function squeeze(shown: readonly Shown[], limit: number): void {
  let excess = shown.reduce((sum, column) => sum + column.width, GAP.length * (shown.length - 1)) - limit
  while (excess > 0) {
    const texts = shown.filter(column => !column.right && column.width > SQUEEZED_WIDTH_MIN)
    const widest = texts.sort((a, b) => b.width - a.width)[0]
    if (widest === undefined) return
    const next = Math.max(SQUEEZED_WIDTH_MIN, texts[1]?.width ?? 0)
    const step = Math.max(1, Math.min(excess, widest.width - next))
    widest.width -= step
    excess -= step
  }
}
