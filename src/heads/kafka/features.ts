// Features of a cluster (KIP-584): what clients and tools look for before they use it. A feature is served or it is not, so
// each has one level, finalised from the start. The least level is 1, because ApiVersions 3 cannot say 0.

export interface Feature {
  readonly name: string
  /** The only level that is supported, and that is in effect. */
  readonly level: number
}

export const features: readonly Feature[] = [
  // Members of groups by KIP-848.
  { name: 'group.version', level: 1 },
  // Share groups (KIP-932).
  { name: 'share.version', level: 1 },
  // Transactions whose ends give their producers new epochs (KIP-890). Clients that do not know them are served as before.
  { name: 'transaction.version', level: 2 },
]
