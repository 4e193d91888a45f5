// Which offsets of a log are known to be damaged: reading them is refused, the rest stays readable.

import { LogError } from '../errors.ts'
import type { Offset } from '../log.ts'

export interface RottenRange {
  readonly from: Offset
  readonly to: Offset
}

/** The ranges with one more; each is in it once. */
export function withRotten(ranges: readonly RottenRange[], from: Offset, to: Offset): readonly RottenRange[] {
  return ranges.some(one => one.from === from && one.to === to) ? ranges : [...ranges, { from, to }]
}

/** How far may be read from `from` on: up to `end`, and not into damaged bytes. Errors: LOG_ROTTEN when it begins there. */
export function readableTo(
  ranges: readonly RottenRange[],
  { name, from, end }: { readonly name: string; readonly from: Offset; readonly end: Offset },
): Offset {
  let limit = end
  for (const { from: bad, to } of ranges) {
    if (from >= bad && from < to)
      throw new LogError(
        'LOG_ROTTEN',
        `offsets ${bad} to ${to - 1} of ${name} are damaged; the rest can be read from ${to} on`,
        { from: bad, to },
      )
    if (bad > from && bad < limit) limit = bad
  }
  return limit
}
