// Lengths of time as people write them.

/** Milliseconds, or a number and a unit: '500ms', '30s', '5m', '2h', '7d'. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The duration in ms. Throws RangeError naming the text when it is not one. */
export function milliseconds(duration: Duration): number {
  if (typeof duration === 'number') return duration
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration)
  const unit = unitMs[match?.[2] ?? '']
  if (match?.[1] === undefined || unit === undefined)
    throw new RangeError(`'${duration}' is not a duration: write 500ms, 30s, 5m, 2h or 7d`)
  return Number(match[1]) * unit
}
