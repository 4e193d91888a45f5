// Compression of a batch's records: one block for all of them, its codec in attribute bits 0-2 of the header. Each codec
// is a file under codec/, which loads its library at first use. Whatever inflates does so under a limit: a few bytes
// from a peer can ask for gigabytes.

import type { Codec } from './batch.ts'
import { gunzip, gzip } from './codec/gzip.ts'
import { compressLz4, decompressLz4 } from './codec/lz4.ts'
import { compressSnappy, decompressSnappy } from './codec/snappy.ts'
import { compressZstd, decompressZstd } from './codec/zstd.ts'
import { tooLarge } from './refusal.ts'

interface CodecVerbs {
  readonly compress: (bytes: Buffer) => Buffer
  readonly decompress: (bytes: Buffer, maxBytes: number) => Buffer
}

const verbs: Readonly<Record<Codec, CodecVerbs>> = {
  none: { compress: bytes => bytes, decompress: within },
  gzip: { compress: gzip, decompress: gunzip },
  snappy: { compress: compressSnappy, decompress: decompressSnappy },
  lz4: { compress: compressLz4, decompress: decompressLz4 },
  zstd: { compress: compressZstd, decompress: decompressZstd },
}

/** `bytes` in the form that Kafka's clients write for `codec`; with `none` the same buffer. */
export function compress(codec: Codec, bytes: Buffer): Buffer {
  return verbs[codec].compress(bytes)
}

/**
 * What `bytes` inflate to; with `none` the same buffer. Errors: LOG_BATCH_INVALID when they are damaged or would
 * inflate beyond `maxBytes`; no more than about that is ever allocated.
 */
export function decompress(codec: Codec, bytes: Buffer, maxBytes: number): Buffer {
  return verbs[codec].decompress(bytes, maxBytes)
}

function within(bytes: Buffer, maxBytes: number): Buffer {
  if (bytes.length > maxBytes) throw tooLarge('none', maxBytes)
  return bytes
}
