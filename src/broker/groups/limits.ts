// Every bound of consumer groups: unit, default, and where it comes from. What an administrator may set (session
// timeouts, size of a group, length of a note) is in the broker's settings; these are the fixed ones.

export const groupLimits = {
  /** Groups that a broker keeps, of all kinds. */
  groupsMax: 100_000,
  /** Characters of a group's id, a member's id or an instance id. */
  idLengthMax: 1024,
  /** Assignment strategies that one member may offer. */
  protocolsMax: 64,
  /** Bytes of what one member says of itself, over all its strategies. */
  memberMetadataBytesMax: 1_048_576,
  /** Bytes of all assignments that a leader hands out. */
  assignmentBytesMax: 33_554_432,
  /** Topics that one member may subscribe to. */
  subscribedTopicsMax: 10_000,
  /** Characters of a pattern that topics are subscribed by. */
  patternLengthMax: 1024,
  /** Steps that a compiled pattern may have: counted repetitions multiply. */
  patternStepsMax: 4096,
  /** Ids that were handed out and have not joined yet, of one group. */
  pendingMembersMax: 10_000,
  /** How long a new member may wait for a rebalance to end, in ms: it knows no id to send heartbeats with. */
  newMemberJoinTimeoutMs: 300_000,
  /** How often old offsets are looked for, in ms (Kafka: offsets.retention.check.interval.ms). */
  expiryCheckIntervalMs: 600_000,
  /** Longest rebalance that a member may ask for, in ms. */
  rebalanceTimeoutMsMax: 86_400_000,
} as const
