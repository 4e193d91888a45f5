// `uniform`: everybody gets about as many partitions, and as few as possible change hands. With equal subscriptions the
// counts differ by one at most. With different ones, partitions move from the one who has most to the one who has least
// as long as that makes the counts more equal.

import { assignmentOf, partitionsOf } from '../assignment.ts'
import {
  type AssignmentProblem,
  type Assignor,
  byTopic,
  collect,
  compare,
  inOrder,
  type Subscriber,
} from './assignor.ts'

/** One partition. */
type Seat = readonly [topicId: string, partition: number]

export const uniform: Assignor = {
  name: 'uniform',
  assign(problem) {
    const ordered = inOrder(problem.subscribers)
    const held = keepWhatIsTheirs(ordered, problem)
    const free = freeSeats(problem, held)
    if (subscribeAlike(ordered)) balanceAlike(held, free)
    else balanceDifferent(ordered, held, free)
    return new Map([...held].map(([memberId, seats]) => [memberId, assignmentOf(perTopic(seats))]))
  },
}

type Held = Map<string, Seat[]>

/** What each had and may go on having: it exists, the member is subscribed, and nobody before it had it too. */
function keepWhatIsTheirs(ordered: readonly Subscriber[], { topics }: AssignmentProblem): Held {
  const taken = new Set<string>()
  return new Map(
    ordered.map(({ memberId, topics: subscribed, target }) => {
      const mine = new Set(subscribed)
      const seats = [...partitionsOf(target)].filter(([topic, partition]) => {
        const key = `${topic}/${partition}`
        if (!mine.has(topic) || partition >= (topics.get(topic) ?? 0) || taken.has(key)) return false
        taken.add(key)
        return true
      })
      return [memberId, seats]
    }),
  )
}

function freeSeats({ topics }: AssignmentProblem, held: Held): Seat[] {
  const taken = new Set([...held.values()].flat().map(([topic, partition]) => `${topic}/${partition}`))
  return [...topics.keys()]
    .sort(compare)
    .flatMap(topic =>
      Array.from({ length: topics.get(topic) ?? 0 }, (_, partition): Seat => [topic, partition]).filter(
        ([, partition]) => !taken.has(`${topic}/${partition}`),
      ),
    )
}

function subscribeAlike(subscribers: readonly Subscriber[]): boolean {
  const first = new Set(subscribers[0]?.topics)
  return subscribers.every(
    ({ topics }) => topics.length === first.size && topics.every(topic => first.has(topic)),
  )
}

/** Those who have most keep the odd ones; what is over goes to those who have too few. */
function balanceAlike(held: Held, free: Seat[]): void {
  const total = [...held.values()].reduce((sum, seats) => sum + seats.length, free.length)
  const share = Math.floor(total / held.size)
  let odd = total % held.size
  const byCount = [...held].sort(([, a], [, b]) => b.length - a.length)
  const quotas = byCount.map(([memberId, seats]) => {
    const quota = odd > 0 && odd-- > 0 ? share + 1 : share
    free.push(...seats.splice(quota))
    return [memberId, quota] as const
  })
  for (const [memberId, quota] of quotas) {
    const seats = held.get(memberId) ?? []
    seats.push(...free.splice(0, quota - seats.length))
  }
}

function balanceDifferent(ordered: readonly Subscriber[], held: Held, free: readonly Seat[]): void {
  const subscribersOf = byTopic(ordered)
  const count = (memberId: string) => held.get(memberId)?.length ?? 0
  const leastOf = (topic: string) =>
    subscribersOf.get(topic)?.reduce((least, one) => (count(one) < count(least) ? one : least))
  // Topics that few can take first: whoever has a choice can then make up for it.
  const choices = ([topic]: Seat) => subscribersOf.get(topic)?.length ?? 0
  for (const seat of [...free].sort((a, b) => choices(a) - choices(b))) {
    const taker = leastOf(seat[0])
    if (taker !== undefined) held.get(taker)?.push(seat)
  }
  while (moveSome(held, count, leastOf)) {
    // Each move makes the sum of squares smaller, so this ends.
  }
}

/** Moves partitions to members that have at least two fewer; whether any was moved. */
function moveSome(
  held: Held,
  count: (memberId: string) => number,
  leastOf: (topic: string) => string | undefined,
): boolean {
  let moved = false
  for (const [memberId, seats] of [...held].sort(([, a], [, b]) => b.length - a.length))
    for (const seat of [...seats]) {
      const taker = leastOf(seat[0])
      if (taker === undefined || count(taker) + 1 >= count(memberId)) continue
      seats.splice(seats.indexOf(seat), 1)
      held.get(taker)?.push(seat)
      moved = true
    }
  return moved
}

function perTopic(seats: readonly Seat[]): Iterable<readonly [string, number[]]> {
  const topics = new Map<string, number[]>()
  for (const [topic, partition] of seats) collect(topics, topic, partition)
  return topics
}
