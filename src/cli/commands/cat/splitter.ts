// Cuts a stream of bytes at a delimiter. What is left at the end is a record too, unless it is empty: a file may or may
// not end in a line feed.

import { CommandError } from '../../exit.ts'
import { limits } from '../../kafka/limits.ts'
import type { Input } from '../../terminal.ts'

export class Splitter {
  readonly #delimiter: Buffer
  readonly #bytesMax: number
  #rest: Buffer = Buffer.alloc(0)
  /** Bytes of the rest in which no delimiter begins. */
  #searched = 0

  /** Throws CommandError (usage) for an empty delimiter. */
  constructor(delimiter: Buffer, bytesMax: number = limits.recordBytesMax) {
    if (delimiter.length === 0) throw new CommandError('usage', 'a delimiter must not be empty')
    this.#delimiter = delimiter
    this.#bytesMax = bytesMax
  }

  /** The records that are complete now; slices of what was pushed. Throws CommandError for one that is too long. */
  *push(chunk: Buffer): Generator<Buffer> {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let from = 0
    for (
      let at = bytes.indexOf(this.#delimiter, this.#searched);
      at >= 0;
      at = bytes.indexOf(this.#delimiter, from)
    ) {
      yield bytes.subarray(from, at)
      from = at + this.#delimiter.length
    }
    this.#rest = bytes.subarray(from)
    this.#searched = Math.max(0, this.#rest.length - this.#delimiter.length + 1)
    if (this.#rest.length > this.#bytesMax)
      throw new CommandError(
        'notFound',
        `a record is longer than ${this.#bytesMax} bytes: is the delimiter right?`,
      )
  }

  /** What came after the last delimiter. */
  end(): Buffer | undefined {
    return this.#rest.length === 0 ? undefined : this.#rest
  }
}

/** All of `stdin`, cut at the delimiter. Ends quietly when the signal aborts: what was read by then counts. */
export async function* records(
  stdin: Input,
  delimiter: Buffer,
  signal: AbortSignal,
  bytesMax?: number,
): AsyncGenerator<Buffer> {
  const splitter = new Splitter(delimiter, bytesMax)
  for await (const chunk of chunksOf(stdin, signal)) yield* splitter.push(chunk)
  const last = splitter.end()
  if (last !== undefined) yield last
}

async function* chunksOf(stdin: Input, signal: AbortSignal): AsyncGenerator<Buffer> {
  const stop = (): void => void stdin.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    if (!signal.aborted) for await (const chunk of stdin) yield Buffer.from(chunk)
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
