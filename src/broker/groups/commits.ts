// Committing, reading and deleting offsets: who may, and what becomes of each partition. A commit without member and
// generation is that of a simple consumer or an administrator, and needs an empty group.

import type { World } from '../../world/index.ts'
import { BrokerError, type BrokerErrorCode } from '../errors.ts'
import type { Change } from '../journal.ts'
import type { ClassicGroup } from './classic/group.ts'
import { checkGeneration, checkMember } from './classic/identity.ts'
import type { ConsumerGroup } from './consumer/group.ts'
import type { Offsets, OffsetToCommit } from './offsets.ts'
import type { PendingOffsets } from './pending-offsets.ts'
import { groupUnknown, memberUnknown, rebalancing } from './refusals.ts'
import { type Group, isClassic, type Registry } from './registry.ts'
import type { TopicsView } from './topics-view.ts'

export interface CommitRequest {
  readonly groupId: string
  /** Empty for a simple consumer. */
  readonly memberId: string
  readonly instanceId: string | null
  /** Generation of a classic group, member epoch of a consumer group; -1 for a simple consumer. */
  readonly generation: number
  /** How long to keep the offsets, ms, as old clients may say; -1 for the broker's own setting. */
  readonly retentionMs?: number
  readonly offsets: readonly OffsetToCommit[]
}

export interface CommittedPartition {
  readonly topic: string
  readonly partition: number
  /** TOPIC_UNKNOWN, METADATA_TOO_LARGE. */
  readonly error?: BrokerErrorCode
}

export interface FetchOffsetsRequest {
  readonly groupId: string
  /** Null when the reader is not a member. */
  readonly memberId: string | null
  readonly memberEpoch: number
  /** Null for all that the group has committed. */
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[] | null
  /** Whether offsets that a transaction may still change are refused. */
  readonly requireStable: boolean
}

export interface FetchedOffset {
  readonly topic: string
  readonly partition: number
  /** -1 when nothing is committed. */
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string
  /** OFFSET_UNSTABLE. */
  readonly error?: BrokerErrorCode
}

export interface DeletedOffset {
  readonly topic: string
  readonly partition: number
  /** GROUP_SUBSCRIBED. */
  readonly error?: BrokerErrorCode
}

export interface CommitsParts {
  readonly world: World
  readonly registry: Registry
  readonly offsets: Offsets
  readonly pending: PendingOffsets
  readonly topics: TopicsView
  readonly write: (changes: readonly Change[]) => Promise<void>
  readonly metadataMax: () => number
  readonly isSubscribed: (group: ConsumerGroup, topic: string) => boolean
}

const UNCOMMITTED = { offset: -1, leaderEpoch: -1, metadata: '' }

export class Commits {
  readonly #parts: CommitsParts

  constructor(parts: CommitsParts) {
    this.#parts = parts
  }

  /**
   * Errors: GROUP_UNKNOWN, MEMBER_UNKNOWN, INSTANCE_FENCED, GENERATION_ILLEGAL, MEMBER_EPOCH_STALE, GROUP_REBALANCING,
   * STORAGE_FULL.
   */
  async commit(request: CommitRequest): Promise<CommittedPartition[]> {
    this.#check(request, { isTransactional: false })
    const { groupId, retentionMs = -1 } = request
    const { results, accepted } = this.#sort(request.offsets)
    const committedAt = this.#parts.world.now()
    const at = retentionMs < 0 ? { committedAt } : { committedAt, expiresAt: committedAt + retentionMs }
    await this.#parts.write(this.#parts.offsets.commit(groupId, accepted, at))
    return results
  }

  /** Keeps the offsets until the producer's transaction ends. Errors: as `commit`. */
  async stage(producerId: number, request: CommitRequest): Promise<CommittedPartition[]> {
    this.#check(request, { isTransactional: true })
    const { results, accepted } = this.#sort(request.offsets)
    await this.#parts.write(
      this.#parts.pending.stage(producerId, request.groupId, accepted, this.#parts.world.now()),
    )
    return results
  }

  /** Errors: MEMBER_UNKNOWN, MEMBER_EPOCH_STALE. */
  fetch({ groupId, memberId, memberEpoch, topics, requireStable }: FetchOffsetsRequest): FetchedOffset[] {
    const { registry, offsets, pending } = this.#parts
    const group = registry.find(groupId)
    if (group !== undefined && !isClassic(group) && (memberId !== null || memberEpoch >= 0))
      checkConsumer(group, memberId ?? '', memberEpoch)
    const wanted: Iterable<{ topic: string; partition: number }> =
      topics === null
        ? offsets.of(groupId)
        : topics.flatMap(({ topic, partitions }) => partitions.map(partition => ({ topic, partition })))
    return Array.from(wanted, ({ topic, partition }) => {
      if (requireStable && pending.isUnstable(groupId, topic, partition))
        return { topic, partition, ...UNCOMMITTED, error: 'OFFSET_UNSTABLE' as const }
      const { offset, leaderEpoch, metadata } = offsets.get(groupId, topic, partition) ?? UNCOMMITTED
      return { topic, partition, offset, leaderEpoch, metadata }
    })
  }

  /** Errors: GROUP_UNKNOWN, GROUP_NOT_EMPTY for a group whose subscriptions are not known. */
  async delete(
    groupId: string,
    partitions: readonly { readonly topic: string; readonly partition: number }[],
  ): Promise<DeletedOffset[]> {
    const group = this.#parts.registry.find(groupId)
    if (group === undefined) throw groupUnknown(groupId)
    const isInUse = this.#usage(group)
    const results = partitions.map(one =>
      isInUse(one.topic) ? { ...one, error: 'GROUP_SUBSCRIBED' as const } : one,
    )
    const free = results.filter((one): one is DeletedOffset => !('error' in one))
    await this.#parts.write(
      free.flatMap(one => this.#parts.offsets.forget(groupId, one.topic, one.partition)),
    )
    return results
  }

  /** Errors: GROUP_NOT_EMPTY. */
  #usage(group: Group): (topic: string) => boolean {
    if (!isClassic(group)) return topic => this.#parts.isSubscribed(group, topic)
    if (group.state === 'Empty') return () => false
    if (group.protocolType !== 'consumer')
      throw new BrokerError(
        'GROUP_NOT_EMPTY',
        `group '${group.id}' has members, and what they read is not known: stop them first`,
      )
    const subscribed = group.subscribedTopics()
    return topic => subscribed?.has(topic) ?? true
  }

  #check(request: CommitRequest, { isTransactional }: { readonly isTransactional: boolean }): void {
    const { groupId, generation, memberId } = request
    const group = this.#parts.registry.find(groupId)
    if (group === undefined) {
      if (generation >= 0 && !isTransactional) throw groupUnknown(groupId)
      if (generation >= 0)
        throw new BrokerError(
          'GENERATION_ILLEGAL',
          `there is no group '${groupId}' with a generation ${generation}: join it again`,
        )
      this.#parts.registry.checkNotShare(groupId)
      this.#parts.registry.forOffsets(groupId)
    } else if (isClassic(group)) checkClassic(group, request, isTransactional)
    else if (generation >= 0 || memberId !== '' || (!isTransactional && group.members.size > 0))
      checkConsumer(group, memberId, generation)
  }

  #sort(offsets: readonly OffsetToCommit[]) {
    const results = offsets.map((one): CommittedPartition => {
      const { topic, partition } = one
      const error = this.#flaw(one)
      return error === undefined ? { topic, partition } : { topic, partition, error }
    })
    return { results, accepted: offsets.filter((_, at) => results[at]?.error === undefined) }
  }

  #flaw({ topic, partition, metadata }: OffsetToCommit): BrokerErrorCode | undefined {
    const partitions = this.#parts.topics.get(topic)?.definition.partitions ?? 0
    if (partition < 0 || partition >= partitions) return 'TOPIC_UNKNOWN'
    return metadata.length > this.#parts.metadataMax() ? 'METADATA_TOO_LARGE' : undefined
  }
}

function checkClassic(group: ClassicGroup, request: CommitRequest, isTransactional: boolean): void {
  const { generation, memberId, instanceId } = request
  const isSimple =
    generation < 0 && (isTransactional ? memberId === '' && instanceId === null : group.state === 'Empty')
  if (isSimple) return
  if (generation < 0 && memberId === '' && instanceId === null) throw memberUnknown(group.id, memberId)
  const member = checkMember(group, request)
  checkGeneration(group, generation)
  // The member has joined the generation and does not have its assignment yet: it has nothing to commit.
  if (!isTransactional && group.state === 'CompletingRebalance') throw rebalancing(group.id)
  if (!isTransactional) group.touch(member)
}

function checkConsumer(group: ConsumerGroup, memberId: string, epoch: number): void {
  const member = group.members.get(memberId)
  if (member === undefined) throw memberUnknown(group.id, memberId)
  if (member.epoch !== epoch && member.classic)
    throw new BrokerError(
      'GENERATION_ILLEGAL',
      `generation ${epoch} of group '${group.id}' is not the current one, ${member.epoch}: join again`,
    )
  if (member.epoch !== epoch)
    throw new BrokerError(
      'MEMBER_EPOCH_STALE',
      `member epoch ${epoch} in group '${group.id}' is not the current one, ${member.epoch}: send a heartbeat first`,
    )
}
