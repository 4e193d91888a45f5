// The machine of a classic consumer group: members join, the leader hands out assignments, heartbeats keep members in.
// What a request may do in which state is in the files named after the requests; this file holds the rebalance.
//
//   Empty ── a member joins ──────────────────────────────> PreparingRebalance
//   PreparingRebalance ── all joined, or time is up ──────> CompletingRebalance   (a new generation)
//   PreparingRebalance ── nobody is left ─────────────────> Empty
//   CompletingRebalance ── the leader's assignment kept ──> Stable
//   CompletingRebalance, Stable ── a member comes or goes > PreparingRebalance
//   any ── the group is deleted or the broker closes ─────> Dead

import type { Timer, World } from '../../../world/index.ts'
import { groupLimits } from '../limits.ts'
import { memberUnknown, rebalancing } from '../refusals.ts'
import { ExpectedIds } from './expected-ids.ts'
import type { ClassicMember } from './member.ts'
import { selectProtocol } from './protocol.ts'
import type { JoinResult } from './request.ts'
import { Roster } from './roster.ts'
import { restoreMember, type SavedClassic, saveMember } from './saved.ts'
import { subscribedTopics } from './subscription.ts'

export type ClassicState = ClassicPhase['at']

type ClassicPhase =
  | { readonly at: 'Empty'; readonly since: number }
  | {
      readonly at: 'PreparingRebalance'
      /** The first one waits for more members, however many have joined. */
      readonly isFirst: boolean
      /** A member has come since the wait was last prolonged. */
      grown: boolean
      readonly timer: Timer
    }
  | { readonly at: 'CompletingRebalance' }
  | { readonly at: 'Stable' }
  | { readonly at: 'Dead' }

export interface ClassicGroupParts {
  readonly world: World
  /** How long a new group waits for more members, ms. */
  readonly initialDelayMs: () => number
  /** Makes the group's state durable. */
  readonly save: (groupId: string, saved: SavedClassic) => Promise<void>
}

export class ClassicGroup {
  readonly id: string
  /** Ids that were handed out and have not joined yet. */
  readonly expected: ExpectedIds
  generation = 0
  protocolType: string | null = null
  protocol: string | null = null
  readonly #parts: ClassicGroupParts
  readonly #roster = new Roster()
  readonly #unsynced = new Set<string>()
  #syncTimer: Timer | undefined
  #phase: ClassicPhase

  constructor(id: string, parts: ClassicGroupParts, saved?: SavedClassic) {
    this.id = id
    this.#parts = parts
    this.expected = new ExpectedIds(parts.world, () => this.completeJoinWhenReady())
    this.#phase = { at: 'Empty', since: saved?.emptySince || parts.world.now() }
    if (saved !== undefined) this.#restore(saved)
  }

  get state(): ClassicState {
    return this.#phase.at
  }
  /** Ms since 1970; undefined unless the group is empty. */
  get emptySince(): number | undefined {
    return this.#phase.at === 'Empty' ? this.#phase.since : undefined
  }
  /** Whether it only holds offsets: no member ever joined. */
  get isSimple(): boolean {
    return this.protocolType === null
  }
  get members(): ReadonlyMap<string, ClassicMember> {
    return this.#roster.members
  }
  get leader(): string | null {
    return this.#roster.leader
  }
  get waitingToJoin(): number {
    return this.#roster.waitingToJoin
  }
  /** The id of the member that holds this instance id now. */
  instance(instanceId: string): string | undefined {
    return this.#roster.instance(instanceId)
  }
  /** Topics of all members; undefined when it cannot be known. */
  subscribedTopics(): ReadonlySet<string> | undefined {
    return subscribedTopics(this.protocolType, this.protocol, this.members.values())
  }

  /** The holder of the id will not join; a rebalance need not wait for it. */
  abandonJoin(memberId: string): void {
    this.expected.forget(memberId)
    this.completeJoinWhenReady()
  }

  add(member: ClassicMember, protocolType: string): Promise<JoinResult> {
    if (this.members.size === 0) this.protocolType = protocolType
    this.expected.forget(member.id)
    this.#roster.add(member)
    if (this.#phase.at === 'PreparingRebalance') this.#phase.grown = true
    member.isNew = true
    const joined = member.waitForJoin()
    this.#expireAfter(member, groupLimits.newMemberJoinTimeoutMs)
    this.rebalanceOrComplete()
    return joined
  }

  /** A static member came back under another id: the new one takes over what the old one had. */
  replace(old: ClassicMember, next: ClassicMember, refusal: Error): void {
    old.refuseJoin(refusal)
    old.refuseSync(refusal)
    old.session?.cancel()
    this.#unsynced.delete(old.id)
    this.#roster.replace(old, next)
    next.assignment = old.assignment
    this.touch(next)
  }

  /** The member is out of the group; the group looks whether it must rebalance. */
  remove(member: ClassicMember): void {
    this.#drop(member)
    this.afterRemoval()
  }
  /** The same without the look, for several members at once. */
  removeQuietly(member: ClassicMember): void {
    this.#drop(member)
  }
  afterRemoval(): void {
    if (this.state === 'Stable' || this.state === 'CompletingRebalance') this.prepareRebalance()
    else this.completeJoinWhenReady()
  }

  /** The member gave a sign of life: its session starts anew. */
  touch(member: ClassicMember): void {
    this.#expireAfter(member, member.sessionTimeoutMs)
  }

  rebalanceOrComplete(): void {
    if (this.state === 'PreparingRebalance') this.completeJoinWhenReady()
    else this.prepareRebalance()
  }

  /** Everybody has to join again. */
  prepareRebalance(): void {
    if (this.state === 'CompletingRebalance') this.#refuseSyncs(rebalancing(this.id))
    this.#syncTimer?.cancel()
    if (this.state === 'Empty') {
      const delay = this.#parts.initialDelayMs()
      this.#awaitMore(delay, Math.max(this.#roster.rebalanceTimeoutMs - delay, 0))
    } else {
      this.#awaitRest()
      this.completeJoinWhenReady()
    }
  }

  completeJoinWhenReady(): void {
    const phase = this.#phase
    if (phase.at !== 'PreparingRebalance' || phase.isFirst) return
    if (this.expected.size === 0 && this.members.size <= this.waitingToJoin) this.#completeJoin()
  }

  /** The answer to a member whose join changes nothing. */
  currentJoin(member: ClassicMember, { skipAssignment = false } = {}): JoinResult {
    return this.#joined(member, member.id === this.leader, skipAssignment)
  }
  /** As a follower, whoever leads: for a static leader that cannot be told to skip its assignment. */
  currentJoinAsFollower(member: ClassicMember, leader: string): JoinResult {
    return { ...this.#joined(member, false, false), leader } as JoinResult
  }

  /** The member has its assignment, or is about to. */
  markSynced(member: ClassicMember): void {
    this.#unsynced.delete(member.id)
    if (this.#unsynced.size === 0) this.#syncTimer?.cancel()
  }

  /** The leader's assignments come into force once they are kept. */
  async assign(assignments: ReadonlyMap<string, Buffer>): Promise<void> {
    const { generation } = this
    const of = (member: ClassicMember) => assignments.get(member.id) ?? Buffer.alloc(0)
    try {
      await this.save(of)
      if (this.state === 'CompletingRebalance' && this.generation === generation) this.#propagate(of)
    } catch (error) {
      if (this.state !== 'CompletingRebalance' || this.generation !== generation) return
      this.#refuseSyncs(error)
      this.prepareRebalance()
    }
  }

  save(assignmentOf: (member: ClassicMember) => Buffer = member => member.assignment): Promise<void> {
    return this.#parts.save(this.id, this.saved(assignmentOf))
  }
  saved(assignmentOf: (member: ClassicMember) => Buffer = member => member.assignment): SavedClassic {
    const { generation, protocolType, protocol, leader } = this
    const members = [...this.members.values()].map(member => saveMember(member, assignmentOf(member)))
    return {
      type: 'classic',
      generation,
      protocolType,
      protocol,
      leader,
      emptySince: this.emptySince ?? 0,
      members,
    }
  }

  /** Ends every wait and every timer; the group is no more. Idempotent. */
  close(refusal: Error = rebalancing(this.id)): void {
    for (const member of this.members.values()) {
      member.refuseJoin(refusal)
      member.refuseSync(refusal)
      member.session?.cancel()
    }
    this.expected.clear()
    this.#syncTimer?.cancel()
    this.#enter({ at: 'Dead' })
  }

  #restore(saved: SavedClassic): void {
    this.generation = saved.generation
    this.protocolType = saved.protocolType
    this.protocol = saved.protocol
    for (const one of saved.members) {
      const member = restoreMember(this.id, one)
      this.#roster.add(member)
      this.touch(member)
    }
    this.#roster.leader = saved.leader
    if (this.members.size > 0) this.#phase = { at: 'Stable' }
    if (saved.mustRebalance === true) this.prepareRebalance()
  }

  #enter(phase: ClassicPhase): void {
    if (this.#phase.at === 'PreparingRebalance') this.#phase.timer.cancel()
    this.#phase = phase
  }

  /** The first rebalance: waits on, as long as members keep coming and the rebalance timeout is not used up. */
  #awaitMore(delayMs: number, remainingMs: number): void {
    const timer = this.#parts.world.after(delayMs, () => {
      const grown = this.#phase.at === 'PreparingRebalance' && this.#phase.grown
      const next = Math.min(this.#parts.initialDelayMs(), remainingMs)
      if (!grown || next === 0) {
        this.#completeJoin()
        return
      }
      this.#awaitMore(next, Math.max(remainingMs - next, 0))
    })
    this.#enter({ at: 'PreparingRebalance', isFirst: true, grown: false, timer })
  }

  #awaitRest(): void {
    const timer = this.#parts.world.after(this.#roster.rebalanceTimeoutMs, () => this.#completeJoin())
    this.#enter({ at: 'PreparingRebalance', isFirst: false, grown: false, timer })
  }

  /** Those that did not join again are out, save static members, whose session decides. */
  #completeJoin(): void {
    for (const member of [...this.members.values()])
      if (!member.awaitsJoin && member.instanceId === null) this.#drop(member)
    if (this.members.size > 0 && !this.#roster.electLeader()) this.#awaitRest()
    else this.#beginGeneration()
  }

  #beginGeneration(): void {
    this.generation++
    this.#unsynced.clear()
    if (this.members.size === 0) this.#becomeEmpty()
    else this.#awaitAssignment()
  }

  #awaitAssignment(): void {
    this.protocol = selectProtocol(this.members.values()) ?? null
    this.#enter({ at: 'CompletingRebalance' })
    for (const member of this.members.values()) {
      member.answerJoin(this.currentJoin(member))
      member.isNew = false
      this.touch(member)
      this.#unsynced.add(member.id)
    }
    this.#syncTimer = this.#parts.world.after(this.#roster.rebalanceTimeoutMs, () => this.#expireUnsynced())
  }

  #becomeEmpty(): void {
    this.protocol = null
    this.#enter({ at: 'Empty', since: this.#parts.world.now() })
    // The store says itself what is wrong; the group is empty all the same.
    this.save().catch(() => {})
  }

  /** Members that took the new generation and never asked for their assignment hold up the others. */
  #expireUnsynced(): void {
    for (const id of [...this.#unsynced]) {
      const member = this.members.get(id)
      if (member !== undefined) this.#drop(member)
    }
    this.afterRemoval()
  }

  #propagate(assignmentOf: (member: ClassicMember) => Buffer): void {
    this.#enter({ at: 'Stable' })
    for (const member of this.members.values()) {
      member.assignment = assignmentOf(member)
      if (!member.awaitsSync) continue
      this.touch(member)
      member.answerSync(this.currentSync(member))
    }
  }

  currentSync({ assignment }: ClassicMember) {
    return { protocolType: this.protocolType ?? '', protocol: this.protocol ?? '', assignment }
  }

  #refuseSyncs(reason: unknown): void {
    for (const member of this.members.values()) {
      member.assignment = Buffer.alloc(0)
      member.refuseSync(reason)
    }
  }

  #joined(member: ClassicMember, withMembers: boolean, skipAssignment: boolean): JoinResult {
    return {
      at: 'joined',
      memberId: member.id,
      generation: this.generation,
      protocolType: this.protocolType ?? '',
      protocol: this.protocol ?? '',
      leader: this.leader ?? '',
      members: withMembers ? [...this.members.values()].map(one => one.describe(this.protocol)) : [],
      skipAssignment,
    }
  }

  #expireAfter(member: ClassicMember, ms: number): void {
    member.session?.cancel()
    member.session = this.#parts.world.after(ms, () => this.#expire(member))
  }

  /** A member that waits for the group cannot send heartbeats meanwhile: only a first join ends by time. */
  #expire(member: ClassicMember): void {
    if (this.members.get(member.id) !== member) return
    if (!member.isNew && (member.awaitsJoin || member.awaitsSync)) return
    this.remove(member)
  }

  #drop(member: ClassicMember): void {
    const refusal = memberUnknown(this.id, member.id)
    member.refuseJoin(refusal)
    member.refuseSync(refusal)
    member.session?.cancel()
    this.#unsynced.delete(member.id)
    this.#roster.remove(member)
  }
}
