// Health checks, one question each: 200 with `ok`, or 503 with `failed` and the reason. And the old aliveness test, which
// sends a message through a queue.

import { X509Certificate } from 'node:crypto'
import { Queue } from '../../../broker/queues/queue.ts'
import { routableOf } from '../../../heads/amqp091/publishing.ts'
import { noProperties } from '../../../heads/amqp091/wire/properties.ts'
import { type Answer, ApiError, badRequest, ok } from '../answer.ts'
import type { ManagementNode } from '../node.ts'
import { type Call, get, type Route } from '../route.ts'
import { stored } from './publishing.ts'

const ALIVENESS_QUEUE = 'aliveness-test'

export const healthRoutes: readonly Route[] = [
  get('/api/aliveness-test/{vhost}', {
    summary: 'Send a message through the queue aliveness-test of a virtual host, which is made for it',
    handle: alivenessTest,
  }),
  check('alarms', 'That no alarm holds publishers up', alarms),
  check('local-alarms', 'The same: there is one node', alarms),
  check('virtual-hosts', 'That all virtual hosts are served', ({ node }) =>
    node.isReady ? undefined : { reason: 'the broker does not serve' },
  ),
  check('node-is-mirror-sync-critical', 'Nothing is mirrored', () => undefined),
  check('node-is-quorum-critical', 'Nothing needs a quorum', () => undefined),
  check('port-listener/{port}', 'That something is listened for on a port', ({ node, at }) => {
    const port = Number(at('port'))
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw badRequest(`'${at('port').slice(0, 20)}' is no port`)
    const ports = node.listeners.map(one => one.port)
    return ports.includes(port) ? undefined : { reason: 'No active listener', missing: port, ports }
  }),
  check('protocol-listener/{protocol}', 'That a protocol is served: amqp091, kafka, http', ({ node, at }) => {
    const protocols = node.listeners.map(one => one.protocol)
    const wanted = aliases[at('protocol')] ?? at('protocol')
    if (protocols.some(one => one === wanted)) return undefined
    return { reason: 'No active listener', missing: at('protocol'), protocols }
  }),
  check(
    'certificate-expiration/{within}/{unit}',
    'That no certificate of a listener runs out within a time: days, weeks, months or years',
    certificates,
  ),
]

/** RabbitMQ's other names of protocols. */
const aliases: Readonly<Record<string, string>> = {
  amqp091: 'amqp',
  'amqp0.9.1': 'amqp',
  'amqp091/ssl': 'amqp/ssl',
  amqps: 'amqp/ssl',
}

/** Why the check fails; undefined when all is well. */
type Failure = { readonly reason: string } & Readonly<
  Record<string, string | number | readonly (string | number)[]>
>

function check(name: string, summary: string, run: (call: Call) => Failure | undefined): Route {
  return get(`/api/health/checks/${name}`, {
    summary,
    handle: call => {
      const failure = run(call)
      if (failure === undefined) return ok({ status: 'ok' })
      return { status: 503, json: { status: 'failed', ...failure } }
    },
  })
}

function alarms({ node }: Call): Failure | undefined {
  const raised = alarmsOf(node)
  return raised.length === 0 ? undefined : { reason: 'There are alarms in effect', alarms: raised }
}

export function alarmsOf({ watermark, isDiskFull }: ManagementNode): string[] {
  return [...(watermark.isRaised ? ['memory'] : []), ...(isDiskFull ? ['disk'] : [])]
}

const days: Readonly<Record<string, number>> = { day: 1, week: 7, month: 30, year: 365 }

function certificates({ node, broker, at }: Call): Failure | undefined {
  const count = Number(at('within'))
  const unit = days[at('unit').replace(/s$/, '')]
  if (!Number.isInteger(count) || count < 0 || unit === undefined)
    throw badRequest('write a whole number and days, weeks, months or years')
  const end = broker.world.now() + count * unit * 86_400_000
  const expired = node.listeners.flatMap(({ name, certificate }) => {
    if (certificate === undefined) return []
    const { validTo } = new X509Certificate(certificate)
    return Date.parse(validTo) <= end ? [`${name}: ${validTo}`] : []
  })
  return expired.length === 0 ? undefined : { reason: 'Certificates expiring', expired }
}

async function alivenessTest(call: Call): Promise<Answer> {
  const { broker, caller, at } = call
  const vhost = at('vhost')
  for (const kind of ['configure', 'write', 'read'] as const)
    caller.demand(vhost, kind, 'queue', ALIVENESS_QUEUE)
  const queue = await broker.queues.declare({ vhost, name: ALIVENESS_QUEUE, durable: false })
  if (!(queue instanceof Queue)) throw badRequest(`${queue.title} is in the way of the test`)
  const message = {
    exchange: '',
    routingKey: ALIVENESS_QUEUE,
    properties: noProperties,
    body: Buffer.from('test_message'),
    nowMs: broker.world.now(),
  }
  await stored(broker, vhost, routableOf(message, false))
  const found = await queue.poll({ presettled: true })
  if (found === undefined) throw new ApiError(503, 'aliveness_test', 'the message was not there')
  return ok({ status: 'ok' })
}
