// A share group in memory: its members, what they subscribe to, and what follows from that. Members are not kept: after
// a restart they join again, and what they had is available again.

import { type Assignment, isSame, NOTHING } from '../groups/consumer/assignment.ts'
import type { TopicsView } from '../groups/topics-view.ts'
import { assign } from './assign.ts'
import { shareLimits } from './limits.ts'
import type { SharePartition } from './share-partition.ts'

export type ShareState = 'Empty' | 'Stable'

export interface ShareMember {
  readonly memberId: string
  rackId: string | null
  clientId: string
  clientHost: string
  topicNames: readonly string[]
  /** The group's epoch that it was told last, and the one before, should that answer have been lost. */
  epoch: number
  previousEpoch: number
  /** What it was told to read. */
  told: Assignment
}

export class ShareGroup {
  readonly id: string
  readonly members = new Map<string, ShareMember>()
  /** Those that somebody read since the start, by `topicId/partition`; one that is being opened is a promise. */
  readonly partitions = new Map<string, SharePartition | Promise<SharePartition>>()
  #assignments: ReadonlyMap<string, Assignment> = new Map()
  #revision = -1

  constructor(id: string) {
    this.id = id
  }

  get state(): ShareState {
    return this.members.size === 0 ? 'Empty' : 'Stable'
  }
  /** Those that are open. */
  get open(): SharePartition[] {
    return [...this.partitions.values()].flatMap(one => (one instanceof Promise ? [] : one))
  }
  assignmentOf(memberId: string): Assignment {
    return this.#assignments.get(memberId) ?? NOTHING
  }

  /** Assigns anew if topics or, as `changed` says, members changed; true when anybody has something else now. */
  reassign(topics: TopicsView, changed: boolean): boolean {
    if (!changed && this.#revision === topics.revision) return false
    this.#revision = topics.revision
    const subscribers = [...this.members.values()].map(({ memberId, topicNames }) => ({
      memberId,
      topics: new Map(
        topicNames.flatMap(name => {
          const topic = topics.get(name)
          return topic === undefined ? [] : [[topic.id, topic.definition.partitions] as const]
        }),
      ),
    }))
    const before = this.#assignments
    const now = assign(subscribers, shareLimits.assignmentsMax)
    this.#assignments = now
    return before.size !== now.size || [...now].some(([id, one]) => !isSame(before.get(id) ?? NOTHING, one))
  }
}
