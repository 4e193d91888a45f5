// Clients of other languages: a program each, which runs its own cases and prints a line of JSON for each.

import { join } from 'node:path'
import type { Program } from '../../processes.ts'
import { execute, launch, succeed } from '../../processes.ts'
import { has, same, skip } from '../../report.ts'
import type { Stage } from '../../stage.ts'
import { goProgram, javaArgs, python } from '../../tools.ts'

interface Line {
  readonly case: string
  readonly error?: string
}

const scripts = join(import.meta.dirname, '..', '..', 'python')
const LIMIT_MS = 90_000
/** Turns a worker into one that is ready. */
const WORKER_MS = 30_000

export async function programs(stage: Stage): Promise<void> {
  const { amqp, tools } = stage
  const order = JSON.stringify({ url: amqp.url, ...(amqp.tls && { tls: amqp.tls }) })
  const pika = { command: python, args: [join(scripts, 'pika_cases.py'), order] }
  await Promise.all([
    casesOf(stage, 'pika', tools.pika, pika),
    casesOf(stage, 'Go', tools.go, { command: goProgram, args: [order] }),
    casesOf(stage, 'Java', tools.java, { command: 'java', args: [...javaArgs, 'AmqpCases', amqp.url] }),
    celery(stage),
    amqpTools(stage),
  ])
}

/** The cases that a program runs, by the lines that it prints. */
export async function casesOf(
  { report }: Stage,
  name: string,
  missing: string | undefined,
  program: Program,
): Promise<void> {
  if (missing !== undefined) return report.skipped(`AMQP: ${name}`, missing)
  const done = await execute({ ...program, timeoutMs: LIMIT_MS })
  const lines = done.stdout
    .toString()
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Line)
  for (const line of lines)
    await report.run(`${name}: ${line.case}`, () => {
      if (line.error !== undefined) throw new Error(line.error)
    })
  await report.run(`${name}: all of its cases were run`, () => {
    if (done.code !== 0 || lines.length === 0)
      throw new Error(`it ended with ${done.code} after ${lines.length} cases: ${done.stderr.slice(-400)}`)
  })
}

/** A worker and a driver beside it. */
async function celery(stage: Stage): Promise<void> {
  const { report, tools, amqp } = stage
  if (tools.celery !== undefined) return report.skipped('AMQP: Celery', tools.celery)
  const env = { AMQP_URL: `${amqp.url}//`, PYTHONDONTWRITEBYTECODE: '1', C_FORCE_ROOT: '1' }
  const args = ['-m', 'celery', '-A', 'celery_app', 'worker', '-c', '2', '-l', 'info', '--without-mingle']
  const worker = launch({ command: python, args, env, cwd: scripts })
  let said = ''
  worker.stdout?.resume()
  const ready = new Promise<void>((resolve, reject) => {
    setTimeout(() => reject(new Error(`the worker was not ready: ${said.slice(-400)}`)), WORKER_MS).unref()
    worker.stderr?.on('data', chunk => {
      said += chunk
      if (said.includes(' ready.')) resolve()
    })
  })
  try {
    await ready
    const driver = { command: python, args: [join(scripts, 'celery_cases.py')], env, cwd: scripts }
    await casesOf(stage, 'Celery', undefined, driver)
  } catch (error) {
    await report.run('Celery: its worker begins', () => {
      throw error
    })
  } finally {
    worker.kill('SIGTERM')
  }
}

async function amqpTools({ report, tools, amqp }: Stage): Promise<void> {
  await report.run('amqp-tools: declare, publish, get, consume, delete', async () => {
    if (tools.amqpTools !== undefined) skip(tools.amqpTools)
    const at = ['-u', amqp.url]
    const run = async (command: string, args: readonly string[], input = '') =>
      (await succeed({ command, args: [...at, ...args], input })).stdout.toString().trim()
    has(await run('amqp-declare-queue', ['-d', '-q', 'amqp-tools']), /amqp-tools/, 'declared')
    await run('amqp-publish', ['-r', 'amqp-tools', '-p', '-C', 'text/plain', '-b', 'one'])
    same(await run('amqp-get', ['-q', 'amqp-tools']), 'one', 'fetched')
    await run('amqp-publish', ['-r', 'amqp-tools', '-b', 'two'])
    same(await run('amqp-consume', ['-q', 'amqp-tools', '-c', '1', 'cat']), 'two', 'consumed')
    const empty = await execute({ command: 'amqp-get', args: [...at, '-q', 'amqp-tools'] })
    same(empty.code, 2, 'exit code for an empty queue')
    same(await run('amqp-delete-queue', ['-q', 'amqp-tools']), '0', 'messages of the deleted queue')
  })
}
