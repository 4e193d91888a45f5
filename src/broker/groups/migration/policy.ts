// Whether a group may move from one protocol to the other while it has members (Kafka:
// group.consumer.migration.policy).

export const migrationPolicies = ['disabled', 'upgrade', 'downgrade', 'bidirectional'] as const

/** `upgrade` is to the consumer protocol (KIP-848), `downgrade` to the classic one. */
export type Migration = 'upgrade' | 'downgrade'

export function allows(policy: string, migration: Migration): boolean {
  return policy === 'bidirectional' || policy === migration
}
