// Kafka's own console tools, as people and scripts call them.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from '../client.ts'
import { kafka } from '../clients/kafkajs.ts'
import { succeed } from '../processes.ts'
import { has, skip } from '../report.ts'
import type { Stage } from '../stage.ts'
import { cache, javaArgs } from '../tools.ts'

interface Tool {
  readonly title: string
  /** The main class behind the script of this name. */
  readonly main: string
  readonly args: readonly string[]
  readonly input?: string
  readonly expect: RegExp
}

const TOPIC = 'console'
const GROUP = 'console-group'
const T = 'org.apache.kafka.tools.'
const acl = ['--topic', TOPIC, '--allow-principal', 'User:someone', '--operation', 'Read']

/** In this order: later ones look at what earlier ones did. */
const tools: readonly Tool[] = [
  {
    title: 'kafka-topics --create',
    main: `${T}TopicCommand`,
    args: ['--create', '--topic', TOPIC, '--partitions', '3', '--config', 'retention.ms=3600000'],
    expect: /Created topic console/,
  },
  {
    title: 'kafka-topics --describe',
    main: `${T}TopicCommand`,
    args: ['--describe', '--topic', TOPIC],
    expect: /PartitionCount: 3.*\n.*Partition: 0.*Leader: 0/,
  },
  {
    title: 'kafka-topics --alter --partitions',
    main: `${T}TopicCommand`,
    args: ['--alter', '--topic', TOPIC, '--partitions', '4'],
    expect: /^/,
  },
  { title: 'kafka-topics --list', main: `${T}TopicCommand`, args: ['--list'], expect: /^console$/m },
  {
    title: 'kafka-console-producer',
    main: `${T}ConsoleProducer`,
    args: ['--topic', TOPIC, '--property', 'parse.key=true', '--property', 'key.separator=:'],
    input: 'k1:one\nk2:two\nk3:three\n',
    expect: /^/,
  },
  {
    title: 'kafka-console-consumer in a group',
    main: `${T}consumer.ConsoleConsumer`,
    args: [
      '--topic',
      TOPIC,
      '--group',
      GROUP,
      '--from-beginning',
      '--max-messages',
      '3',
      '--timeout-ms',
      '15000',
    ],
    expect: /(?=[\s\S]*one)(?=[\s\S]*two)(?=[\s\S]*three)/,
  },
  {
    title: 'kafka-consumer-groups --describe',
    main: `${T}consumer.group.ConsumerGroupCommand`,
    args: ['--describe', '--group', GROUP],
    expect: /console-group\s+console\s+\d\s+\d+\s+\d+\s+0/,
  },
  {
    title: 'kafka-consumer-groups --list',
    main: `${T}consumer.group.ConsumerGroupCommand`,
    args: ['--list', '--state'],
    expect: /console-group\s+\w*\s*Empty/,
  },
  {
    title: 'kafka-consumer-groups --reset-offsets',
    main: `${T}consumer.group.ConsumerGroupCommand`,
    args: ['--reset-offsets', '--group', GROUP, '--topic', TOPIC, '--to-earliest', '--execute'],
    expect: /console-group\s+console\s+\d\s+0/,
  },
  {
    title: 'kafka-consumer-groups --delete',
    main: `${T}consumer.group.ConsumerGroupCommand`,
    args: ['--delete', '--group', GROUP],
    expect: /successful/,
  },
  { title: 'kafka-groups --list', main: `${T}GroupsCommand`, args: ['--list'], expect: /^/ },
  {
    title: 'kafka-get-offsets',
    main: `${T}GetOffsetShell`,
    args: ['--topic', TOPIC, '--time', 'latest'],
    expect: /(console:\d:\d\n?){4}/,
  },
  {
    title: 'kafka-configs --alter a topic',
    main: 'kafka.admin.ConfigCommand',
    args: [
      '--alter',
      '--entity-type',
      'topics',
      '--entity-name',
      TOPIC,
      '--add-config',
      'max.message.bytes=65536',
    ],
    expect: /Completed updating config/,
  },
  {
    title: 'kafka-configs --describe a topic',
    main: 'kafka.admin.ConfigCommand',
    args: ['--describe', '--entity-type', 'topics', '--entity-name', TOPIC],
    expect: /max\.message\.bytes=65536/,
  },
  {
    title: 'kafka-configs --describe a broker',
    main: 'kafka.admin.ConfigCommand',
    args: ['--describe', '--entity-type', 'brokers', '--entity-name', '0', '--all'],
    expect: /num\.partitions=/,
  },
  {
    title: 'kafka-configs --alter a SCRAM user',
    main: 'kafka.admin.ConfigCommand',
    args: [
      ...['--alter', '--entity-type', 'users', '--entity-name', 'bob'],
      ...['--add-config', 'SCRAM-SHA-256=[iterations=4096,password=bobs-secret]'],
    ],
    expect: /Completed updating config/,
  },
  {
    title: 'kafka-configs --describe a SCRAM user',
    main: 'kafka.admin.ConfigCommand',
    args: ['--describe', '--entity-type', 'users', '--entity-name', 'bob'],
    expect: /SCRAM-SHA-256=iterations=4096/,
  },
  {
    title: 'kafka-acls --add',
    main: `${T}AclCommand`,
    args: ['--add', ...acl],
    expect: /Adding ACLs[\s\S]*User:someone/,
  },
  { title: 'kafka-acls --list', main: `${T}AclCommand`, args: ['--list'], expect: /User:someone[\s\S]*READ/ },
  {
    title: 'kafka-acls --remove',
    main: `${T}AclCommand`,
    args: ['--remove', '--force', ...acl],
    expect: /^/,
  },
  {
    title: 'kafka-transactions list',
    main: `${T}TransactionsCommand`,
    args: ['list'],
    expect: /TransactionalId/,
  },
  {
    title: 'kafka-transactions find-hanging',
    main: `${T}TransactionsCommand`,
    args: ['find-hanging', '--broker-id', '0'],
    expect: /^/,
  },
  {
    title: 'kafka-transactions describe-producers',
    main: `${T}TransactionsCommand`,
    args: ['describe-producers', '--topic', TOPIC, '--partition', '0'],
    expect: /ProducerId/,
  },
  {
    title: 'kafka-broker-api-versions',
    main: `${T}BrokerApiVersionsCommand`,
    args: [],
    expect: /Produce\(0\): 0 to \d+[\s\S]*ConsumerGroupHeartbeat\(68\)/,
  },
  {
    title: 'kafka-cluster cluster-id',
    main: `${T}ClusterTool`,
    args: ['cluster-id'],
    expect: /Cluster ID: \S+/,
  },
  {
    title: 'kafka-metadata-quorum describe --status',
    main: `${T}MetadataQuorumCommand`,
    args: ['describe', '--status'],
    expect: /LeaderId:\s+0/,
  },
  {
    title: 'kafka-log-dirs --describe',
    main: `${T}LogDirsCommand`,
    args: ['--describe', '--topic-list', TOPIC],
    expect: /"partition":"console-0"/,
  },
  {
    title: 'kafka-leader-election',
    main: `${T}LeaderElectionCommand`,
    args: ['--election-type', 'preferred', '--topic', TOPIC, '--partition', '0'],
    expect: /already elected|Successfully completed/,
  },
  {
    title: 'kafka-delete-records',
    main: `${T}DeleteRecordsCommand`,
    args: ['--offset-json-file', join(cache, 'delete-records.json')],
    expect: /partition: console-0\s+low_watermark: 0/,
  },
  {
    title: 'kafka-producer-perf-test',
    main: `${T}ProducerPerformance`,
    args: ['--topic', TOPIC, '--num-records', '5000', '--record-size', '100', '--throughput', '-1'],
    expect: /5000 records sent/,
  },
  {
    title: 'kafka-consumer-perf-test',
    main: `${T}ConsumerPerformance`,
    args: ['--topic', TOPIC, '--messages', '5000', '--timeout', '15000'],
    expect: /data\.consumed\.in\.MB[\s\S]*\n.*, 500\d,/,
  },
  {
    title: 'kafka-topics --delete',
    main: `${T}TopicCommand`,
    args: ['--delete', '--topic', TOPIC],
    expect: /^/,
  },
]

export async function consoleTools(stage: Stage): Promise<void> {
  const { report, plain, tools: found } = stage
  if (found.java !== undefined) return report.skipped('console tools', found.java)
  const request = { version: 1, partitions: [{ topic: TOPIC, partition: 0, offset: 0 }] }
  writeFileSync(join(cache, 'delete-records.json'), JSON.stringify(request))
  for (const tool of tools)
    await report.run(tool.title, async () => {
      const done = await call(plain, tool)
      has(done, tool.expect, 'output')
    })
  await report.run('a user made by kafka-configs can log in', () => logInAsBob(stage))
}

async function call(target: Target, { main, args, input, title }: Tool): Promise<string> {
  const where =
    /perf-test/.test(title) && main.endsWith('ProducerPerformance') ? perf(target) : server(target)
  const verb = /kafka-cluster|kafka-metadata-quorum|kafka-transactions/.test(title) ? args : []
  const rest = verb.length === 0 ? [...where, ...args] : placed(title, where, args)
  const program = { command: 'java', args: [...javaArgs, main, ...rest], timeoutMs: 40_000 }
  const done = await succeed({ ...program, ...(input !== undefined && { input }) })
  return `${done.stdout}\n${done.stderr}`
}

const server = ({ bootstrap }: Target): string[] => ['--bootstrap-server', bootstrap]
const perf = ({ bootstrap }: Target): string[] => [
  '--producer-props',
  `bootstrap.servers=${bootstrap}`,
  'acks=all',
]

/** kafka-cluster takes the server after its verb, the others before. */
function placed(title: string, where: readonly string[], args: readonly string[]): string[] {
  return title.startsWith('kafka-cluster') ? [...args, ...where] : [...where, ...args]
}

async function logInAsBob({ secured }: Stage): Promise<void> {
  const target = secured('SCRAM-SHA-256', 'bobs-secret')
  if (target?.security === undefined) skip('there is no TLS listener')
  const admin = kafka({ ...target, security: { ...target.security, username: 'bob' } }).admin()
  await admin.connect()
  await admin.disconnect()
}
