// The door of many/: calls to several servers at once.

export { all, type ManyOptions } from './all.ts'
export { type HedgeOptions, hedged } from './hedged.ts'
export type { CallOne, Outcome } from './outcome.ts'
export { first, quorum } from './quorum.ts'
