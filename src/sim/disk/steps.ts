// Counts what a program does to the disk and cuts the power between two of these steps. Whatever happens after the cut
// throws: the program is dead, it only does not know it yet. The last steps are kept, for the seed that failed.

import { PowerLoss } from './failures.ts'

/** Steps that the trace remembers. */
const TRACE_STEPS = 200

interface Step {
  readonly number: number
  readonly what: string
  readonly path: string
  readonly detail: string | number
}

export type Ending = 'running' | 'killed' | 'power lost'

export class Steps {
  /** The step before which power is lost. */
  crashAt: number
  /** Resolves when the program is dead. */
  readonly ended: Promise<void>
  #count = 0
  #ending: Ending = 'running'
  #end: () => void = () => {}
  readonly #trace: Step[] = []

  constructor(crashAt: number) {
    this.crashAt = crashAt
    this.ended = new Promise(resolve => {
      this.#end = resolve
    })
  }

  get count(): number {
    return this.#count
  }

  get ending(): Ending {
    return this.#ending
  }

  /** The last steps, oldest first, one a line. */
  get trace(): string[] {
    return this.#trace
      .toSorted((a, b) => a.number - b.number)
      .map(({ number, what, path, detail }) => `${number} ${what} ${path} ${detail}`.trimEnd())
  }

  /** One more step; false when it does not happen because the program is dead, from now on or before. */
  go(what: string, path: string, detail: string | number = ''): boolean {
    if (this.#ending !== 'running') return false
    this.note(what, path, detail)
    if (this.#count++ < this.crashAt) return true
    this.end('power lost')
    return false
  }

  /** The same, throwing. */
  must(what: string, path: string, detail: string | number = ''): void {
    if (!this.go(what, path, detail)) throw new PowerLoss(`${this.#ending} before ${what} ${path}`)
  }

  /** Remembers something that happened without being a step. */
  note(what: string, path: string, detail: string | number = ''): void {
    this.#trace[this.#count % TRACE_STEPS] = { number: this.#count, what, path, detail }
  }

  end(ending: Exclude<Ending, 'running'>): void {
    if (this.#ending !== 'running') return
    this.#ending = ending
    this.#end()
  }
}
