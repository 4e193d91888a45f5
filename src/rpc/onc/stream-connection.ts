// Calls over a stream. Each is sent once: a connection that ends takes its calls with it, nobody knows whether they ran, and
// nothing is sent again by itself.

import { WireError } from '../../bytes/index.ts'
import type { Stream } from '../../transport/index.ts'
import type { Program } from '../program.ts'
import { Calls } from './calls.ts'
import { callingParts, type OncOpenOptions } from './connect-options.ts'
import type { OncClientOf, OncConnection } from './connection.ts'
import { OncError } from './errors.ts'
import { inTime } from './in-time.ts'
import { RecordOutbox } from './outbox.ts'
import { RecordSplitter } from './record.ts'

export class StreamConnection implements OncConnection {
  readonly #stream: Stream
  readonly #outbox: RecordOutbox
  readonly #address: string
  readonly #calls: Calls
  readonly #options: OncOpenOptions

  /** `address` is for messages of errors. */
  constructor(stream: Stream, address: string, options: OncOpenOptions) {
    this.#stream = stream
    this.#address = address
    this.#options = options
    const outbox = new RecordOutbox(stream, () => this.#calls.inFlight)
    this.#outbox = outbox
    this.#calls = new Calls({
      ...callingParts(options),
      address,
      send: record => outbox.addMade(record),
      sendOnce: write => outbox.add(write),
      resendMs: undefined,
      keeps: false,
    })
    void this.#read(options.recordBytesMax)
  }

  client<G extends Program>(program: G): OncClientOf<G> {
    return this.#calls.client(program)
  }

  async close(): Promise<void> {
    this.#calls.end(new OncError('RPC_CLOSED', this.#address))
    this.#outbox.flush()
    await inTime(this.#stream.close(), this.#options)
    this.#stream.abort()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #read(recordBytesMax: number | undefined): Promise<void> {
    const splitter = new RecordSplitter(record => this.#calls.answered(record), recordBytesMax)
    try {
      for await (const chunk of this.#stream.bytes) splitter.push(chunk)
      this.#calls.end(new OncError('RPC_CONNECTION_LOST', `${this.#address} ended it`))
      this.#outbox.flush()
      await this.#stream.close()
    } catch (error) {
      const reason = broken(error, this.#address)
      this.#calls.end(reason)
      this.#outbox.stop()
      this.#stream.abort(reason)
    }
  }
}

/** Why a connection ended, as an OncError. */
export function broken(error: unknown, address: string): OncError {
  if (error instanceof OncError) return error
  const detail = error instanceof Error ? error.message : String(error)
  const code = error instanceof WireError ? 'RPC_MESSAGE_INVALID' : 'RPC_CONNECTION_LOST'
  return new OncError(code, `${address}: ${detail}`, { cause: error })
}
