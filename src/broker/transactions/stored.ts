// A transaction as the metadata log keeps it, under its transactional id.

import type { Json } from '../journal.ts'
import type { Holder, Place, ProducerIdentity, Touched, Transaction, TransactionState } from './machine.ts'
import { placeKey } from './machine.ts'

interface Stored {
  readonly producerId: number
  readonly producerEpoch: number
  readonly lastProducerId: number
  readonly lastProducerEpoch: number
  readonly timeoutMs: number
  readonly state: TransactionState
  /** topicId/topic/index: neither ids nor names have a slash. */
  readonly partitions: readonly string[]
  readonly groups: readonly string[]
  readonly startedAt: number
  readonly updatedAt: number
  /** When the epochs of the producer id are used up. */
  readonly nextProducerId?: number
}

const NONE = -1

export function toStored(transaction: Transaction): Json {
  const { producer, previous, timeoutMs, at, updatedAt } = transaction
  const touched = 'partitions' in transaction ? transaction : undefined
  const stored: Stored = {
    producerId: producer.producerId,
    producerEpoch: producer.epoch,
    lastProducerId: previous?.producerId ?? NONE,
    lastProducerEpoch: previous?.epoch ?? NONE,
    timeoutMs,
    state: at,
    partitions: [...(touched?.partitions.values() ?? [])].map(
      one => `${one.topicId}/${one.topic}/${one.index}`,
    ),
    groups: [...(touched?.groups ?? [])],
    startedAt: 'startedAt' in transaction ? transaction.startedAt : NONE,
    updatedAt,
    ...('nextProducerId' in transaction &&
      transaction.nextProducerId !== undefined && { nextProducerId: transaction.nextProducerId }),
  }
  return stored as unknown as Json
}

export function fromStored(transactionalId: string, value: Json): Transaction {
  const stored = value as unknown as Stored
  const holder: Holder = {
    transactionalId,
    producer: { producerId: stored.producerId, epoch: stored.producerEpoch },
    previous: previousOf(stored),
    timeoutMs: stored.timeoutMs,
    updatedAt: stored.updatedAt,
  }
  const { state: at, startedAt } = stored
  switch (at) {
    case 'empty':
      return { ...holder, at }
    case 'complete-commit':
    case 'complete-abort':
      return { ...holder, at, startedAt }
    case 'ongoing':
      return { ...holder, at, ...touchedOf(stored) }
    default:
      return { ...holder, at, ...touchedOf(stored), nextProducerId: stored.nextProducerId }
  }
}

function previousOf({ lastProducerId, lastProducerEpoch }: Stored): ProducerIdentity | undefined {
  return lastProducerEpoch === NONE ? undefined : { producerId: lastProducerId, epoch: lastProducerEpoch }
}

function touchedOf({ partitions, groups, startedAt }: Stored): Touched {
  const places = partitions.map(placeOf)
  return { partitions: new Map(places.map(one => [placeKey(one), one])), groups: new Set(groups), startedAt }
}

function placeOf(text: string): Place {
  const [topicId = '', topic = '', index = ''] = text.split('/')
  return { topicId, topic, index: Number(index) }
}
