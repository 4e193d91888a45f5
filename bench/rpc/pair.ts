// A contender that runs: its server, and its client, which waits for orders while it is the turn of others.

import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { end, launch, type Program } from '../programs.ts'
import { cpuMicroseconds } from '../tree.ts'
import type { Ends } from './contenders.ts'
import type { Order, Result } from './peers/drive.ts'

/** What a window gave. */
export interface Window extends Result {
  /** Processor time of the server, in µs; 0 where it is a thread of the client. To a hundredth of a second. */
  readonly serverCpu: number
}

export interface Pair {
  measure(order: Order): Promise<Window>
  close(): Promise<void>
}

/** Starts both ends. Errors: one of them ends early. */
export async function startPair({ title, server, client }: Ends): Promise<Pair> {
  const serving = server === undefined ? undefined : new Spoken(server, `the server of ${title}`)
  const place = serving === undefined ? [] : [await serving.line()]
  const calling = new Spoken({ ...client, args: [...client.args, ...place] }, `the client of ${title}`)
  await calling.line()
  return {
    async measure(order) {
      const before = serving?.cpu ?? 0
      calling.order(JSON.stringify(order))
      const result = JSON.parse(await calling.line()) as Result
      return { ...result, serverCpu: (serving?.cpu ?? 0) - before }
    },
    async close() {
      await calling.close()
      await serving?.close()
    },
  }
}

/** A program that says lines, and is told some. */
class Spoken {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly #title: string
  #errors = ''

  constructor(program: Program, title: string) {
    this.#title = title
    this.#child = launch({ ...program, input: true })
    if (this.#child.stdout === null) throw new Error(`${title} has no stdout`)
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
    this.#child.stderr?.on('data', chunk => {
      this.#errors = `${this.#errors}${chunk}`.slice(-2000)
    })
  }

  get cpu(): number {
    return cpuMicroseconds(this.#child.pid ?? 0)
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error(`${this.#title} ended: ${this.#errors}`)
    return value
  }

  order(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  close(): Promise<void> {
    return end(this.#child)
  }
}
