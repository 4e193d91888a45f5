// Keys of section `group` in the metadata log: [group] for the group itself, [group, member] for a member of a consumer
// group, so that a heartbeat writes one member and not all of them.

import type { Change, Json } from '../journal.ts'

export const GROUP_SECTION = 'group'

export function groupKey(groupId: string): string {
  return JSON.stringify([groupId])
}
export function memberKey(groupId: string, memberId: string): string {
  return JSON.stringify([groupId, memberId])
}
/** The group, and the member if the key is a member's. */
export function parseKey(key: string): readonly [string, string | undefined] {
  const [groupId, memberId] = JSON.parse(key) as [string, string?]
  return [groupId, memberId]
}

/** Null means that the group is gone; its members have keys of their own. */
export function groupChange(groupId: string, value: Json): Change {
  return { section: GROUP_SECTION, key: groupKey(groupId), value }
}
export function memberChange(groupId: string, memberId: string, value: Json): Change {
  return { section: GROUP_SECTION, key: memberKey(groupId, memberId), value }
}
