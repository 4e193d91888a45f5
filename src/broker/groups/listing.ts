// Groups as an administrator sees them in a list, and a classic group in full.

import type { ClassicGroup, ClassicState } from './classic/group.ts'
import type { MemberDescription } from './classic/member.ts'
import type { ConsumerState } from './consumer/group.ts'
import { type Group, isClassic } from './registry.ts'

export interface ListedGroup {
  readonly groupId: string
  readonly type: 'classic' | 'consumer'
  /** Empty for a group that only holds offsets. */
  readonly protocolType: string
  readonly state: ClassicState | ConsumerState
}

/** Which groups to list; an empty filter lets all pass. Upper and lower case are the same. */
export interface GroupFilter {
  readonly states?: readonly string[]
  readonly types?: readonly string[]
}

export interface ClassicDescription {
  readonly groupId: string
  readonly state: ClassicState
  readonly protocolType: string
  /** The strategy; empty unless the group is stable. */
  readonly protocol: string
  readonly members: readonly MemberDescription[]
}

export function list(groups: Iterable<Group>, { states = [], types = [] }: GroupFilter): ListedGroup[] {
  const passes = (filter: readonly string[], value: string) =>
    filter.length === 0 || filter.some(one => one.toLowerCase() === value.toLowerCase())
  return Array.from(groups, listed).filter(({ state, type }) => passes(states, state) && passes(types, type))
}

function listed(group: Group): ListedGroup {
  const { id: groupId, state } = group
  if (!isClassic(group)) return { groupId, type: 'consumer', protocolType: 'consumer', state }
  return { groupId, type: 'classic', protocolType: group.protocolType ?? '', state }
}

/** Metadata and assignments are shown only while they are in force. */
export function describeClassic(group: ClassicGroup): ClassicDescription {
  const isStable = group.state === 'Stable'
  const protocol = isStable ? group.protocol : null
  const members = [...group.members.values()].map(member => member.describe(protocol))
  const { id: groupId, state, protocolType } = group
  return { groupId, state, protocolType: protocolType ?? '', protocol: protocol ?? '', members }
}
