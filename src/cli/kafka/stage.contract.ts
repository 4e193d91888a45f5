// For tests: a whole invocation of a command on streams in memory, against a broker in this process.

import { PassThrough, Writable } from 'node:stream'
import { systemWorld } from '../../world/index.ts'
import { registry } from '../registry.ts'
import { run } from '../run.ts'

class Screen extends Writable {
  readonly #chunks: Buffer[] = []
  readonly #onText: (text: string) => void

  constructor(onText: (text: string) => void = () => {}) {
    super()
    this.#onText = onText
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#chunks.push(chunk)
    this.#onText(this.bytes.toString())
    done()
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}

export interface InvocationOptions {
  /** What is piped in; without it standard input is a terminal. */
  readonly input?: string | Buffer
  readonly env?: Readonly<Record<string, string>>
  /** Called with all of standard output each time that it grows. */
  readonly onOutput?: (text: string, interrupt: () => void) => void
}

export interface Invocation {
  readonly code: number
  readonly out: string
  readonly bytes: Buffer
  readonly err: string
  /** Each line of standard output as JSON. */
  rows(): Record<string, unknown>[]
}

/** Runs one command line; words are given one by one, so nothing is quoted. */
export async function posthorn(brokers: string, words: readonly string[], options: InvocationOptions = {}) {
  let interrupt = (): void => {}
  const stdout = new Screen(text => options.onOutput?.(text, interrupt))
  const stderr = new Screen()
  const stdin = Object.assign(new PassThrough(), { isTTY: options.input === undefined })
  if (options.input !== undefined) stdin.end(options.input)
  const code = await run(
    words,
    {
      stdin,
      stdout,
      stderr,
      env: { POSTHORN_KAFKA_BROKERS: brokers, ...options.env },
      world: systemWorld,
      onSignal(listener) {
        interrupt = () => listener('SIGINT')
        return () => {}
      },
      die() {},
    },
    registry,
  )
  const out = stdout.bytes.toString()
  const invocation: Invocation = {
    code,
    out,
    bytes: stdout.bytes,
    err: stderr.bytes.toString(),
    rows: () =>
      out
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line)),
  }
  return invocation
}
