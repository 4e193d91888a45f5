// `posthorn serve` as a process of its own, from the build under test.

import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { dist } from './places.ts'
import { end, freePort, launch } from './programs.ts'

export type Flush = 'always' | 'interval' | 'never'

/** A broker that runs as a process, whichever it is. */
export interface RunningBroker {
  readonly port: number
  readonly child: ChildProcess
  /** From the start of the process until it answered, in ms. */
  readonly readyMs: number
  close(): Promise<void>
}

export interface PosthornOptions {
  /** In memory when there is none. */
  readonly directory?: string
  readonly flush?: Flush
  /** Options of Node itself. */
  readonly node?: readonly string[]
  /** Settings of the broker, by Kafka's names. */
  readonly settings?: Readonly<Record<string, string>>
  /** Serve AMQP and not only Kafka: then `port` is AMQP's. */
  readonly amqp?: boolean
}

/** Starts a broker; ready is when it says so, which is after it listens. */
export async function servePosthorn(options: PosthornOptions): Promise<RunningBroker> {
  const { directory, flush = 'always', node = [], settings = {}, amqp = false } = options
  const [port, other] = [await freePort(), amqp ? await freePort() : 0]
  const began = performance.now()
  const child = launch({
    command: process.execPath,
    args: [
      ...node,
      join(dist, 'cli', 'main.js'),
      'serve',
      ...(directory === undefined ? ['--memory'] : ['--data', directory, '--flush', flush]),
      ...['--listen', `kafka=tcp://127.0.0.1:${amqp ? other : port}`, '--listen', 'http=off'],
      ...(amqp ? ['--listen', `amqp=tcp://127.0.0.1:${port}`] : []),
      ...Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
      ...['--log-format', 'json', '--output', 'jsonl'],
    ],
  })
  const errors: Buffer[] = []
  child.stderr?.on('data', chunk => errors.push(chunk))
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('close', code =>
      reject(new Error(`posthorn serve ended with ${code}: ${Buffer.concat(errors)}`)),
    )
  })
  child.stdout?.resume()
  return { port, child, readyMs: performance.now() - began, close: () => end(child) }
}
