// The nearest known word to one that nobody knows, for "did you mean". Distance is optimal string alignment (insert,
// delete, replace, swap two neighbours), because typing errors are those four.

/** The nearest of `known`, when it is near enough to be a typing error; undefined otherwise. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const distance = candidate.startsWith(word) && word.length > 1 ? 1 : editDistance(word, candidate)
    if (distance >= bestDistance) continue
    best = candidate
    bestDistance = distance
  }
  return best
}

/** `; did you mean 'x'?`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const found = nearest(word, known)
  return found === undefined ? '' : `; did you mean '${found}'?`
}

/** Words longer than this are not compared: the cost is quadratic, and no name of ours is as long. */
const WORD_LENGTH_MAX = 64

/** Edits that lead from one word to the other. */
export function editDistance(from: string, to: string): number {
  if (from.length > WORD_LENGTH_MAX || to.length > WORD_LENGTH_MAX) return WORD_LENGTH_MAX
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let at = 1; at <= to.length; at++)
      current.push(cheapest(from, to, row, at, { current, last, beforeLast }))
    beforeLast = last
    last = current
  }
  return last[to.length] ?? 0
}

interface Rows {
  readonly current: readonly number[]
  readonly last: readonly number[]
  readonly beforeLast: readonly number[]
}

function cheapest(from: string, to: string, row: number, at: number, rows: Rows): number {
  const cost = (costs: readonly number[], index: number): number => costs[index] ?? Number.POSITIVE_INFINITY
  const same = from[row - 1] === to[at - 1]
  const swapped = row > 1 && at > 1 && from[row - 1] === to[at - 2] && from[row - 2] === to[at - 1]
  return Math.min(
    cost(rows.last, at) + 1,
    cost(rows.current, at - 1) + 1,
    cost(rows.last, at - 1) + (same ? 0 : 1),
    swapped ? cost(rows.beforeLast, at - 2) + 1 : Number.POSITIVE_INFINITY,
  )
}
