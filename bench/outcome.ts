// What a benchmark hands back: tables for people, and targets that are met or missed.

export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** One or two sentences under the table: how it was measured. */
  readonly note?: string
}

/** A promise with its measured value. */
export interface Target {
  readonly name: string
  readonly value: number
  readonly bound: number
  /** Whether the value must be at least the bound, or at most. */
  readonly must: 'reach' | 'stay within'
  readonly unit: string
}

export interface Outcome {
  readonly title: string
  /** Settings and method, one sentence each. */
  readonly method: readonly string[]
  readonly tables: readonly Table[]
  readonly targets: readonly Target[]
}

/** A benchmark as `run.ts` knows it. */
export interface Benchmark {
  readonly name: string
  /** Why it cannot run on this machine; undefined when it can. */
  missing?(): string | undefined
  run(options: BenchOptions): Promise<Outcome>
}

export interface BenchOptions {
  /** The short form: fewer rounds, smaller loads. */
  readonly quick: boolean
  /** Rounds, when the benchmark's own number is not wanted. */
  readonly runs?: number
}

export function isMet({ value, bound, must }: Target): boolean {
  return must === 'reach' ? value >= bound : value <= bound
}

/** The outcome as Markdown, without its heading. */
export function markdown({ method, tables, targets }: Outcome): string {
  const parts = [method.map(line => `- ${line}`).join('\n'), ...tables.map(tableText)]
  if (targets.length > 0) parts.push(tableText(targetTable(targets)))
  return parts.join('\n\n')
}

function targetTable(targets: readonly Target[]): Table {
  return {
    title: 'Targets',
    columns: ['target', 'bound', 'measured', ''],
    rows: targets.map(one => [
      one.name,
      `${one.must === 'reach' ? 'at least' : 'at most'} ${one.bound}${one.unit}`,
      `${one.value.toPrecision(3)}${one.unit}`,
      isMet(one) ? 'met' : '**missed**',
    ]),
  }
}

function tableText({ title, columns, rows, note }: Table): string {
  const widths = columns.map((name, at) => Math.max(name.length, 3, ...rows.map(row => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, at) => pad(cells[at] ?? '', width, at)).join(' | ')} |`
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  const text = [line(columns), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n')
  return `**${title}**\n\n${text}${note === undefined ? '' : `\n\n${note}`}`
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}
