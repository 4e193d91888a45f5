// A loop over what arrives, for protocols that put it where it belongs themselves: the bytes are shown when they arrive,
// and the loop, which may be busy, only hears that something came. One copy less than a loop over `bytes`.

import { ChunkLoop } from './chunk-loop.ts'
import { isFlowing, type Stream } from './stream.ts'

const something = Buffer.alloc(0)

/**
 * Each turn of the loop says that `take` has had at least one chunk since the last; `take` must copy what it keeps. While a
 * turn waits to be taken, the peer is stopped. Ends and throws as `bytes` does, which must not be read any more.
 */
export function arrivals(stream: Stream, take: (chunk: Buffer) => void): AsyncIterable<unknown> {
  if (!isFlowing(stream)) return taken(stream, take)
  const loop = new ChunkLoop(() => flow.resume())
  const flow = stream.flow({
    borrows: true,
    chunk: chunk => {
      take(chunk)
      return loop.chunk(something)
    },
    ended: reason => loop.ended(reason),
  })
  return { [Symbol.asyncIterator]: () => loop }
}

async function* taken(stream: Stream, take: (chunk: Buffer) => void): AsyncIterable<unknown> {
  for await (const chunk of stream.bytes) {
    take(chunk)
    yield
  }
}
