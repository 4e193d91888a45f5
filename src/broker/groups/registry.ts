// Which groups there are, of which kind. A group is classic or consumer by its members; when it has none it becomes
// whatever the next one to join speaks. One with members moves as KIP-848 says, if the policy lets it (groups.ts).

import type { World } from '../../world/index.ts'
import { BrokerError } from '../errors.ts'
import type { Change } from '../journal.ts'
import { ClassicGroup, type ClassicGroupParts } from './classic/group.ts'
import type { SavedClassic } from './classic/saved.ts'
import { ConsumerGroup } from './consumer/group.ts'
import { groupChange } from './group-keys.ts'
import type { Ledger } from './ledger.ts'
import { groupLimits } from './limits.ts'
import { memberUnknown, protocolInvalid } from './refusals.ts'

export type Group = ClassicGroup | ConsumerGroup

export interface RegistryParts {
  readonly world: World
  readonly ledger: Ledger
  readonly initialDelayMs: () => number
  readonly write: (changes: readonly Change[]) => Promise<void>
  /** Whether the id is a share group's. */
  readonly isShare: (id: string) => boolean
}

export class Registry {
  readonly #parts: RegistryParts
  readonly #classicParts: ClassicGroupParts
  readonly #classic = new Map<string, ClassicGroup>()

  constructor(parts: RegistryParts) {
    const { world, initialDelayMs, write } = parts
    this.#parts = parts
    this.#classicParts = { world, initialDelayMs, save: (id, saved) => write([groupChange(id, saved)]) }
  }

  /** Makes the classic groups that the log knows, and one for every other id that only has offsets. */
  restore(idsWithOffsets: Iterable<string>): void {
    for (const [id, saved] of this.#parts.ledger.classic()) this.#open(id, saved)
    for (const id of idsWithOffsets) if (this.find(id) === undefined) this.#open(id)
  }

  find(id: string): Group | undefined {
    return this.#classic.get(id) ?? this.#parts.ledger.consumer(id)
  }
  classic(id: string): ClassicGroup | undefined {
    return this.#classic.get(id)
  }
  *all(): Generator<Group> {
    yield* this.#classic.values()
    yield* this.#parts.ledger.consumers()
  }

  /** The group of a member that says it has joined. Errors: MEMBER_UNKNOWN. */
  joined(id: string, memberId: string): Group {
    const group = this.find(id)
    if (group === undefined) throw memberUnknown(id, memberId)
    return group
  }

  /** For a classic member that joins: a consumer group only when that has members. Errors: LIMIT_EXCEEDED. */
  async forClassic(id: string): Promise<Group> {
    const consumer = this.#parts.ledger.consumer(id)
    if (consumer === undefined) return this.forOffsets(id)
    if (consumer.members.size > 0) return consumer
    const group = this.#open(id)
    await this.#parts.write([groupChange(id, group.saved())])
    return group
  }

  /**
   * A classic group under this id, made if there is none.
   * Errors: GROUP_ID_INVALID, LIMIT_EXCEEDED, GROUP_PROTOCOL_INVALID.
   */
  forOffsets(id: string): ClassicGroup {
    const group = this.#classic.get(id)
    if (group !== undefined) return group
    if (this.#parts.isShare(id))
      throw protocolInvalid(id, 'it is a share group; delete it first, or choose another group.id')
    if (id.length > groupLimits.idLengthMax)
      throw new BrokerError(
        'GROUP_ID_INVALID',
        `a group id of ${id.length} characters is longer than ${groupLimits.idLengthMax}`,
      )
    this.checkRoom()
    return this.#open(id)
  }

  /** The classic group of this id, as the log has it, takes over from what was there. */
  reopen(id: string, saved: SavedClassic): ClassicGroup {
    this.close(id)
    return this.#open(id, saved)
  }

  /** The classic group under this id is no more, in memory; the log is the caller's to write. */
  close(id: string, refusal?: Error): void {
    this.#classic.get(id)?.close(refusal)
    this.#classic.delete(id)
  }

  closeAll(): void {
    for (const id of [...this.#classic.keys()]) this.close(id)
  }

  /** Errors: LIMIT_EXCEEDED. */
  checkRoom(): void {
    let count = this.#classic.size
    for (const _ of this.#parts.ledger.consumers()) count++
    if (count >= groupLimits.groupsMax)
      throw new BrokerError(
        'LIMIT_EXCEEDED',
        `there are ${count} groups already: delete those that are not used`,
      )
  }

  /** For offsets and members of KIP-848. Errors: GROUP_UNKNOWN when it is a share group. */
  checkNotShare(id: string): void {
    if (this.#parts.isShare(id))
      throw new BrokerError(
        'GROUP_UNKNOWN',
        `group '${id}' is a share group: delete it first, or choose another group.id`,
      )
  }

  #open(id: string, saved?: SavedClassic): ClassicGroup {
    const group = new ClassicGroup(id, this.#classicParts, saved)
    this.#classic.set(id, group)
    return group
  }
}

export function isClassic(group: Group): group is ClassicGroup {
  return group instanceof ClassicGroup
}
export function isConsumer(group: Group): group is ConsumerGroup {
  return group instanceof ConsumerGroup
}
