// How an invocation is stopped from outside. First SIGINT or SIGTERM: the signal aborts and the command winds down;
// the second ends the process at once. A reader of stdout that goes away (`| head`) also aborts, and is no error.

import { exits } from './exit.ts'
import type { Surroundings } from './terminal.ts'

export class Interruption {
  readonly #controller = new AbortController()
  readonly #io: Surroundings
  readonly #unsubscribe: () => void
  #received: 'SIGINT' | 'SIGTERM' | undefined
  #stdoutError: Error | undefined
  #readerGone = false

  constructor(io: Surroundings) {
    this.#io = io
    this.#unsubscribe = io.onSignal(name => this.#onSignal(name))
    io.stdout.on('error', this.#onStdoutError)
    io.stderr.on('error', ignore)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Which signal came. */
  get received(): 'SIGINT' | 'SIGTERM' | undefined {
    return this.#received
  }

  /** True once nobody reads stdout any more. */
  get readerGone(): boolean {
    return this.#readerGone
  }

  /** What else went wrong with stdout: a full disk, say. */
  get stdoutError(): Error | undefined {
    return this.#stdoutError
  }

  /** True for an error that only says that we were stopped. */
  isEchoOf(error: unknown): boolean {
    if (!this.signal.aborted) return false
    return error === this.signal.reason || (error instanceof Error && error.name === 'AbortError')
  }

  /** Listens no more. The error listeners stay: a stream may fail after the last write has returned. */
  close(): void {
    this.#unsubscribe()
  }

  #onSignal(name: 'SIGINT' | 'SIGTERM'): void {
    if (this.#received !== undefined) {
      this.#io.die(name === 'SIGINT' ? exits.interrupted.code : exits.terminated.code)
      return
    }
    this.#received = name
    this.#abort(`stopped by ${name}`)
  }

  readonly #onStdoutError = (error: Error): void => {
    this.#readerGone ||= 'code' in error && error.code === 'EPIPE'
    this.#stdoutError ??= error
    this.#abort('stdout was closed')
  }

  #abort(message: string): void {
    this.#controller.abort(new DOMException(message, 'AbortError'))
  }
}

function ignore(): void {
  // Nothing is left to tell it to.
}
