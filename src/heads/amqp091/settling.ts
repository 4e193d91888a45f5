// Settling deliveries: at once, or with the transaction's commit.

import type { Channel } from './channel.ts'
import type { Unacked } from './unacked.ts'

export function settle(
  channel: Channel,
  entries: readonly Unacked[],
  how: 'ack' | 'requeue' | 'reject',
): void {
  const { mode } = channel
  if (mode.at === 'tx') mode.transaction.settle({ entries, how })
  else channel.settle(entries, how)
}
