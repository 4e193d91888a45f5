// A consumer group in memory: the records that the metadata log holds of it, and what follows from them (who holds
// which partition, who holds which instance id). Only `apply` changes it.

import type { Json } from '../../journal.ts'
import { type Assignment, partitionsOf } from './assignment.ts'
import { type ConsumerHead, type ConsumerMember, NEW_HEAD } from './state.ts'

export type ConsumerState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable'

export class ConsumerGroup {
  readonly id: string
  readonly #members = new Map<string, ConsumerMember>()
  readonly #byInstance = new Map<string, string>()
  /** Member that may be consuming a partition, by `topicId/partition`. */
  readonly #holders = new Map<string, string>()
  #head: ConsumerHead = NEW_HEAD

  constructor(id: string) {
    this.id = id
  }

  get head(): ConsumerHead {
    return this.#head
  }
  get members(): ReadonlyMap<string, ConsumerMember> {
    return this.#members
  }
  /** The id of the member that holds this instance id. */
  instance(instanceId: string): string | undefined {
    return this.#byInstance.get(instanceId)
  }
  /** The member that has the partition or has not given it up yet. */
  holder(topicId: string, partition: number): string | undefined {
    return this.#holders.get(`${topicId}/${partition}`)
  }

  get state(): ConsumerState {
    if (this.#members.size === 0) return 'Empty'
    if (this.#head.epoch > this.#head.assignmentEpoch) return 'Assigning'
    for (const member of this.#members.values())
      if (member.state !== 'stable' || member.epoch !== this.#head.assignmentEpoch) return 'Reconciling'
    return 'Stable'
  }

  applyHead(value: Json): void {
    this.#head = value === null ? NEW_HEAD : (value as ConsumerHead)
  }

  applyMember(memberId: string, value: Json): void {
    const old = this.#members.get(memberId)
    if (old !== undefined) this.#unindex(memberId, old)
    if (value === null) {
      this.#members.delete(memberId)
      return
    }
    const member = value as ConsumerMember
    this.#members.set(memberId, member)
    if (member.instanceId !== null) this.#byInstance.set(member.instanceId, memberId)
    this.#hold(memberId, member.assigned)
    this.#hold(memberId, member.revoking)
  }

  #hold(memberId: string, partitions: Assignment): void {
    for (const [topicId, partition] of partitionsOf(partitions))
      this.#holders.set(`${topicId}/${partition}`, memberId)
  }

  #unindex(memberId: string, { instanceId, assigned, revoking }: ConsumerMember): void {
    if (instanceId !== null && this.#byInstance.get(instanceId) === memberId)
      this.#byInstance.delete(instanceId)
    for (const held of [assigned, revoking])
      for (const [topicId, partition] of partitionsOf(held)) {
        const key = `${topicId}/${partition}`
        if (this.#holders.get(key) === memberId) this.#holders.delete(key)
      }
  }
}
