// What the fuzzer starts from: valid requests of every API at every version, made from the tables, and batches with real
// records for those that carry some. The seed fixes all of it.

import fc from 'fast-check'
import { Writer } from '../../src/bytes/index.ts'
import type { Api } from '../../src/heads/kafka/wire/api.ts'
import { valuesFor } from '../../src/heads/kafka/wire/arbitrary.contract.ts'
import { apis, Produce } from '../../src/heads/kafka/wire/index.ts'
import { codecs } from '../../src/log/index.ts'
import { buildBatch } from '../../src/log/record/builder.ts'

/** A request without its length: header and body. */
export type Seed = { readonly api: Api; readonly version: number; readonly bytes: Buffer }

/** `each` requests of every API at every version, and Produce requests whose batches are valid. */
export function corpus(seed: number, each: number): Seed[] {
  return [
    ...apis.flatMap(api => versions(api).flatMap(version => sampled(api, version, seed, each))),
    ...produces(),
  ]
}

/** Header and body of a request. */
export function encodeRequest(api: Api, version: number, request: object): Buffer {
  const to = new Writer()
  to.int16(api.key)
  to.int16(version)
  to.int32(0)
  to.int16(4)
  to.text('fuzz', 4)
  if (version >= api.flexibleSince) to.uvarint(0)
  api.request.encode(to, request, version)
  return Buffer.concat(to.finish())
}

/** A Produce request with these bytes as the records of one partition. */
export function produceOf(
  topic: string,
  records: Buffer,
  acks = -1,
  transactionalId: string | null = null,
): Buffer {
  return encodeRequest(Produce as unknown as Api, 9, {
    transactionalId,
    acks,
    timeoutMs: 1000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records: [records] }] }],
  })
}

function versions({ versions: { min, max } }: Api): number[] {
  return Array.from({ length: max - min + 1 }, (_, n) => min + n)
}

function sampled(api: Api, version: number, seed: number, numRuns: number): Seed[] {
  return fc
    .sample(valuesFor(api.request.fields, version), { seed: seed + api.key * 100 + version, numRuns })
    .map(value => ({ api, version, bytes: encodeRequest(api, version, value) }))
}

function produces(): Seed[] {
  return ['plain', 'compacted'].flatMap(topic =>
    batches().map(batch => ({ api: Produce as unknown as Api, version: 9, bytes: produceOf(topic, batch) })),
  )
}

/** Valid batches in every codec, of producers with and without an id. */
export function batches(): Buffer[] {
  const records = Array.from({ length: 5 }, (_, n) => ({
    timestamp: 1_000_000 + n,
    key: Buffer.from(`key ${n % 3}`),
    value: n === 4 ? null : Buffer.from('value '.repeat(n * 3)),
    headers: n === 2 ? [{ key: 'h', value: Buffer.from('v') }] : [],
  }))
  return codecs.flatMap(codec => [
    buildBatch(records, { codec }).buffer,
    buildBatch(records, { codec, producerId: 1, producerEpoch: 0, baseSequence: 0 }).buffer,
    buildBatch(records, { codec, transactional: true, producerId: 2, producerEpoch: 0, baseSequence: 0 })
      .buffer,
  ])
}
