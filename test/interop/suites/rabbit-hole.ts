// rabbit-hole's own tests against the management API: RabbitMQ's client of Go, about as much of the API as there is. They
// want RabbitMQ's own ports, and what its build script would have set up.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { startBroker } from '../broker.ts'
import { buildGo } from '../go-program.ts'
import { execute } from '../processes.ts'
import { same } from '../report.ts'
import type { Stage } from '../stage.ts'
import { cache } from '../tools.ts'

const MODULE = 'github.com/michaelklishin/rabbit-hole/v3'
const program = join(cache, 'rabbit-hole.test')
const report = join(cache, 'rabbit-hole.json')
const AMQP_PORT = 5672
const API_PORT = 15672
const RUN_MS = 120_000

/** Specs about what is not here (docs/management.md), or that a RabbitMQ of its default settings does not meet either. */
const leftOut: readonly string[] = [
  'federation-upstream/',
  '/federation-links',
  'GET /shovels',
  'lists deprecated feature flags',
  'returns all global parameters', // counts those of RabbitMQ
  'GET /queues.* with arguments returns', // wants rates within a second
]

/** What of ginkgo's report of a run is looked at. */
interface Spec {
  readonly ContainerHierarchyTexts: readonly string[] | null
  readonly LeafNodeText: string
  readonly State: string
  readonly Failure?: { readonly Message: string }
}

export async function rabbitHole(stage: Stage): Promise<void> {
  const missing =
    (await portInUse()) ?? (await buildGo({ source: 'go-rabbit-hole', program, testsOf: MODULE }))
  if (missing !== undefined) return stage.report.skipped('rabbit-hole', missing)
  const broker = await startBroker([
    ...['--memory', '--listen', 'kafka=tcp://127.0.0.1:0', '--listen', `amqp=tcp://127.0.0.1:${AMQP_PORT}`],
    ...['--listen', `management=tcp://127.0.0.1:${API_PORT}`, '--listen', 'http=off'],
  ])
  try {
    await stage.report.run('rabbit-hole: its own tests', async () => {
      await setUp()
      const args = [`-ginkgo.skip=${leftOut.join('|')}`, `-ginkgo.json-report=${report}`]
      const { code, stdout } = await execute({ command: program, args, cwd: cache, timeoutMs: RUN_MS })
      if (code === null) throw new Error(`it took longer than ${RUN_MS} ms: ${stdout.subarray(-1000)}`)
      const specs = specsOf(readFileSync(report, 'utf8'))
      same(specs.filter(({ State }) => State !== 'passed' && State !== 'skipped').map(told), [], 'failures')
      same(specs.some(({ State }) => State === 'passed') && code === 0, true, 'specs were run')
    })
  } finally {
    await broker.stop()
  }
}

function specsOf(json: string): readonly Spec[] {
  const suites = JSON.parse(json) as readonly { readonly SpecReports: readonly Spec[] }[]
  return suites.flatMap(({ SpecReports }) => SpecReports).filter(({ LeafNodeText }) => LeafNodeText !== '')
}

function told({ ContainerHierarchyTexts, LeafNodeText, Failure }: Spec): string {
  const path = [...(ContainerHierarchyTexts ?? []), LeafNodeText].join(' ')
  return `${path}: ${Failure?.Message.slice(0, 300)}`
}

async function portInUse(): Promise<string | undefined> {
  for (const port of [AMQP_PORT, API_PORT])
    if (!(await isFree(port))) return `it wants port ${port}, which is in use`
  return undefined
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise(resolve => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** What rabbit-hole's bin/ci/before_build.sh does with rabbitmqctl. */
async function setUp(): Promise<void> {
  const all = { configure: '.*', write: '.*', read: '.*' }
  const steps: readonly (readonly [string, object])[] = [
    ['users/policymaker', { password: 'policymaker', tags: 'policymaker' }],
    ['permissions/%2F/policymaker', all],
    ['vhosts/rabbit%2Fhole', {}],
    ['cluster-name', { name: 'rabbitmq@localhost' }],
  ]
  for (const [path, body] of steps) {
    const { ok, status } = await fetch(`http://127.0.0.1:${API_PORT}/api/${path}`, {
      method: 'PUT',
      headers: { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` },
      body: JSON.stringify(body),
    })
    if (!ok) throw new Error(`PUT ${path}: ${status}`)
  }
}
