// Looking up by offset in what is ordered by it.

import type { Offset } from './log.ts'

/** Index of the last element whose base is at or below `offset`; 0 when all are above. */
export function lastAtOrBelow(list: readonly { readonly base: Offset }[], offset: Offset): number {
  let low = 0
  let high = list.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((list[middle]?.base ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
