// What every suite plays on: the broker with its two listeners, the clients that are there, and the report.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BrokerProcess, startBroker } from './broker.ts'
import { CLIENT_NAME, makeCertificates } from './certificate.ts'
import { type Client, codecs, type Mechanism, mechanisms, type Target } from './client.ts'
import { kafkajsClient } from './clients/kafkajs.ts'
import { kcat } from './clients/kcat.ts'
import { programClient } from './clients/program.ts'
import type { Report } from './report.ts'
import { javaArgs, python, type Tools } from './tools.ts'

export interface Stage {
  readonly report: Report
  readonly tools: Tools
  readonly broker: BrokerProcess
  readonly clients: readonly Client[]
  /** The listener without a login. */
  readonly plain: Target
  readonly amqp: AmqpTarget
  /** The listener with TLS and this login; undefined where openssl is missing. */
  secured(mechanism: Mechanism, password?: string): Target | undefined
}

/** Where AMQP clients connect to. */
export interface AmqpTarget {
  /** As guest, without TLS. */
  readonly url: string
  readonly port: number
  /** With TLS, where the client's certificate is the login; undefined where openssl is missing. */
  readonly tls:
    | { readonly port: number; readonly ca: string; readonly cert: string; readonly key: string }
    | undefined
}

const USER = 'ann'
const PASSWORD = 'correct horse, battery = ü'

/** Starts the broker in `folder` and gathers the clients; prints which are skipped and why. */
export async function openStage(report: Report, tools: Tools, folder: string): Promise<Stage> {
  const certificates = await makeCertificates(folder).catch(error => {
    report.skipped('TLS and logins', `openssl: ${error instanceof Error ? error.message : error}`)
    return undefined
  })
  const secure = certificates && {
    'kafka.secure': {
      address: 'tls://127.0.0.1:0',
      cert: certificates.cert,
      key: certificates.key,
      sasl: [...mechanisms],
    },
    'amqp.secure': {
      address: 'tls://127.0.0.1:0',
      cert: certificates.cert,
      key: certificates.key,
      ca: certificates.ca,
      clientCertificate: 'required',
      certificateIdentity: 'common_name',
      sasl: ['EXTERNAL', 'PLAIN'],
    },
  }
  const config = {
    data: join(folder, 'data'),
    listeners: {
      kafka: 'tcp://127.0.0.1:0',
      amqp: 'tcp://127.0.0.1:0',
      http: 'off',
      management: 'off',
      ...secure,
    },
    users: [
      { name: USER, password: PASSWORD },
      { name: CLIENT_NAME, password: PASSWORD, tags: ['administrator'] },
    ],
    settings: {
      'group.initial.rebalance.delay.ms': 0,
      'group.consumer.heartbeat.interval.ms': 500,
      'group.share.heartbeat.interval.ms': 500,
      'group.share.min.record.lock.duration.ms': 1000,
    },
  }
  const file = join(folder, 'posthorn.json')
  writeFileSync(file, JSON.stringify(config))
  const broker = await startBroker(['--config', file])
  const address = (listener: string): string => broker.listeners[listener]?.join(',') ?? ''
  return {
    report,
    tools,
    broker,
    clients: clientsOf(report, tools),
    plain: { bootstrap: address('kafka') },
    amqp: {
      url: `amqp://guest:guest@127.0.0.1:${broker.amqp.amqp}`,
      port: broker.amqp.amqp ?? 0,
      tls: certificates && {
        port: broker.amqp['amqp.secure'] ?? 0,
        ca: certificates.ca,
        cert: certificates.clientCert,
        key: certificates.clientKey,
      },
    },
    secured: (mechanism, password = PASSWORD) =>
      certificates && {
        bootstrap: address('kafka.secure'),
        security: { mechanism, username: USER, password, ca: certificates.ca },
      },
  }
}

function clientsOf(report: Report, tools: Tools): Client[] {
  const script = (name: string): string[] => [join(import.meta.dirname, 'python', name)]
  const all: readonly [Client, missing: string | undefined][] = [
    [kafkajsClient, undefined],
    [kcat, tools.kcat],
    [
      programClient({
        ...{ name: 'kafka-python', command: python, args: script('kafka_python.py') },
        ...{ codecs, transactions: false },
      }),
      tools.kafkaPython,
    ],
    [
      programClient({
        ...{ name: 'confluent-kafka-python', command: python, args: script('confluent.py') },
        ...{ codecs, transactions: true },
      }),
      tools.confluent,
    ],
    [
      programClient({
        ...{ name: 'Java', command: 'java', args: [...javaArgs, 'Client'] },
        ...{ codecs, transactions: true, more: { protocol: 'classic' } },
      }),
      tools.java,
    ],
  ]
  for (const [client, missing] of all) if (missing !== undefined) report.skipped(client.name, missing)
  return all.filter(([, missing]) => missing === undefined).map(([client]) => client)
}
