// Consumer groups of both kinds: the classic protocol, where a member assigns partitions, and KIP-848, where the broker
// does. This is the room's front: it checks what a stranger sends, finds the group, and hands on. Opened by the broker
// in three steps: its sections are replayed, `attach` makes the groups live again, `close` ends every wait.

import type { Timer, World } from '../../world/index.ts'
import { BrokerError } from '../errors.ts'
import type { Change, Journal, Section } from '../journal.ts'
import { heartbeat } from './classic/heartbeat.ts'
import { join } from './classic/join.ts'
import { leave } from './classic/leave.ts'
import type {
  HeartbeatRequest,
  JoinRequest,
  JoinResult,
  Leaver,
  Left,
  SyncRequest,
  SyncResult,
} from './classic/request.ts'
import { sync } from './classic/sync.ts'
import {
  type CommitRequest,
  Commits,
  type CommittedPartition,
  type DeletedOffset,
  type FetchedOffset,
  type FetchOffsetsRequest,
} from './commits.ts'
import { ConsumerCoordinator } from './consumer/coordinator.ts'
import { type ConsumerDescription, describe } from './consumer/describe.ts'
import type { ConsumerHeartbeat, ConsumerHeartbeatResult } from './consumer/request.ts'
import { JOIN_EPOCH } from './consumer/state.ts'
import { expire } from './expiry.ts'
import { groupChange } from './group-keys.ts'
import { Ledger } from './ledger.ts'
import { groupLimits } from './limits.ts'
import {
  type ClassicDescription,
  describeClassic,
  type GroupFilter,
  type ListedGroup,
  list,
} from './listing.ts'
import { Migrations } from './migration/migrations.ts'
import { Offsets } from './offsets.ts'
import { PendingOffsets } from './pending-offsets.ts'
import { groupUnknown, memberUnknown } from './refusals.ts'
import { isClassic, isConsumer, Registry } from './registry.ts'
import type { TopicsView } from './topics-view.ts'

export interface GroupsParts {
  readonly world: World
  readonly settings: { number(name: string): number; get(name: string): string }
  readonly topics: TopicsView
  /** Settings of one group, by its id. */
  readonly groupSettings: { number(groupId: string, name: string): number }
  /** Whether the id is a share group's. */
  readonly isShare: (groupId: string) => boolean
}

export class Groups {
  readonly #parts: GroupsParts
  readonly #ledger = new Ledger()
  readonly #offsets = new Offsets()
  readonly #pending = new PendingOffsets()
  readonly #registry: Registry
  readonly #consumers: ConsumerCoordinator
  readonly #commits: Commits
  readonly #migrations: Migrations
  #journal: Journal | undefined
  #expiry: Timer | undefined
  #closed = false

  constructor(parts: GroupsParts) {
    const { world, settings, topics, groupSettings, isShare } = parts
    const ledger = this.#ledger
    const write = (changes: readonly Change[]) => this.#write(changes)
    this.#parts = parts
    this.#registry = new Registry({
      world,
      ledger,
      write,
      isShare,
      initialDelayMs: () => settings.number('group.initial.rebalance.delay.ms'),
    })
    this.#consumers = new ConsumerCoordinator({
      world,
      topics,
      write,
      find: id => ledger.consumer(id),
      sessionTimeoutMs: id => groupSettings.number(id, 'consumer.session.timeout.ms'),
      heartbeatIntervalMs: id => groupSettings.number(id, 'consumer.heartbeat.interval.ms'),
      maxSize: () => settings.number('group.max.size'),
      memberGone: id => this.#migrations.downgradeWhenDue(id),
    })
    this.#migrations = new Migrations({
      ledger,
      topics,
      write,
      registry: this.#registry,
      consumers: this.#consumers,
      policy: () => settings.get('group.consumer.migration.policy'),
    })
    this.#commits = new Commits({
      world,
      registry: this.#registry,
      offsets: this.#offsets,
      pending: this.#pending,
      topics,
      write,
      metadataMax: () => settings.number('offset.metadata.max.bytes'),
      isSubscribed: (group, topic) => this.#consumers.isSubscribed(group, topic),
    })
  }

  /** What of the metadata log is the groups'. */
  get sections(): readonly Section[] {
    return [this.#ledger, this.#offsets, this.#pending]
  }

  /** Goes on where the log ends: members get a fresh session. */
  attach(journal: Journal): void {
    this.#journal = journal
    this.#registry.restore(this.#offsets.groups())
    for (const group of this.#ledger.consumers()) this.#consumers.resume(group)
    this.#scheduleExpiry()
  }

  /** Resolves when the rebalance is over. Errors: those of classic/join.ts; GROUP_ID_INVALID, SESSION_TIMEOUT_INVALID. */
  async join(request: JoinRequest): Promise<JoinResult> {
    checkGroupId(request.groupId)
    checkSizes(request)
    this.#checkSessionTimeout(request.sessionTimeoutMs)
    this.#checkOpen()
    const { groupId, memberId } = request
    if (memberId !== '' && this.#registry.find(groupId) === undefined) throw memberUnknown(groupId, memberId)
    const group = await this.#registry.forClassic(groupId)
    if (isConsumer(group)) return this.#consumers.classic.join(group, request)
    return join(group, request, {
      world: this.#parts.world,
      maxSize: this.#parts.settings.number('group.max.size'),
    })
  }

  /** Resolves when the leader has handed out the assignments. Errors: those of classic/sync.ts; GROUP_ID_INVALID. */
  async sync(request: SyncRequest): Promise<SyncResult> {
    checkGroupId(request.groupId)
    const bytes = request.assignments.reduce((sum, { assignment }) => sum + assignment.length, 0)
    checkLimit(bytes, groupLimits.assignmentBytesMax, 'bytes of assignments')
    const group = this.#registry.joined(request.groupId, request.memberId)
    return isConsumer(group) ? this.#consumers.classic.sync(group, request) : sync(group, request)
  }

  /** Errors: those of classic/heartbeat.ts; GROUP_ID_INVALID. */
  heartbeat(request: HeartbeatRequest): void {
    checkGroupId(request.groupId)
    const group = this.#registry.joined(request.groupId, request.memberId)
    if (isConsumer(group)) this.#consumers.classic.heartbeat(group, request)
    else heartbeat(group, request)
  }

  /** Each leaver with its own refusal. Errors: GROUP_ID_INVALID. */
  async leave(groupId: string, leavers: readonly Leaver[]): Promise<Left[]> {
    checkGroupId(groupId)
    const group = this.#registry.find(groupId)
    if (group !== undefined)
      return isConsumer(group) ? this.#consumers.classic.leave(group, leavers) : leave(group, leavers)
    return leavers.map(({ memberId, instanceId }) => ({
      memberId,
      instanceId,
      error: memberUnknown(groupId, memberId),
    }))
  }

  /** KIP-848. Errors: those of consumer/coordinator.ts; GROUP_ID_INVALID, GROUP_PROTOCOL_INVALID. */
  async consumerHeartbeat(request: ConsumerHeartbeat): Promise<ConsumerHeartbeatResult> {
    const { groupId, memberEpoch } = request
    checkGroupId(groupId)
    this.#checkOpen()
    if (memberEpoch === JOIN_EPOCH) {
      this.#registry.checkNotShare(groupId)
      if (this.#registry.find(groupId) === undefined) this.#registry.checkRoom()
      await this.#migrations.upgradeWhenDue(request)
    }
    try {
      return await this.#consumers.heartbeat(request, () => this.#registry.close(groupId))
    } catch (error) {
      // The group may have moved for a member that was then refused.
      this.#migrations.downgradeWhenDue(groupId)
      throw error
    }
  }

  /** Errors: those of commits.ts. */
  commitOffsets(request: CommitRequest): Promise<CommittedPartition[]> {
    return this.#commits.commit(request)
  }
  /** Keeps the offsets until `commitPending` or `abortPending`. Errors: those of commits.ts. */
  stageOffsets(producerId: number, request: CommitRequest): Promise<CommittedPartition[]> {
    return this.#commits.stage(producerId, request)
  }
  /** To write together with the outcome of the producer's transaction. */
  commitPending(producerId: number): Change[] {
    return this.#pending.commit(producerId)
  }
  abortPending(producerId: number): Change[] {
    return this.#pending.abort(producerId)
  }
  /** Errors: those of commits.ts. */
  fetchOffsets(request: FetchOffsetsRequest): FetchedOffset[] {
    return this.#commits.fetch(request)
  }
  /** Errors: those of commits.ts. */
  deleteOffsets(
    groupId: string,
    partitions: readonly { readonly topic: string; readonly partition: number }[],
  ): Promise<DeletedOffset[]> {
    return this.#commits.delete(groupId, partitions)
  }

  /** To write together with the removal of the topic. */
  forgetTopic(name: string): Change[] {
    return [...this.#offsets.forgetTopic(name), ...this.#pending.forgetTopic(name)]
  }

  /** Whether there is a group of this id, of either kind. */
  has(groupId: string): boolean {
    return this.#registry.find(groupId) !== undefined
  }
  list(filter: GroupFilter = {}): ListedGroup[] {
    return list(this.#registry.all(), filter)
  }
  /** Undefined when there is no classic group of this id. */
  describeClassic(groupId: string): ClassicDescription | undefined {
    const group = this.#registry.classic(groupId)
    return group && describeClassic(group)
  }
  /** Undefined when there is no consumer group of this id. */
  describeConsumer(groupId: string): ConsumerDescription | undefined {
    const group = this.#ledger.consumer(groupId)
    return group && describe(group)
  }

  /** The group and its offsets. Errors: GROUP_UNKNOWN, GROUP_NOT_EMPTY. */
  async deleteGroup(groupId: string): Promise<void> {
    const group = this.#registry.find(groupId)
    if (group === undefined) throw groupUnknown(groupId)
    if (group.state !== 'Empty')
      throw new BrokerError('GROUP_NOT_EMPTY', `group '${groupId}' has members: stop them first`)
    if (isClassic(group)) this.#registry.close(groupId, groupUnknown(groupId))
    await this.#write([
      groupChange(groupId, null),
      ...this.#offsets.forgetGroup(groupId),
      ...this.#pending.forgetGroup(groupId),
    ])
  }

  /** Ends every wait with GROUP_REBALANCING, and every timer. Idempotent. */
  close(): void {
    this.#closed = true
    this.#expiry?.cancel()
    this.#consumers.close()
    this.#registry.closeAll()
  }

  #scheduleExpiry(): void {
    this.#expiry = this.#parts.world.after(groupLimits.expiryCheckIntervalMs, () => {
      this.#scheduleExpiry()
      // Should the store refuse, the next time finds the same offsets.
      this.#expireOffsets().catch(() => {})
    })
  }

  async #expireOffsets(): Promise<void> {
    const retentionMs = this.#parts.settings.number('offsets.retention.minutes') * 60_000
    const time = { now: this.#parts.world.now(), retentionMs }
    const parts = {
      offsets: this.#offsets,
      pending: this.#pending,
      isSubscribed: this.#consumers.isSubscribed.bind(this.#consumers),
    }
    for (const group of [...this.#registry.all()]) {
      const { changes, isGone } = expire(group, time, parts)
      if (isGone) this.#registry.close(group.id, groupUnknown(group.id))
      await this.#write(changes)
    }
  }

  async #write(changes: readonly Change[]): Promise<void> {
    if (changes.length > 0) await this.#journal?.write(changes)
  }

  #checkSessionTimeout(sessionTimeoutMs: number): void {
    const min = this.#parts.settings.number('group.min.session.timeout.ms')
    const max = this.#parts.settings.number('group.max.session.timeout.ms')
    if (sessionTimeoutMs < min || sessionTimeoutMs > max)
      throw new BrokerError(
        'SESSION_TIMEOUT_INVALID',
        `a session timeout of ${sessionTimeoutMs} ms is not between ${min} and ${max}: change session.timeout.ms`,
      )
  }

  #checkOpen(): void {
    if (this.#closed)
      throw new BrokerError('GROUP_REBALANCING', 'the broker is closing: join again when it is back')
  }
}

/** Errors: GROUP_ID_INVALID. */
function checkGroupId(groupId: string): void {
  if (groupId === '') throw new BrokerError('GROUP_ID_INVALID', 'the group id is empty: set group.id')
  if (groupId.length > groupLimits.idLengthMax)
    throw new BrokerError(
      'GROUP_ID_INVALID',
      `a group id of ${groupId.length} characters is longer than ${groupLimits.idLengthMax}`,
    )
}

/** Errors: LIMIT_EXCEEDED. */
function checkSizes({ protocols, memberId, instanceId, clientId }: JoinRequest): void {
  checkLimit(protocols.length, groupLimits.protocolsMax, 'assignment strategies')
  const bytes = protocols.reduce((sum, { name, metadata }) => sum + name.length + metadata.length, 0)
  checkLimit(bytes, groupLimits.memberMetadataBytesMax, 'bytes of member metadata')
  for (const id of [memberId, instanceId ?? '', clientId])
    checkLimit(id.length, groupLimits.idLengthMax, 'characters of an id')
}

function checkLimit(value: number, limit: number, what: string): void {
  if (value > limit) throw new BrokerError('LIMIT_EXCEEDED', `${value} ${what} are more than ${limit}`)
}
