// Section `group` of the metadata log: what is durable of the groups. Consumer groups live in it outright; of a classic
// group it keeps the last complete generation, from which the group is made again after a restart.

import type { Json, Section } from '../journal.ts'
import type { SavedClassic } from './classic/saved.ts'
import { ConsumerGroup } from './consumer/group.ts'
import { GROUP_SECTION, groupKey, memberKey, parseKey } from './group-keys.ts'

export class Ledger implements Section {
  readonly name = GROUP_SECTION
  readonly #classic = new Map<string, SavedClassic>()
  readonly #consumer = new Map<string, ConsumerGroup>()

  classic(): Iterable<readonly [string, SavedClassic]> {
    return this.#classic
  }
  consumers(): Iterable<ConsumerGroup> {
    return this.#consumer.values()
  }
  consumer(groupId: string): ConsumerGroup | undefined {
    return this.#consumer.get(groupId)
  }

  apply(key: string, value: Json): void {
    const [groupId, memberId] = parseKey(key)
    if (memberId !== undefined) {
      if (value !== null || this.#consumer.has(groupId))
        this.#consumerOrNew(groupId).applyMember(memberId, value)
    } else if (value === null) {
      this.#classic.delete(groupId)
      this.#consumer.delete(groupId)
    } else if (isClassic(value)) {
      this.#consumer.delete(groupId)
      this.#classic.set(groupId, value)
    } else {
      this.#classic.delete(groupId)
      this.#consumerOrNew(groupId).applyHead(value)
    }
  }

  *entries(): Generator<readonly [string, Json]> {
    for (const [groupId, saved] of this.#classic) yield [groupKey(groupId), saved]
    for (const group of this.#consumer.values()) {
      yield [groupKey(group.id), group.head]
      for (const [memberId, member] of group.members) yield [memberKey(group.id, memberId), member]
    }
  }

  valueOf(key: string): Json | undefined {
    const [groupId, memberId] = parseKey(key)
    const group = this.#consumer.get(groupId)
    return memberId === undefined ? (this.#classic.get(groupId) ?? group?.head) : group?.members.get(memberId)
  }

  #consumerOrNew(groupId: string): ConsumerGroup {
    const group = this.#consumer.get(groupId) ?? new ConsumerGroup(groupId)
    this.#consumer.set(groupId, group)
    return group
  }
}

function isClassic(value: Json): value is SavedClassic {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'classic'
}
