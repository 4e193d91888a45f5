// Metrics in Prometheus' text format 0.0.4: families with HELP and TYPE, samples with labels, everything escaped as the
// format asks (backslash, line end, and the double quote within labels).

export type Labels = Readonly<Record<string, string | number>>

export interface Sample {
  readonly labels?: Labels
  readonly value: number
}

/** A distribution: `counts[i]` observations up to `bounds[i]`, each counted once; the last count is of all above. */
export interface Histogram {
  /** Upper limits, rising, in the family's unit. */
  readonly bounds: readonly number[]
  /** One more than bounds. */
  readonly counts: readonly number[]
  readonly sum: number
}

/** Metrics of one name. Counters are called `_total`, units are the base ones (`_seconds`, `_bytes`). */
export type Family =
  | {
      readonly name: string
      readonly help: string
      readonly type: 'counter' | 'gauge'
      readonly samples: readonly Sample[]
    }
  | {
      readonly name: string
      readonly help: string
      readonly type: 'histogram'
      readonly labels?: Labels
      readonly histogram: Histogram
    }

export const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/** The page. A family without samples keeps its HELP and TYPE, so that it can be found before it happens. */
export function exposition(families: Iterable<Family>): string {
  const lines: string[] = []
  for (const family of families) {
    lines.push(`# HELP ${family.name} ${escapedHelp(family.help)}`, `# TYPE ${family.name} ${family.type}`)
    if (family.type === 'histogram')
      lines.push(...histogramLines(family.name, family.histogram, family.labels))
    else
      for (const { labels, value } of family.samples)
        lines.push(`${family.name}${labelText(labels)} ${numberText(value)}`)
  }
  return `${lines.join('\n')}\n`
}

function* histogramLines(
  name: string,
  { bounds, counts, sum }: Histogram,
  labels: Labels = {},
): Generator<string> {
  let count = 0
  for (const [at, bound] of [...bounds, Number.POSITIVE_INFINITY].entries()) {
    count += counts[at] ?? 0
    yield `${name}_bucket${labelText({ ...labels, le: numberText(bound) })} ${count}`
  }
  yield `${name}_sum${labelText(labels)} ${numberText(sum)}`
  yield `${name}_count${labelText(labels)} ${count}`
}

function labelText(labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapedLabel(String(value))}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  return String(value)
}

function escapedHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapedLabel(text: string): string {
  return escapedHelp(text).replaceAll('"', '\\"')
}
