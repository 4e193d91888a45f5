// Debian's rabbitmqadmin against the management API: what people and scripts do with it. The program is taken out of
// rabbitmq-server's package, which is not installed: its server would start.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startBroker } from '../broker.ts'
import { execute, exists, succeed } from '../processes.ts'
import { has, same } from '../report.ts'
import type { Stage } from '../stage.ts'
import { cache, python } from '../tools.ts'

const PACKAGE = 'rabbitmq-server'
const folder = join(cache, 'rabbitmq')
const program = join(folder, 'usr', 'bin', 'rabbitmqadmin')
const FETCH_MS = 240_000

interface Step {
  readonly title: string
  readonly args: readonly string[]
  readonly input?: string
  /** In what it prints; an exit code other than 0 fails the step. */
  readonly expect?: RegExp
}

/** In this order: later ones look at what earlier ones did. */
const steps: readonly Step[] = [
  { title: 'show overview', args: ['show', 'overview'], expect: /rabbitmq_version[\s\S]*3\.10\.8/ },
  { title: 'declare vhost', args: ['declare', 'vhost', 'name=shop'] },
  { title: 'list vhosts', args: ['list', 'vhosts'], expect: /shop/ },
  {
    title: 'declare user',
    args: ['declare', 'user', 'name=bob', 'password=secret', 'tags=management'],
  },
  { title: 'list users', args: ['list', 'users'], expect: /bob[^\n]*management/ },
  {
    title: 'declare permission',
    args: ['declare', 'permission', 'vhost=shop', 'user=bob', 'configure=.*', 'write=.*', 'read=.*'],
  },
  { title: 'list permissions', args: ['list', 'permissions'], expect: /bob/ },
  {
    title: 'declare exchange',
    args: ['-V', 'shop', 'declare', 'exchange', 'name=events', 'type=topic', 'durable=true'],
  },
  {
    title: 'declare queue',
    args: [
      ...['-V', 'shop', 'declare', 'queue', 'name=orders', 'durable=true'],
      'arguments={"x-max-length": 100, "x-queue-type": "quorum"}',
    ],
  },
  {
    title: 'declare queue with queue_type',
    args: ['-V', 'shop', 'declare', 'queue', 'name=lines', 'queue_type=stream'],
  },
  {
    title: 'declare binding',
    args: [
      ...['-V', 'shop', 'declare', 'binding', 'source=events', 'destination=orders'],
      'routing_key=order.#',
    ],
  },
  {
    title: 'declare binding between exchanges',
    args: [
      ...['-V', 'shop', 'declare', 'binding', 'source=events', 'destination=amq.fanout'],
      ...['destination_type=exchange', 'routing_key=k'],
    ],
  },
  { title: 'list bindings', args: ['list', 'bindings'], expect: /events[^\n]*orders[^\n]*order\.#/ },
  {
    title: 'declare policy',
    args: [
      ...['-V', 'shop', 'declare', 'policy', 'name=short', 'pattern=^o', 'apply-to=queues'],
      'definition={"message-ttl": 60000}',
    ],
  },
  { title: 'list policies', args: ['list', 'policies'], expect: /short[^\n]*60000/ },
  {
    title: 'declare operator policy',
    args: [
      ...['-V', 'shop', 'declare', 'operator_policy', 'name=cap', 'pattern=^o', 'apply-to=queues'],
      'definition={"max-length": 50}',
    ],
  },
  { title: 'list operator policies', args: ['list', 'operator_policies'], expect: /cap/ },
  {
    title: 'declare parameter',
    args: [
      '-V',
      'shop',
      'declare',
      'parameter',
      'component=federation',
      'name=upstream',
      'value={"uri": "amqp://"}',
    ],
  },
  { title: 'list parameters', args: ['list', 'parameters'], expect: /upstream/ },
  {
    title: 'declare vhost limit',
    args: ['declare', 'vhost_limit', 'vhost=shop', 'name=max-queues', 'value=5'],
  },
  { title: 'list vhost limits', args: ['list', 'vhost_limits'], expect: /max-queues/ },
  {
    title: 'publish',
    args: ['-V', 'shop', 'publish', 'exchange=events', 'routing_key=order.new', 'payload=hello'],
    expect: /Message published\s*$/,
  },
  {
    title: 'publish from standard input',
    args: ['-V', 'shop', 'publish', 'exchange=events', 'routing_key=order.two'],
    input: 'from stdin',
    expect: /Message published\s*$/,
  },
  {
    title: 'publish to nobody',
    args: ['-V', 'shop', 'publish', 'exchange=events', 'routing_key=other', 'payload=x'],
    expect: /NOT routed/,
  },
  {
    title: 'list queues with columns',
    args: ['-f', 'tsv', '-q', '-V', 'shop', 'list', 'queues', 'name', 'messages', 'policy'],
    expect: /^orders\t2\tshort$/m,
  },
  { title: 'list queues, deep', args: ['-d', '3', 'list', 'queues'], expect: /message_stats\.publish/ },
  { title: 'list queues, long', args: ['-f', 'long', 'list', 'queues'], expect: /name: orders/ },
  {
    title: 'list queues, sorted',
    args: ['-S', 'messages', '-R', 'list', 'queues', 'name', 'messages'],
    expect: /orders[\s\S]*lines/,
  },
  {
    title: 'get and put back',
    args: ['-V', 'shop', 'get', 'queue=orders', 'count=2', 'ackmode=ack_requeue_true'],
    expect: /order\.new[\s\S]*hello[\s\S]*from stdin/,
  },
  {
    title: 'get for good',
    args: ['-V', 'shop', 'get', 'queue=orders', 'ackmode=ack_requeue_false'],
    expect: /hello/,
  },
  { title: 'purge queue', args: ['-V', 'shop', 'purge', 'queue', 'name=orders'] },
  { title: 'list exchanges', args: ['-V', 'shop', 'list', 'exchanges'], expect: /events[^\n]*topic/ },
  { title: 'list nodes', args: ['list', 'nodes'], expect: /disc/ },
  ...['connections', 'channels', 'consumers'].map(what => ({ title: `list ${what}`, args: ['list', what] })),
]

export async function management({ report }: Stage): Promise<void> {
  const missing = await fetchProgram()
  if (missing !== undefined) return report.skipped('rabbitmqadmin', missing)
  const broker = await startBroker([
    ...['--memory', '--listen', 'kafka=tcp://127.0.0.1:0', '--listen', 'amqp=tcp://127.0.0.1:0'],
    ...['--listen', 'management=tcp://127.0.0.1:0', '--listen', 'http=off'],
  ])
  try {
    const port = new URL(broker.management ?? '').port
    const admin = (args: readonly string[], input?: string) =>
      succeed({
        command: python,
        args: [program, '-P', port, ...args],
        timeoutMs: 20_000,
        ...(input !== undefined && { input }),
      })
    for (const { title, args, input, expect = /^/ } of steps)
      await report.run(`rabbitmqadmin: ${title}`, async () => {
        const { stdout, stderr } = await admin(args, input)
        has(`${stdout}\n${stderr}`.trim(), expect, 'output')
      })
    await report.run('rabbitmqadmin: export, delete, import', () => exportAndImport(admin))
    await report.run('rabbitmqadmin: what is not allowed is told', async () => {
      const login = ['-u', 'bob', '-p', 'secret']
      const done = await execute({
        command: python,
        args: [program, '-P', port, ...login, 'list', 'users'],
        timeoutMs: 20_000,
      })
      has(String(done.stderr), /Access refused/, 'stderr')
      await admin([...login, 'list', 'queues'])
    })
  } finally {
    await broker.stop()
  }
}

type Admin = (args: readonly string[], input?: string) => Promise<{ readonly stdout: Buffer }>

async function exportAndImport(admin: Admin): Promise<void> {
  const file = join(folder, 'definitions.json')
  const queues = async () =>
    String((await admin(['-f', 'tsv', '-q', 'list', 'queues', 'vhost', 'name'])).stdout)
  const before = await queues()
  await admin(['export', file])
  const text = readFileSync(file, 'utf8')
  await admin(['delete', 'vhost', 'name=shop'])
  same(await queues(), '', 'queues after the deletion')
  writeFileSync(file, text)
  await admin(['import', file])
  same(await queues(), before, 'queues after the import')
  await admin(['export', file])
  same(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(text), 'definitions after the import')
}

/** Why there is no rabbitmqadmin; undefined when there is. */
async function fetchProgram(): Promise<string | undefined> {
  if (!(await exists(python, ['--version']))) return 'there is no Python'
  if (existsSync(program)) return undefined
  if (!(await exists('apt-get', ['--version']))) return 'not installed, and there is no apt-get'
  mkdirSync(folder, { recursive: true })
  const script = `cd '${folder}' && apt-get -q download ${PACKAGE} && dpkg -x ${PACKAGE}_*.deb . && rm ${PACKAGE}_*.deb`
  const done = await execute({ command: 'sh', args: ['-c', script], timeoutMs: FETCH_MS })
  return existsSync(program)
    ? undefined
    : `it could not be fetched: ${String(done.stderr).trim().slice(-200)}`
}
