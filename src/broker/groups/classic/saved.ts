// A classic group as the metadata log keeps it: its generation, and the members with metadata and assignment. Written
// when a generation is complete and when the group becomes empty, so that after a restart it goes on as it was.

import { ClassicMember } from './member.ts'

type SavedMember = {
  readonly id: string
  readonly instance: string | null
  readonly clientId: string
  readonly host: string
  readonly sessionMs: number
  readonly rebalanceMs: number
  /** Name, and metadata in base64. */
  readonly protocols: readonly (readonly [string, string])[]
  /** Base64. */
  readonly assignment: string
}

export type SavedClassic = {
  readonly type: 'classic'
  readonly generation: number
  readonly protocolType: string | null
  readonly protocol: string | null
  readonly leader: string | null
  /** Since when it is empty, ms since 1970; 0 when it is not. */
  readonly emptySince: number
  readonly members: readonly SavedMember[]
  /** The assignments are not for all that there is: the group begins with a rebalance. */
  readonly mustRebalance?: boolean
}

/** `assignment` is the one to keep, which may not be in force yet. */
export function saveMember(member: ClassicMember, assignment: Buffer): SavedMember {
  return {
    id: member.id,
    instance: member.instanceId,
    clientId: member.clientId,
    host: member.clientHost,
    sessionMs: member.sessionTimeoutMs,
    rebalanceMs: member.rebalanceTimeoutMs,
    protocols: member.protocols.map(({ name, metadata }) => [name, metadata.toString('base64')] as const),
    assignment: assignment.toString('base64'),
  }
}

export function restoreMember(groupId: string, saved: SavedMember): ClassicMember {
  const member = new ClassicMember(saved.id, {
    groupId,
    instanceId: saved.instance,
    clientId: saved.clientId,
    clientHost: saved.host,
    sessionTimeoutMs: saved.sessionMs,
    rebalanceTimeoutMs: saved.rebalanceMs,
    protocols: saved.protocols.map(([name, metadata]) => ({
      name,
      metadata: Buffer.from(metadata, 'base64'),
    })),
  })
  member.assignment = Buffer.from(saved.assignment, 'base64')
  return member
}
