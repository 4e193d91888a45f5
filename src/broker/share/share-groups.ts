// Share groups (KIP-932): members without partitions of their own read topics together, record by record, with a time
// to say what became of each. This is the room's front: which groups there are, where each began, and the partitions that
// they read, which are opened when they are first read. Opened in three steps as groups are: sections are replayed,
// `attach`, then `open` with the cursor log.
//
// Durable are a group's epoch, its starts (starts.ts) and what is settled (the cursor log); members are not.

import type { Offset } from '../../log/index.ts'
import type { World } from '../../world/index.ts'
import { BrokerError } from '../errors.ts'
import type { GroupSettings } from '../group-settings.ts'
import type { Assignment } from '../groups/consumer/assignment.ts'
import { groupLimits } from '../groups/limits.ts'
import { groupUnknown } from '../groups/refusals.ts'
import type { Change, Journal, Section } from '../journal.ts'
import { KeptTable } from '../kept-table.ts'
import type { Partition } from '../partition/partition.ts'
import { firstAtOrAfter } from '../partition/search.ts'
import type { Settlements } from '../queues/settlements.ts'
import type { Settings } from '../settings.ts'
import type { Topics } from '../topics/topics.ts'
import { Writes } from '../writes.ts'
import { ASSIGNOR } from './assign.ts'
import { ShareCoordinator, type ShareHeartbeat, type ShareHeartbeatResult } from './coordinator.ts'
import { ShareGroup, type ShareState } from './group.ts'
import { shareLimits } from './limits.ts'
import { SharePartition, type ShareRules } from './share-partition.ts'
import {
  CURSOR_PREFIX,
  cursorName,
  type ShareStart,
  ShareStarts,
  startChange,
  startRemoval,
} from './starts.ts'

const SECTION = 'share-group'

export interface ShareGroupsParts {
  readonly world: World
  readonly settings: Settings
  readonly groupSettings: GroupSettings
  readonly topics: Topics
  /** Whether there is a group of another kind under this id. */
  readonly isOther: (groupId: string) => boolean
}

export interface ShareMemberDescription {
  readonly memberId: string
  readonly rackId: string | null
  readonly epoch: number
  readonly clientId: string
  readonly clientHost: string
  readonly topicNames: readonly string[]
  readonly assignment: Assignment
}

export interface ShareDescription {
  readonly groupId: string
  readonly state: ShareState
  readonly epoch: number
  readonly assignor: string
  readonly members: readonly ShareMemberDescription[]
}

/** How far a share group has come in one partition. */
export interface ShareOffset {
  readonly topicId: string
  readonly partition: number
  /** Everything below is settled. */
  readonly start: Offset
  /** Records that are not. */
  readonly lag: number
}

/** A start that an administrator sets. */
export interface ShareReset {
  readonly partition: Partition
  readonly offset: Offset
}

type Kept = { readonly epoch: number }

export class ShareGroups {
  readonly #parts: ShareGroupsParts
  readonly #groups = new Map<string, ShareGroup>()
  readonly #kept = new KeptTable<Kept>(SECTION, {
    read: json => json as Kept,
    changed: (groupId, now) => this.#keptChanged(groupId, now),
  })
  readonly #starts = new ShareStarts()
  readonly #writes = new Writes()
  readonly #coordinator: ShareCoordinator
  #settlements: Settlements | undefined
  #closed = false

  constructor(parts: ShareGroupsParts) {
    const { world, settings, groupSettings, topics } = parts
    this.#parts = parts
    this.#coordinator = new ShareCoordinator({
      world,
      topics,
      openGroup: id => this.#openGroup(id),
      find: id => this.#groups.get(id),
      epochOf: id => this.#epochOf(id),
      saveEpoch: (id, epoch) => this.#writes.write([{ section: SECTION, key: id, value: { epoch } }]),
      gone: (group, memberId, because) => this.#release(group, memberId, because),
      sessionTimeoutMs: id => groupSettings.number(id, 'share.session.timeout.ms'),
      heartbeatIntervalMs: id => groupSettings.number(id, 'share.heartbeat.interval.ms'),
      maxSize: () => settings.number('group.share.max.size'),
    })
    topics.onRemoved(topic => void this.#topicRemoved(topic.id))
  }

  get sections(): readonly Section[] {
    return [this.#kept, this.#starts.section]
  }
  attach(journal: Journal): void {
    this.#writes.attach(journal)
  }

  /** Goes on where the logs end: starts of what is gone, and cursors that nothing begins with, are forgotten. */
  async open(settlements: Settlements): Promise<void> {
    this.#settlements = settlements
    const { topics } = this.#parts
    const dead = this.#starts
      .all()
      .filter(({ groupId, topicId }) => !this.#groups.has(groupId) || topics.byId(topicId) === undefined)
    await this.#writes.write(dead.map(startRemoval))
    const alive = new Set(this.#starts.all().map(cursorName))
    for (const name of settlements.namesFrom(CURSOR_PREFIX)) if (!alive.has(name)) settlements.remove(name)
  }

  has(groupId: string): boolean {
    return this.#groups.has(groupId)
  }

  /** Errors: GROUP_ID_INVALID, and those of coordinator.ts. */
  async heartbeat(request: ShareHeartbeat): Promise<ShareHeartbeatResult> {
    checkGroupId(request.groupId)
    this.#checkOpen()
    return this.#coordinator.heartbeat(request)
  }

  /** Upper and lower case are the same; empty filters let all pass. */
  list(states: readonly string[] = []): { readonly groupId: string; readonly state: ShareState }[] {
    const wanted = new Set(states.map(one => one.toLowerCase()))
    return [...this.#groups.values()]
      .filter(({ state }) => wanted.size === 0 || wanted.has(state.toLowerCase()))
      .map(({ id, state }) => ({ groupId: id, state }))
  }

  /** Undefined when there is no share group of this id. */
  describe(groupId: string): ShareDescription | undefined {
    const group = this.#groups.get(groupId)
    if (group === undefined) return undefined
    const members = [...group.members.values()].map(one => {
      const { memberId, rackId, epoch, clientId, clientHost, topicNames } = one
      const assignment = group.assignmentOf(memberId)
      return { memberId, rackId, epoch, clientId, clientHost, topicNames, assignment }
    })
    const epoch = this.#epochOf(groupId)
    return { groupId, state: group.state, epoch, assignor: ASSIGNOR, members }
  }

  /**
   * The partition as the group reads it. The first time, its start is where the group's settings say.
   * Errors: GROUP_UNKNOWN, LIMIT_EXCEEDED, STORAGE_FULL, STORAGE_FAILED.
   */
  async partition(groupId: string, partition: Partition): Promise<SharePartition> {
    this.#checkOpen()
    const group = this.#require(groupId)
    const place = placeOf(partition)
    const known = group.partitions.get(place)
    if (known !== undefined) return known
    const opening = this.#openPartition(group, partition)
    group.partitions.set(place, opening)
    try {
      const opened = await opening
      if (group.partitions.get(place) === opening) group.partitions.set(place, opened)
      return opened
    } catch (error) {
      if (group.partitions.get(place) === opening) group.partitions.delete(place)
      throw error
    }
  }

  /** What a member has of the partitions that `isMeant` says is available again; 'lost' counts as a failed delivery. */
  release(
    groupId: string,
    memberId: string,
    because: 'closed' | 'lost',
    isMeant: (partition: Partition) => boolean,
  ): void {
    for (const one of this.#groups.get(groupId)?.open ?? [])
      if (isMeant(one.partition)) one.release(memberId, because)
  }

  /** How long records are locked, ms. */
  lockMs(groupId: string): number {
    return this.#rulesOf(groupId).lockMs
  }
  /** Whether members may renew locks. */
  mayRenew(groupId: string): boolean {
    return this.#parts.groupSettings.get(groupId, 'share.renew.acknowledge.enable') === 'true'
  }

  /** How far the group has come, of every partition that it ever read. Errors: GROUP_UNKNOWN. */
  async offsets(groupId: string): Promise<ShareOffset[]> {
    this.#require(groupId)
    const found: ShareOffset[] = []
    for (const { topicId, partition } of this.#starts.of(groupId)) {
      const read = this.#parts.topics.byId(topicId)?.partitions[partition]
      if (read === undefined) continue
      const { start, lag } = await this.partition(groupId, read)
      found.push({ topicId, partition, start, lag })
    }
    return found
  }

  /**
   * The group begins anew at these offsets, in a new epoch; what it had settled there is forgotten. A group that is not
   * there is made, so that it can be told where to begin before its first member comes (KAFKA-19662). Resolves when that
   * is durable. Errors: GROUP_ID_INVALID, GROUP_UNKNOWN for a group of another kind, GROUP_NOT_EMPTY, GROUP_REBALANCING,
   * LIMIT_EXCEEDED, STORAGE_FULL, STORAGE_FAILED.
   */
  async resetOffsets(groupId: string, resets: readonly ShareReset[]): Promise<void> {
    checkGroupId(groupId)
    this.#checkOpen()
    if (this.#parts.isOther(groupId)) throw groupUnknown(groupId)
    const group = this.has(groupId) ? this.#requireEmpty(groupId) : undefined
    if (resets.length === 0) return
    try {
      await this.#reset(group ?? this.#openGroup(groupId), resets)
    } catch (error) {
      if (group === undefined) this.#dropUnkept(groupId)
      throw error
    }
  }

  async #reset(group: ShareGroup, resets: readonly ShareReset[]): Promise<void> {
    const places = resets.map(({ partition, offset }) => {
      const { topicId, index } = partition
      const before = this.#starts.get(group.id, topicId, index)
      const epoch = (before?.epoch ?? -1) + 1
      return { before, now: { groupId: group.id, topicId, partition: index, offset, epoch } }
    })
    this.#checkRoom(group.id, places.filter(({ before }) => before === undefined).length)
    for (const { now } of places) this.#closePartition(group, `${now.topicId}/${now.partition}`)
    await this.#writes.write([
      { section: SECTION, key: group.id, value: { epoch: this.#epochOf(group.id) + 1 } },
      ...places.map(({ now }) => startChange(now)),
    ])
    this.#forgetCursors(places.flatMap(({ before }) => before ?? []))
  }

  /** A group that was made for a write which the store refused, unless somebody joined it meanwhile. */
  #dropUnkept(groupId: string): void {
    const isKept = this.#kept.get(groupId) !== undefined
    if (!isKept && this.#groups.get(groupId)?.members.size === 0) this.#groups.delete(groupId)
  }

  /** The group never read these topics. Errors: GROUP_UNKNOWN, GROUP_NOT_EMPTY, STORAGE_FULL, STORAGE_FAILED. */
  async deleteOffsets(groupId: string, topicIds: readonly string[]): Promise<void> {
    const group = this.#requireEmpty(groupId)
    const starts = this.#starts.of(groupId).filter(({ topicId }) => topicIds.includes(topicId))
    await this.#forget(group, starts)
  }

  /** The group and its offsets. Errors: GROUP_UNKNOWN, GROUP_NOT_EMPTY, STORAGE_FULL, STORAGE_FAILED. */
  async deleteGroup(groupId: string): Promise<void> {
    const group = this.#requireEmpty(groupId)
    await this.#forget(group, this.#starts.of(groupId), [{ section: SECTION, key: groupId, value: null }])
  }

  /** Stops all clocks and ends every wait. Idempotent. */
  close(): void {
    this.#closed = true
    this.#coordinator.close()
    for (const group of this.#groups.values())
      for (const place of [...group.partitions.keys()]) this.#closePartition(group, place)
  }

  #epochOf(groupId: string): number {
    return this.#kept.get(groupId)?.epoch ?? 0
  }

  #keptChanged(groupId: string, now: Kept | undefined): void {
    if (now === undefined) this.#groups.delete(groupId)
    else if (!this.#groups.has(groupId)) this.#groups.set(groupId, new ShareGroup(groupId))
  }

  #openGroup(groupId: string): ShareGroup {
    const known = this.#groups.get(groupId)
    if (known !== undefined) return known
    if (this.#parts.isOther(groupId))
      throw new BrokerError(
        'GROUP_UNKNOWN',
        `group '${groupId}' is not a share group: delete it first, or choose another group.id`,
      )
    if (this.#groups.size >= shareLimits.groupsMax)
      throw new BrokerError(
        'LIMIT_EXCEEDED',
        `there are ${this.#groups.size} share groups already: delete those that are not used`,
      )
    const group = new ShareGroup(groupId)
    this.#groups.set(groupId, group)
    return group
  }

  async #openPartition(group: ShareGroup, partition: Partition): Promise<SharePartition> {
    const { topicId, index } = partition
    const known = this.#starts.get(group.id, topicId, index)
    const start = known ?? (await this.#begin(group.id, partition))
    const settlements = this.#settled
    const name = cursorName(start)
    const opened = new SharePartition({
      name,
      partition,
      state: settlements.restore(name),
      start: start.offset,
      world: this.#parts.world,
      rules: () => this.#rulesOf(group.id),
      touched: one => settlements.touch(one),
    })
    settlements.add(opened)
    return opened
  }

  /** Where the group begins to read a partition that it never read. */
  async #begin(groupId: string, partition: Partition): Promise<ShareStart> {
    this.#checkRoom(groupId, 1)
    const reset = this.#parts.groupSettings.offsetReset(groupId)
    const offset =
      reset.at === 'earliest'
        ? partition.start
        : reset.at === 'latest'
          ? partition.highWatermark
          : ((await firstAtOrAfter(partition, this.#parts.world.now() - reset.agoMs))?.offset ??
            partition.highWatermark)
    const start = { groupId, topicId: partition.topicId, partition: partition.index, offset, epoch: 0 }
    await this.#writes.write([startChange(start)])
    return start
  }

  #rulesOf(groupId: string): ShareRules {
    const { groupSettings } = this.#parts
    const isCommitted = groupSettings.get(groupId, 'share.isolation.level') === 'read_committed'
    return {
      lockMs: groupSettings.number(groupId, 'share.record.lock.duration.ms'),
      deliveryLimit: groupSettings.number(groupId, 'share.delivery.count.limit'),
      locksMax: groupSettings.number(groupId, 'share.partition.max.record.locks'),
      isolation: isCommitted ? 'committed' : 'uncommitted',
    }
  }

  #release(group: ShareGroup, memberId: string, because: 'closed' | 'lost'): void {
    for (const one of group.open) one.release(memberId, because)
  }

  async #topicRemoved(topicId: string): Promise<void> {
    for (const group of this.#groups.values()) {
      const starts = this.#starts.of(group.id).filter(one => one.topicId === topicId)
      // Should the store refuse, the next start forgets them.
      await this.#forget(group, starts).catch(() => {})
    }
  }

  async #forget(
    group: ShareGroup,
    starts: readonly ShareStart[],
    alongside: readonly Change[] = [],
  ): Promise<void> {
    for (const { topicId, partition } of starts) this.#closePartition(group, `${topicId}/${partition}`)
    await this.#writes.write([...starts.map(startRemoval), ...alongside])
    this.#forgetCursors(starts)
  }

  /** One that is being opened is closed when it is. */
  #closePartition(group: ShareGroup, place: string): void {
    const found = group.partitions.get(place)
    group.partitions.delete(place)
    const close = (one: SharePartition) =>
      one.close(new BrokerError('GROUP_UNKNOWN', `group '${group.id}' does not read ${place} any more`))
    if (!(found instanceof Promise)) {
      if (found !== undefined) close(found)
      return
    }
    const closeLate = (one: SharePartition) => {
      close(one)
      const isCurrent = this.#starts.of(group.id).some(start => cursorName(start) === one.name)
      if (!isCurrent) this.#settlements?.remove(one.name)
    }
    found.then(closeLate, () => {})
  }

  #forgetCursors(starts: readonly ShareStart[]): void {
    for (const start of starts) this.#settlements?.remove(cursorName(start))
  }

  get #settled(): Settlements {
    if (this.#settlements === undefined)
      throw new TypeError('a share group is read before the broker is open')
    return this.#settlements
  }

  #require(groupId: string): ShareGroup {
    const group = this.#groups.get(groupId)
    if (group === undefined) throw groupUnknown(groupId)
    return group
  }

  #requireEmpty(groupId: string): ShareGroup {
    const group = this.#require(groupId)
    if (group.members.size > 0)
      throw new BrokerError('GROUP_NOT_EMPTY', `group '${groupId}' has members: stop them first`)
    return group
  }

  #checkRoom(groupId: string, more: number): void {
    if (this.#starts.countOf(groupId) + more > shareLimits.partitionsMax)
      throw new BrokerError(
        'LIMIT_EXCEEDED',
        `group '${groupId}' reads ${shareLimits.partitionsMax} partitions already`,
      )
  }

  #checkOpen(): void {
    if (this.#closed)
      throw new BrokerError('GROUP_REBALANCING', 'the broker is closing: join again when it is back')
  }
}

function placeOf({ topicId, index }: Partition): string {
  return `${topicId}/${index}`
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
