// One line of what the doctor found.

/** How a check ended. `warning` promises less than it seems; `failed` must not be trusted; `skipped` was not looked at. */
export const verdicts = ['ok', 'warning', 'failed', 'skipped'] as const

export interface Finding {
  readonly check: string
  readonly verdict: (typeof verdicts)[number]
  /** What was measured or seen. */
  readonly result: string
  /** What it means, and what to do. */
  readonly meaning: string
}
