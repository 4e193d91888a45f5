// One member of a classic group: who it is, what it offers, and the join or sync that waits for the group. A wait is
// settled exactly once: by the group, by the same member asking again, or by the member's removal.

import { type Deferred, deferred } from '../../../flow/index.ts'
import type { Timer } from '../../../world/index.ts'
import { rebalancing } from '../refusals.ts'
import type { JoinRequest, JoinResult, Protocol, SyncResult } from './request.ts'

export interface MemberDescription {
  readonly memberId: string
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  /** Under the group's strategy; empty when it has none. */
  readonly metadata: Buffer
  readonly assignment: Buffer
}

export class ClassicMember {
  readonly id: string
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly #groupId: string
  rebalanceTimeoutMs: number
  sessionTimeoutMs: number
  protocols: readonly Protocol[]
  assignment: Buffer = Buffer.alloc(0)
  /** Has never got the answer to its first join, so it cannot send heartbeats. */
  isNew = false
  session: Timer | undefined
  #join: Deferred<JoinResult> | undefined
  #sync: Deferred<SyncResult> | undefined

  constructor(
    id: string,
    from: Omit<
      JoinRequest,
      'memberId' | 'protocolType' | 'requireKnownMemberId' | 'supportsSkippingAssignment'
    >,
  ) {
    this.id = id
    this.#groupId = from.groupId
    this.instanceId = from.instanceId
    this.clientId = from.clientId
    this.clientHost = from.clientHost
    this.sessionTimeoutMs = from.sessionTimeoutMs
    this.rebalanceTimeoutMs = from.rebalanceTimeoutMs
    this.protocols = from.protocols
  }

  get awaitsJoin(): boolean {
    return this.#join !== undefined
  }
  get awaitsSync(): boolean {
    return this.#sync !== undefined
  }

  /** A join that waits for the rebalance to end; an earlier one of this member gives way. */
  waitForJoin(): Promise<JoinResult> {
    this.refuseJoin(rebalancing(this.#groupId))
    this.#join = quiet(deferred<JoinResult>())
    return this.#join.promise
  }
  /** A sync that waits for the leader's assignment; an earlier one of this member gives way. */
  waitForSync(): Promise<SyncResult> {
    this.refuseSync(rebalancing(this.#groupId))
    this.#sync = quiet(deferred<SyncResult>())
    return this.#sync.promise
  }

  answerJoin(result: JoinResult): void {
    this.#join?.resolve(result)
    this.#join = undefined
  }
  answerSync(result: SyncResult): void {
    this.#sync?.resolve(result)
    this.#sync = undefined
  }
  refuseJoin(reason: unknown): void {
    this.#join?.reject(reason)
    this.#join = undefined
  }
  refuseSync(reason: unknown): void {
    this.#sync?.reject(reason)
    this.#sync = undefined
  }

  metadataFor(protocol: string | null): Buffer {
    return this.protocols.find(one => one.name === protocol)?.metadata ?? Buffer.alloc(0)
  }

  describe(protocol: string | null): MemberDescription {
    const { id: memberId, instanceId, clientId, clientHost, assignment } = this
    return { memberId, instanceId, clientId, clientHost, metadata: this.metadataFor(protocol), assignment }
  }
}

/** The client may have gone: a refusal that nobody waits for is no fault. */
function quiet<T>(waiting: Deferred<T>): Deferred<T> {
  waiting.promise.catch(() => {})
  return waiting
}
