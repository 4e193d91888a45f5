// Who is in a classic group: members by id, static members by instance id (KIP-345), and who leads.

import type { ClassicMember } from './member.ts'

export class Roster {
  readonly members = new Map<string, ClassicMember>()
  leader: string | null = null
  readonly #byInstance = new Map<string, string>()

  /** The id of the member that holds this instance id now. */
  instance(instanceId: string): string | undefined {
    return this.#byInstance.get(instanceId)
  }
  get waitingToJoin(): number {
    let count = 0
    for (const member of this.members.values()) if (member.awaitsJoin) count++
    return count
  }
  /** The others wait as long as the most patient member asks for, ms. */
  get rebalanceTimeoutMs(): number {
    let longest = 0
    for (const { rebalanceTimeoutMs } of this.members.values())
      longest = Math.max(longest, rebalanceTimeoutMs)
    return longest
  }

  /** The first one leads. */
  add(member: ClassicMember): void {
    this.members.set(member.id, member)
    if (member.instanceId !== null) this.#byInstance.set(member.instanceId, member.id)
    this.leader ??= member.id
  }

  /** Another leads if this one did. */
  remove(member: ClassicMember): void {
    this.members.delete(member.id)
    if (member.instanceId !== null && this.#byInstance.get(member.instanceId) === member.id)
      this.#byInstance.delete(member.instanceId)
    if (this.leader === member.id) this.leader = this.members.keys().next().value ?? null
  }

  /** The new one takes the old one's place, also at the head. */
  replace(old: ClassicMember, next: ClassicMember): void {
    if (this.leader === old.id) this.leader = next.id
    this.members.delete(old.id)
    this.add(next)
  }

  /** The leader stays if it joined again; else the first that did leads. False when nobody did. */
  electLeader(): boolean {
    if (this.leader !== null && this.members.get(this.leader)?.awaitsJoin) return true
    const elected = [...this.members.values()].find(member => member.awaitsJoin)
    if (elected !== undefined) this.leader = elected.id
    return elected !== undefined
  }
}
