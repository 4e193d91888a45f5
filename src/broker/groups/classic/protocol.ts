// Which assignment strategy a group uses: only one that every member offers can be, and among those each member votes
// for the one that it names first.

import type { Protocol } from './request.ts'

interface Offers {
  readonly protocols: readonly Protocol[]
}

/** Strategies that all members offer. */
export function commonProtocols(members: Iterable<Offers>): Set<string> {
  let common: Set<string> | undefined
  for (const { protocols } of members) {
    const names = protocols.map(one => one.name)
    common = new Set(common === undefined ? names : names.filter(name => common?.has(name)))
  }
  return common ?? new Set()
}

/** The strategy with the most votes; among equals the one that was voted for first. Undefined when none is common. */
export function selectProtocol(members: Iterable<Offers>): string | undefined {
  const all = [...members]
  const common = commonProtocols(all)
  const votes = new Map<string, number>()
  for (const { protocols } of all) {
    const vote = protocols.find(one => common.has(one.name))?.name
    if (vote !== undefined) votes.set(vote, (votes.get(vote) ?? 0) + 1)
  }
  return [...votes].reduce<readonly [string, number] | undefined>(
    (best, one) => (best === undefined || one[1] > best[1] ? one : best),
    undefined,
  )?.[0]
}

/** Whether both offer the same strategies in the same order with the same metadata. */
export function sameProtocols(a: readonly Protocol[], b: readonly Protocol[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, at) => one.name === b[at]?.name && one.metadata.equals(b[at].metadata))
  )
}
