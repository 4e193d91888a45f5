// What a classic member asks and is told: joining, synchronising, heartbeats, leaving.

import type { BrokerError } from '../../errors.ts'

/** An assignment strategy that a member offers, with what it says of itself under that strategy. */
export interface Protocol {
  readonly name: string
  readonly metadata: Buffer
}

export interface JoinRequest {
  readonly groupId: string
  /** Empty for a member that has no id yet. */
  readonly memberId: string
  /** Of a static member (KIP-345). */
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly sessionTimeoutMs: number
  /** How long the others wait for this member in a rebalance, ms. Below 0: as long as the session. */
  readonly rebalanceTimeoutMs: number
  readonly protocolType: string
  /** The member's favourite first. */
  readonly protocols: readonly Protocol[]
  /** Whether a new dynamic member must come back with the id that it is given (KIP-394). */
  readonly requireKnownMemberId: boolean
  /** Whether a static leader that comes back can be told to hand out nothing (KIP-814). */
  readonly supportsSkippingAssignment: boolean
}

export interface JoinedMember {
  readonly memberId: string
  readonly instanceId: string | null
  readonly metadata: Buffer
}

export type JoinResult =
  /** Ask again with this id. */
  | { readonly at: 'member-id-required'; readonly memberId: string }
  | {
      readonly at: 'joined'
      readonly memberId: string
      readonly generation: number
      readonly protocolType: string
      readonly protocol: string
      readonly leader: string
      /** Everybody, for the leader; nobody, for the others. */
      readonly members: readonly JoinedMember[]
      readonly skipAssignment: boolean
    }

/** Who speaks, as every request of a joined member says. */
export interface MemberIdentity {
  readonly groupId: string
  readonly memberId: string
  readonly instanceId: string | null
}

export interface SyncRequest extends MemberIdentity {
  readonly generation: number
  /** Null when the client does not say. */
  readonly protocolType: string | null
  readonly protocol: string | null
  /** From the leader only. */
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[]
}

export interface SyncResult {
  readonly protocolType: string
  readonly protocol: string
  readonly assignment: Buffer
}

export interface HeartbeatRequest extends MemberIdentity {
  readonly generation: number
}

export interface Leaver {
  /** Empty when the instance id says who. */
  readonly memberId: string
  readonly instanceId: string | null
}

export interface Left extends Leaver {
  readonly error?: BrokerError
}
