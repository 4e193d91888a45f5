// Ending a transaction in the partitions that it touched: each gets a control record with the outcome (KIP-98). Writing
// one twice is harmless, so a round that failed half-way is simply done again.

import { buildEndMarker } from '../../log/record/control.ts'
import { BrokerError } from '../errors.ts'
import type { Topics } from '../topics/topics.ts'
import type { Place, Preparing } from './machine.ts'

/** Resolves when all are durable; partitions that are gone are left out. Errors: the store's, after all were tried. */
export async function writeMarkers(
  topics: Topics,
  transaction: Preparing,
  stamp: { readonly coordinatorEpoch: number; readonly now: number },
): Promise<void> {
  const written = await Promise.allSettled(
    [...transaction.partitions.values()].map(place => writeMarker(topics, transaction, place, stamp)),
  )
  for (const one of written) if (one.status === 'rejected') throw one.reason
}

async function writeMarker(
  topics: Topics,
  { producer, at }: Preparing,
  { topicId, index }: Place,
  { coordinatorEpoch, now }: { readonly coordinatorEpoch: number; readonly now: number },
): Promise<void> {
  const partition = topics.byId(topicId)?.partitions[index]
  if (partition === undefined) return
  try {
    await partition.appendMarker(
      buildEndMarker({
        outcome: at === 'preparing-commit' ? 'commit' : 'abort',
        coordinatorEpoch,
        producerId: producer.producerId,
        producerEpoch: producer.epoch,
        timestamp: now,
      }),
    )
  } catch (error) {
    if (!(error instanceof BrokerError && error.code === 'TOPIC_UNKNOWN')) throw error // deleted meanwhile
  }
}
