// Produce: batches for partitions. Answered when they are durable, whether acks is 1 or all: one process is all the
// replicas there are. With acks=0 there is no answer. Versions 0 to 2 (older message formats) are advertised, because
// clients switch features on by them, and refused. From version 12 on a transactional batch puts its partition into the
// transaction (KIP-890); from 13 on topics go by id.

import {
  type Appended,
  BrokerError,
  type Partition,
  RecordsRefused,
  type Topic,
} from '../../../broker/index.ts'
import type { RecordBatch } from '../../../log/index.ts'
import { kafkaErrors, refusalOf } from '../errors.ts'
import { batchOf } from '../message.ts'
import { leadPartition, namedTopic } from '../place.ts'
import { type Call, noResponse, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { Produce } from '../wire/index.ts'

const OLDEST_VERSION = 3
/** Until then a partition that is not in the transaction is INVALID_TXN_STATE, which ends the producer (KIP-890). */
const ABORTABLE_SINCE = 11
const ADDS_SINCE = 12
const BY_ID_SINCE = 13

type Request = RequestOf<typeof Produce>
type Entry = Request['topicData'][number]['partitionData'][number]
type Row = ReturnType<typeof failure> & { readonly recordErrors?: readonly RecordError[] }
type RecordError = { readonly batchIndex: number; readonly batchIndexErrorMessage: string }

export const produce = verb(Produce, {
  async handle(request, call) {
    if (call.version < OLDEST_VERSION) throw unsupported(call.version)
    const refusal = refusedWhole(request, call)
    const responses = await Promise.all(
      request.topicData.map(async ({ name, topicId, partitionData }) => {
        const id = call.version >= BY_ID_SINCE ? topicId : undefined
        const { topic, refused } = namedTopic({ name, id }, 'write', call)
        const code = refusal ?? refused
        const rows = partitionData.map(entry =>
          code === undefined ? append(topic, entry, request, call) : failure(entry.index, code),
        )
        return { name, topicId, partitionResponses: await Promise.all(rows) }
      }),
    )
    return request.acks === 0 ? noResponse : { responses }
  },
  refuse: ({ topicData }, code, message) => ({
    responses: topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => failure(index, code, message)),
    })),
  }),
})

/** What is wrong with the request as a whole. */
function refusedWhole({ acks, transactionalId }: Request, call: Call): number | undefined {
  if (acks !== 0 && acks !== 1 && acks !== -1) return kafkaErrors.INVALID_REQUIRED_ACKS
  if (transactionalId !== null && !call.allows('write', 'transactional_id', transactionalId))
    return kafkaErrors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
  return undefined
}

/** The synchronous part, up to the append itself, runs in the order in which requests arrive. */
function append(
  topic: Topic | undefined,
  entry: Entry,
  { acks, transactionalId }: Request,
  call: Call,
): Row | Promise<Row> {
  const partition = leadPartition(topic, entry.index, call)
  if (typeof partition === 'number') return failure(entry.index, partition)
  try {
    if (entry.records === null) throw new BrokerError('RECORD_INVALID', 'a partition was sent no batch')
    const batch = batchOf(entry.records, call.version)
    // Whoever hides the transactional id would get past the access control on it.
    if (batch.isTransactional && transactionalId === null)
      return failure(entry.index, kafkaErrors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    if (
      acks === -1 &&
      topic !== undefined &&
      call.kafka.cluster.replicasOf(topic, entry.index).length < topic.settings.minInsyncReplicas
    )
      return failure(entry.index, kafkaErrors.NOT_ENOUGH_REPLICAS)
    const warming = batch.producerId >= 0 ? partition.warm() : undefined
    const write = writerOf(partition, batch, transactionalId, call)
    const appended = warming === undefined ? write() : warming.then(write)
    const { recordCount, bytes } = batch
    return appended.then(
      ({ offset, appendTime, start }) => {
        call.kafka.metrics.batchAppended(recordCount, bytes)
        return success(entry.index, offset, appendTime, start)
      },
      error => refusedBatch(entry.index, error, batch, call),
    )
  } catch (error) {
    return refused(entry.index, error, call)
  }
}

/** Appends the batch, after its partition was put into the transaction where that is for the broker to do. */
function writerOf(
  partition: Partition,
  batch: RecordBatch,
  transactionalId: string | null,
  call: Call,
): () => Promise<Appended> {
  const { broker } = call.kafka
  const append = () => partition.append(batch, broker.transactionCheck(partition))
  if (!batch.isTransactional || transactionalId === null || call.version < ADDS_SINCE) return append
  const who = { producerId: batch.producerId, epoch: batch.producerEpoch }
  return () => broker.transactions.write(transactionalId, who, partition, append)
}

function success(index: number, baseOffset: number, logAppendTimeMs: number, logStartOffset: number): Row {
  return {
    index,
    errorCode: kafkaErrors.NONE,
    baseOffset,
    logAppendTimeMs,
    logStartOffset,
    errorMessage: null,
  }
}

function failure(index: number, errorCode: number, errorMessage: string | null = null) {
  return { index, errorCode, baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1, errorMessage }
}

function refusedBatch(index: number, error: unknown, { isTransactional }: RecordBatch, call: Call): Row {
  const row = refused(index, error, call)
  const isAbortable =
    row.errorCode === kafkaErrors.INVALID_TXN_STATE && isTransactional && call.version >= ABORTABLE_SINCE
  return isAbortable ? { ...row, errorCode: kafkaErrors.TRANSACTION_ABORTABLE } : row
}

function refused(index: number, error: unknown, call: Call): Row {
  const { code, message, unexpected } = refusalOf(error)
  if (unexpected) call.kafka.report.error('an append met an unexpected error', { error: String(error) })
  const flaws = error instanceof RecordsRefused ? error.flaws : []
  const recordErrors = flaws.map(({ index: batchIndex, what }) => ({
    batchIndex,
    batchIndexErrorMessage: what,
  }))
  return { ...failure(index, code, message), recordErrors }
}

function unsupported(version: number): BrokerError {
  return new BrokerError(
    'REQUEST_UNSUPPORTED',
    `Produce ${version} is not served: ${OLDEST_VERSION} is the oldest`,
  )
}
