// Reads a topic as a member of a group: from the committed offsets on, through rebalances. What has been handed over is
// committed every few seconds, at each rebalance and at the end: a record may be seen twice, and none is left out.

import { CommandError } from '../../exit.ts'
import { type Client, isFault } from '../client.ts'
import { type Piece, pieces } from '../fetcher.ts'
import { type Isolation, type Offsets, offsetsAt, places } from '../offsets.ts'
import { type Start, startOffsets } from '../start.ts'
import { type Committer, commitOffsets, committedOffsets } from './committed.ts'
import { GroupMember, type Membership } from './member.ts'

export interface GroupReadOptions {
  readonly group: string
  readonly topic: string
  /** Where to begin in partitions without a commit. */
  readonly start: Start
  readonly isolation?: Isolation
  /** Stop when the ends of now are reached. */
  readonly untilEnd?: boolean
  readonly signal: AbortSignal
  readonly onAssigned?: (partitions: readonly number[]) => void
}

/** Ms between two commits (Java: auto.commit.interval.ms). */
const COMMIT_MS = 5000

/** A piece, and how to say that its records up to `next` have been dealt with: then they may be committed. */
export type GroupPiece = Piece & { settle(next: number): void }

/** Pieces of the partitions that the group gives us. Errors: BrokerFault, CommandError. */
export async function* groupPieces(client: Client, options: GroupReadOptions): AsyncGenerator<GroupPiece> {
  const member = new GroupMember(client, options.group, options.topic)
  try {
    while (!options.signal.aborted) {
      const membership = await member.join()
      options.onAssigned?.(membership.partitions)
      const isOver = yield* readWhileIn(client, options, membership)
      if (isOver) return
    }
  } finally {
    await member.leave()
  }
}

/** Reads until the membership is lost (false) or everything has been read or the signal aborts (true). */
async function* readWhileIn(
  client: Client,
  options: GroupReadOptions,
  membership: Membership,
): AsyncGenerator<GroupPiece, boolean> {
  const { topic, isolation, signal, group } = options
  const { partitions, lost } = membership
  const stop = AbortSignal.any([signal, lost])
  const from = await startingPoints(client, options, partitions)
  const until =
    options.untilEnd === true ? await offsetsAt(client, topic, partitions, places.end, isolation) : undefined
  const commits = new Commits(client, group, topic, membership)
  try {
    if (partitions.length === 0) await idle(options, stop)
    for await (const piece of pieces(client, {
      topic,
      from,
      signal: stop,
      ...(until && { until }),
      ...(isolation && { isolation }),
    })) {
      yield { ...piece, settle: next => commits.note(piece.partition, next) }
      await commits.soon()
    }
  } finally {
    await commits.now()
  }
  return !lost.aborted || signal.aborted
}

async function idle({ untilEnd }: GroupReadOptions, stop: AbortSignal): Promise<void> {
  if (untilEnd === true || stop.aborted) return
  await new Promise<void>(resolve => stop.addEventListener('abort', () => resolve(), { once: true }))
}

async function startingPoints(
  client: Client,
  { group, topic, start, isolation }: GroupReadOptions,
  partitions: readonly number[],
): Promise<Offsets> {
  if (partitions.length === 0) return new Map()
  const committed = (await committedOffsets(client, group, { topic, partitions })).get(topic)
  const without = partitions.filter(partition => committed?.has(partition) !== true)
  const fresh =
    without.length === 0 ? new Map() : await startOffsets(client, topic, without, start, isolation)
  return new Map([...fresh, ...(committed ?? [])])
}

/** Offsets that wait to be committed. */
class Commits {
  readonly #client: Client
  readonly #group: string
  readonly #topic: string
  readonly #committer: Committer
  readonly #waiting = new Map<number, number>()
  #last: number

  constructor(client: Client, group: string, topic: string, committer: Committer) {
    this.#client = client
    this.#group = group
    this.#topic = topic
    this.#committer = committer
    this.#last = client.world.monotonic()
  }

  note(partition: number, next: number): void {
    this.#waiting.set(partition, next)
  }

  async soon(): Promise<void> {
    if (this.#client.world.monotonic() - this.#last >= COMMIT_MS) await this.now()
  }

  /** Commits; when the group has moved on meanwhile, whoever reads these records next reads them again. */
  async now(): Promise<void> {
    this.#last = this.#client.world.monotonic()
    if (this.#waiting.size === 0) return
    const offsets = new Map(this.#waiting)
    this.#waiting.clear()
    try {
      await commitOffsets(this.#client, this.#group, this.#topic, offsets, this.#committer)
    } catch (error) {
      if (isFault(error, 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS')) return
      throw error instanceof Error ? error : new CommandError('tryAgain', String(error))
    }
  }
}
