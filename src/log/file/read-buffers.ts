// Memory for large reads, used again when whoever read says that it is done. What a fetch reads lives for as long as it takes
// to send: long enough to become an old object, and a consumer who catches up reads hundreds of megabytes a second, so that
// V8 would let tens of megabytes of it lie before it looks.

/** Reads of fewer bytes are not worth keeping memory for. */
const BYTES_MIN = 256 * 1024
/** What consumers ask of a partition unless told otherwise (max.partition.fetch.bytes), and what reading adds to it. */
const BYTES_MAX = 1024 * 1024 + 32 * 1024
/** Buffers kept while nobody reads; V8 takes them when it looks through all old objects. */
const SPARE_MAX = 8

/** Memory for one read. */
export interface ReadBuffer {
  readonly chunk: Buffer
  /** Nobody looks at the chunk any more. Only the first call counts. */
  release(): void
}

const spare: WeakRef<Buffer>[] = []

/** `size` bytes with anything in them. */
export function readBuffer(size: number): ReadBuffer {
  if (size < BYTES_MIN || size > BYTES_MAX) return { chunk: Buffer.allocUnsafeSlow(size), release: () => {} }
  const buffer = spareBuffer() ?? Buffer.allocUnsafeSlow(BYTES_MAX)
  let isOut = true
  return {
    chunk: buffer.subarray(0, size),
    release: () => {
      if (isOut && spare.length < SPARE_MAX) spare.push(new WeakRef(buffer))
      isOut = false
    },
  }
}

function spareBuffer(): Buffer | undefined {
  for (let one = spare.pop(); one !== undefined; one = spare.pop()) {
    const buffer = one.deref()
    if (buffer !== undefined) return buffer
  }
  return undefined
}
