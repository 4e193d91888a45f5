// The online migration of KIP-848: a classic group becomes a consumer group when the first member of the new protocol
// joins, and classic again when the last one has gone. Offsets stay where they are.

import type { Change } from '../../journal.ts'
import type { ConsumerCoordinator } from '../consumer/coordinator.ts'
import { type ConsumerHeartbeat, checkHeartbeat } from '../consumer/request.ts'
import type { Ledger } from '../ledger.ts'
import { protocolInvalid, rebalancing } from '../refusals.ts'
import type { Registry } from '../registry.ts'
import type { TopicsView } from '../topics-view.ts'
import { downgraded } from './downgrade.ts'
import { allows } from './policy.ts'
import { upgraded } from './upgrade.ts'

export interface MigrationsParts {
  readonly ledger: Ledger
  readonly topics: TopicsView
  readonly registry: Registry
  readonly consumers: ConsumerCoordinator
  readonly write: (changes: readonly Change[]) => Promise<void>
  /** Of the setting group.consumer.migration.policy. */
  readonly policy: () => string
}

export class Migrations {
  readonly #parts: MigrationsParts

  constructor(parts: MigrationsParts) {
    this.#parts = parts
  }

  /** Before a member of the new protocol joins. Errors: GROUP_PROTOCOL_INVALID, those of checkHeartbeat, the store's. */
  async upgradeWhenDue(request: ConsumerHeartbeat): Promise<void> {
    const { registry, topics, ledger, consumers, write, policy } = this.#parts
    const id = request.groupId
    const group = registry.classic(id)
    if (group === undefined || group.state === 'Empty') return
    if (!allows(policy(), 'upgrade'))
      throw protocolInvalid(
        id,
        'its members speak the classic protocol, and group.consumer.migration.policy keeps it so',
      )
    checkHeartbeat(request)
    const before = group.saved()
    const changes = upgraded(group, topics)
    registry.close(id, rebalancing(id))
    const written = write(changes)
    const fresh = ledger.consumer(id)
    if (fresh !== undefined) consumers.resume(fresh)
    try {
      await written
    } catch (error) {
      consumers.release(id)
      if (ledger.consumer(id) === undefined) registry.reopen(id, before)
      throw error
    }
  }

  /** After a member has gone from a consumer group. */
  downgradeWhenDue(id: string): void {
    const { registry, topics, ledger, consumers, write, policy } = this.#parts
    const group = ledger.consumer(id)
    if (group === undefined || !allows(policy(), 'downgrade')) return
    const downgrade = downgraded(group, topics)
    if (downgrade === undefined) return
    const written = write(downgrade.changes)
    consumers.release(id)
    registry.reopen(id, downgrade.saved)
    written.catch(() => {
      // The store refused: the group is what the log says, and tries again when the next member goes.
      const still = ledger.consumer(id)
      if (still === undefined) return
      registry.close(id)
      consumers.resume(still)
    })
  }
}
