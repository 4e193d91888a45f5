// The clocks of consumer groups: a session for each member, and a deadline for a member that must give up partitions. A
// member that misses either is put out. Clocks are not kept: after a restart everybody gets a fresh session.

import type { Timer, World } from '../../../world/index.ts'

interface Clock {
  session: Timer
  revocation: Timer | undefined
}

export class Sessions {
  readonly #world: World
  readonly #expire: (groupId: string, memberId: string) => void
  readonly #groups = new Map<string, Map<string, Clock>>()

  constructor(world: World, expire: (groupId: string, memberId: string) => void) {
    this.#world = world
    this.#expire = expire
  }

  /** The member was heard of. */
  touch(groupId: string, memberId: string, sessionMs: number): void {
    const members = this.#groups.get(groupId) ?? new Map<string, Clock>()
    this.#groups.set(groupId, members)
    const clock = members.get(memberId)
    clock?.session.cancel()
    const session = this.#world.after(sessionMs, () => this.#expire(groupId, memberId))
    if (clock === undefined) members.set(memberId, { session, revocation: undefined })
    else clock.session = session
  }

  /** What the member has to give up has changed: how long it may take, ms; undefined when there is nothing. */
  awaitRevocation(groupId: string, memberId: string, ms: number | undefined): void {
    const clock = this.#groups.get(groupId)?.get(memberId)
    if (clock === undefined) return
    clock.revocation?.cancel()
    clock.revocation =
      ms === undefined ? undefined : this.#world.after(ms, () => this.#expire(groupId, memberId))
  }

  /** The member was told to join again: unless it is waited for already, it may take that long, ms. */
  awaitJoin(groupId: string, memberId: string, ms: number): void {
    if (this.#groups.get(groupId)?.get(memberId)?.revocation === undefined)
      this.awaitRevocation(groupId, memberId, ms)
  }

  /** The clocks of all members of the group stop. */
  endAll(groupId: string): void {
    for (const memberId of [...(this.#groups.get(groupId)?.keys() ?? [])]) this.end(groupId, memberId)
  }

  end(groupId: string, memberId: string): void {
    const members = this.#groups.get(groupId)
    const clock = members?.get(memberId)
    clock?.session.cancel()
    clock?.revocation?.cancel()
    members?.delete(memberId)
    if (members?.size === 0) this.#groups.delete(groupId)
  }

  close(): void {
    for (const [groupId, members] of this.#groups)
      for (const memberId of [...members.keys()]) this.end(groupId, memberId)
  }
}
