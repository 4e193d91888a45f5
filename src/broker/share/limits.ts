// Every bound of share groups that no setting has: unit, default, and where it comes from.

export const shareLimits = {
  /** Share groups of one broker. */
  groupsMax: 100_000,
  /** Partitions that one share group may read. */
  partitionsMax: 100_000,
  /** Partitions that are assigned to all members of one group together; beyond it they are dealt out. */
  assignmentsMax: 10_000,
} as const
