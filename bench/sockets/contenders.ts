// Who is measured: programs that are one end each, and how a pair of them is run.

import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compilePrograms } from '../compiled.ts'
import { cache, dist } from '../places.ts'
import { freePort, launch, outputOf, type Program } from '../programs.ts'

export const contenders = ['zeromq.js', 'libzmq', 'Posthorn', 'nng', 'Posthorn SP'] as const
export type Contender = (typeof contenders)[number]

export interface Load {
  readonly size: number
  readonly count: number
  readonly curve?: { readonly publicKey: string; readonly secretKey: string }
}

const RUN_MS = 120_000

const sources = fileURLToPath(new URL('c/', import.meta.url))
const peer = fileURLToPath(new URL('peer.ts', import.meta.url))
/** Under the checkout, so that the package of npm is found. */
const compiled = join(cache, 'sockets')

/** Has the peers in TypeScript ready. */
export async function compilePeers(): Promise<void> {
  await compilePrograms([peer], compiled)
}

/** Why C programs can't be built here; undefined when they are in `folder`. */
export function compileC(folder: string): string | undefined {
  for (const [name, library] of [
    ['zmq_bench', '-lzmq'],
    ['nng_bench', '-lnng'],
  ] as const) {
    const flags = ['-O2', '-o', join(folder, name), join(sources, `${name}.c`), library, '-lpthread']
    const { status, stderr, error } = spawnSync('gcc', flags, { encoding: 'utf8' })
    if (status !== 0) return `${name} does not compile: ${error?.message ?? stderr.slice(0, 500)}`
  }
  return undefined
}

/** The version of the npm package, or undefined. */
export function zeromqVersion(): string | undefined {
  try {
    return (createRequire(import.meta.url)('zeromq/package.json') as { version: string }).version
  } catch {
    return undefined
  }
}

function programOf(contender: Contender, folder: string): readonly [string, readonly string[]] {
  const node = (library: string) =>
    [process.execPath, ['--no-warnings', join(compiled, 'peer.mjs'), library]] as const
  switch (contender) {
    case 'zeromq.js':
      return node('zeromq')
    case 'Posthorn':
      return node('posthorn')
    case 'Posthorn SP':
      return node('posthorn-sp')
    case 'libzmq':
      return [join(folder, 'zmq_bench'), []]
    case 'nng':
      return [join(folder, 'nng_bench'), []]
  }
}

function argumentsOf(
  contender: Contender,
  folder: string,
  role: string,
  address: string,
  { size, count, curve }: Load,
): Program {
  const [command, first] = programOf(contender, folder)
  return {
    command,
    args: [...first, role, address, String(size), String(count)],
    env: {
      POSTHORN_BENCH_DIST: dist,
      ...(curve && { CURVE_PUBLIC: curve.publicKey, CURVE_SECRET: curve.secretKey }),
    },
    timeoutMs: RUN_MS,
  }
}

/** PUSH to PULL between two processes over TCP: messages a second. */
export async function throughput(contender: Contender, folder: string, load: Load): Promise<number> {
  const { served } = await pair(contender, folder, ['pull', 'push'], load)
  return (served as Rate).rate
}

/** REQ and REP between two processes over TCP: percentiles of the round trip in µs. */
export async function roundTrip(contender: Contender, folder: string, load: Load): Promise<RoundTrip> {
  return (await pair(contender, folder, ['rep', 'req'], load)).asked as RoundTrip
}

interface Rate {
  readonly rate: number
}

export interface RoundTrip {
  readonly p50: number
  readonly p99: number
}

/** PUSH to PULL within a process: messages a second. */
export async function inproc(contender: Contender, folder: string, load: Load): Promise<number> {
  const text = await outputOf(argumentsOf(contender, folder, 'inproc', 'inproc://bench', load))
  return (lastOf(text) as Rate).rate
}

async function pair(
  contender: Contender,
  folder: string,
  [server, client]: readonly [string, string],
  load: Load,
): Promise<{ readonly served: unknown; readonly asked: unknown }> {
  const address = `tcp://127.0.0.1:${await freePort()}`
  const child = launch(argumentsOf(contender, folder, server, address, load))
  const chunks: Buffer[] = []
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', chunk => {
      chunks.push(chunk)
      resolve()
    })
    ended.then(code => reject(new Error(`${contender} ${server} ended with ${code}`)), reject)
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), RUN_MS)
  try {
    const asked = await outputOf(argumentsOf(contender, folder, client, address, load))
    const code = await ended
    if (code !== 0) throw new Error(`${contender} ${server} ended with ${code}`)
    return { served: lastOf(Buffer.concat(chunks).toString()), asked: lastOf(asked) }
  } finally {
    clearTimeout(timer)
  }
}

/** The JSON of the last line; undefined when there is none. */
function lastOf(text: string): unknown {
  const line = text.trim().split('\n').at(-1) ?? ''
  return line.startsWith('{') ? JSON.parse(line) : undefined
}
