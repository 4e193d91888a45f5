// From what members subscribe to (names, patterns) to topics that exist, and to the assignment of their partitions.

import type { TopicsView, TopicView } from '../topics-view.ts'
import type { Assignment } from './assignment.ts'
import type { Subscriber } from './assignor/assignor.ts'
import { assignors, DEFAULT_ASSIGNOR } from './assignor/assignors.ts'
import { compilePattern, type Pattern } from './pattern.ts'
import type { ConsumerHead, ConsumerMember } from './state.ts'

/** Topics that a member reads, by id; each look at a pattern is remembered until the topics change. */
export class Subscriptions {
  readonly #topics: TopicsView
  readonly #patterns = new Map<string, Pattern>()
  readonly #matches = new Map<string, readonly TopicView[]>()
  /** At which revision of the topics a group's head was last found to be right. */
  readonly #seen = new WeakMap<ConsumerHead, number>()
  #revision = -1

  constructor(topics: TopicsView) {
    this.#topics = topics
  }

  /** Whether no topic has changed since the head was found to be right. */
  haveSeen(head: ConsumerHead): boolean {
    return this.#seen.get(head) === this.#topics.revision
  }
  markSeen(head: ConsumerHead): void {
    this.#seen.set(head, this.#topics.revision)
  }

  /** Existing topics only, without duplicates. */
  topicsOf({ topicNames, pattern }: Pick<ConsumerMember, 'topicNames' | 'pattern'>): TopicView[] {
    const named = topicNames.flatMap(name => this.#topics.get(name) ?? [])
    return pattern === null ? dedupe(named) : dedupe([...named, ...this.#matching(pattern)])
  }

  /** All topics of these members with their partitions, in the form that the group's head keeps. */
  topicsOfAll(members: Iterable<ConsumerMember>): Record<string, number> {
    const all: Record<string, number> = {}
    for (const member of members)
      for (const { id, definition } of this.topicsOf(member)) all[id] = definition.partitions
    return all
  }

  /** Who is to have what, by the assignor that most members wish for. */
  assign(members: ReadonlyMap<string, ConsumerMember>): {
    readonly assignor: string
    readonly targets: Map<string, Assignment>
  } {
    const assignor = assignors.get(favourite(members.values())) ?? DEFAULT_ASSIGNOR
    const subscribers = [...members].map(([memberId, member]): Subscriber => {
      const { instanceId, target } = member
      return { memberId, instanceId, target, topics: this.topicsOf(member).map(one => one.id) }
    })
    const topics = new Map(Object.entries(this.topicsOfAll(members.values())))
    return { assignor: assignor.name, targets: assignor.assign({ subscribers, topics }) }
  }

  #matching(pattern: string): readonly TopicView[] {
    if (this.#revision !== this.#topics.revision) {
      this.#matches.clear()
      this.#revision = this.#topics.revision
    }
    const known = this.#matches.get(pattern)
    if (known !== undefined) return known
    const compiled = this.#patterns.get(pattern) ?? compilePattern(pattern)
    if (this.#patterns.size > PATTERNS_KEPT) this.#patterns.clear()
    this.#patterns.set(pattern, compiled)
    const found = [...this.#topics.list()].filter(topic => !topic.isInternal && compiled.matches(topic.name))
    if (this.#matches.size > PATTERNS_KEPT) this.#matches.clear()
    this.#matches.set(pattern, found)
    return found
  }
}

/** Patterns that are kept compiled; more are compiled again when they are needed. */
const PATTERNS_KEPT = 1000

function dedupe(topics: readonly TopicView[]): TopicView[] {
  return [...new Map(topics.map(topic => [topic.id, topic])).values()]
}

/** The assignor with the most wishes; the default when nobody wishes. */
function favourite(members: Iterable<ConsumerMember>): string {
  const votes = new Map<string, number>()
  for (const { assignor } of members)
    if (assignor !== null) votes.set(assignor, (votes.get(assignor) ?? 0) + 1)
  let best: readonly [string, number] = [DEFAULT_ASSIGNOR.name, 0]
  for (const one of votes) if (one[1] > best[1]) best = one
  return best[0]
}
