// Looking up in what is ordered, mostly by offset.

import type { Offset } from './log.ts'

/** Index of the last element whose base is at or below `offset`; 0 when all are above. */
export function lastAtOrBelow(list: readonly { readonly base: Offset }[], offset: Offset): number {
  return Math.max(
    0,
    lastWhere(list, one => one.base <= offset),
  )
}

/** Index of the last element for which `holds`, which is true of a first part of the list; -1 when of none. */
export function lastWhere<T>(list: readonly T[], holds: (one: T) => boolean): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    const one = list[middle]
    if (one !== undefined && holds(one)) low = middle + 1
    else high = middle
  }
  return low - 1
}
