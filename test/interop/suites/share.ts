// Share groups (KIP-932) with Kafka's own KafkaShareConsumer and console tools: members share one partition record by
// record, accept, release and reject, and what a member does not settle comes again.

import { createInterface } from 'node:readline'
import type { Producer } from 'kafkajs'
import type { Target } from '../client.ts'
import { kafka } from '../clients/kafkajs.ts'
import { launch, succeed } from '../processes.ts'
import { has, same, until as untilWithin } from '../report.ts'
import type { Stage } from '../stage.ts'
import { javaArgs } from '../tools.ts'

const T = 'org.apache.kafka.tools.'
const LOCK_MS = 1500
/** A virtual machine of Java takes its time on a busy machine, ms. */
const LIMIT_MS = 60_000
/** Time in which what must not come would have come, ms. */
const QUIET_MS = 600
/** Bursts until both of two members have something, and ms between them: the second may take a while to begin. */
const ROUNDS_MAX = 100
const ROUND_MS = 100

interface Given {
  readonly value: string
  readonly offset: number
  readonly deliveries: number
}

interface Member {
  readonly given: readonly Given[]
  readonly errors: readonly string[]
  ready(): Promise<true>
  leave(): Promise<void>
  kill(): void
}

export async function shareGroups(stage: Stage): Promise<void> {
  const { report, tools, plain } = stage
  if (tools.java !== undefined) return report.skipped('share groups', tools.java)
  const cases: readonly (readonly [title: string, body: (scene: Scene) => Promise<void>])[] = [
    ['implicit: what one member accepted, the next does not get', implicit],
    ['two members share one partition, each record goes to one', sharing],
    ['explicit: released records come again, rejected ones do not', explicit],
    ['what a killed member had comes again at once', killed],
    ['what a member keeps too long comes again when its lock ends', expired],
    ['a group without members begins anew where an administrator says', reset],
    ['records of a transaction that was aborted are not given to readers of committed ones', committed],
  ]
  for (const [n, [title, body]] of cases.entries())
    await report.run(`Java share consumer, ${title}`, async () => {
      const scene = await openScene(plain, `share-${n}`)
      try {
        await body(scene)
      } finally {
        await scene.close()
      }
    })
  for (const { title, main, args, expect } of consoleTools)
    await report.run(title, async () => {
      const bootstrap = ['--bootstrap-server', plain.bootstrap]
      const done = await succeed({ command: 'java', args: [...javaArgs, main, ...bootstrap, ...args] })
      has(done.stdout.toString(), expect, title)
    })
}

async function implicit({ join, send }: Scene): Promise<void> {
  const first = join({ mode: 'implicit' })
  await first.ready()
  await send('a', 20)
  await until('the first has all', () => (first.given.length >= 20 ? true : undefined))
  await first.leave()
  const second = join({ mode: 'implicit' })
  await second.ready()
  await send('b', 5)
  await until('the second has what is new', () => (second.given.length >= 5 ? true : undefined))
  same(valuesOf(second), named('b', 5), 'values of the second')
  same([...first.errors, ...second.errors], [], 'errors')
  await second.leave()
}

async function sharing({ join, send }: Scene): Promise<void> {
  const members = [
    join({ mode: 'implicit', maxPollRecords: 5 }),
    join({ mode: 'implicit', maxPollRecords: 5 }),
  ]
  await Promise.all(members.map(member => member.ready()))
  const all = () => members.flatMap(valuesOf)
  for (let n = 0; n < ROUNDS_MAX && members.some(({ given }) => given.length === 0); n++) {
    await send(`r${String(n).padStart(2, '0')}-`, 20)
    await until('all is given', () => (all().length >= 20 * (n + 1) ? true : undefined))
    await pause(ROUND_MS)
  }
  for (const { given } of members) if (given.length === 0) throw new Error('one member was given nothing')
  await quiet()
  same(all().length, new Set(all()).size, 'records that were given twice')
  for (const member of members) await member.leave()
}

async function explicit({ join, send }: Scene): Promise<void> {
  const member = join({ mode: 'explicit', acts: { a01: 'release', a02: 'reject' } })
  await member.ready()
  await send('a', 4)
  await until('one comes again', () => (member.given.length >= 5 ? true : undefined))
  await quiet()
  const rows = member.given.map(({ value, deliveries }) => `${value}*${deliveries}`).sort()
  same(rows, ['a00*1', 'a01*1', 'a01*2', 'a02*1', 'a03*1'], 'records')
  same(member.errors, [], 'errors')
  await member.leave()
}

async function killed({ join, send, configure }: Scene): Promise<void> {
  // Far longer than a slow machine needs to see that a connection ended, so that it cannot be the lock that ends.
  await configure({ 'share.record.lock.duration.ms': '60000' })
  const first = join({ mode: 'explicit', acts: { a00: 'hold' } })
  await first.ready()
  await send('a', 1)
  await until('the first has it', () => (first.given.length === 1 ? true : undefined))
  const second = join({ mode: 'explicit' })
  await second.ready()
  await quiet()
  same(second.given, [], 'what the second has before')
  first.kill()
  await until('the second has it', () => (second.given.length === 1 ? true : undefined), 40_000)
  const [given] = second.given
  same([given?.value, given?.offset], ['a00', 0], 'what the second has')
  // More than two when its lock ended once more before a slow member had it.
  if ((given?.deliveries ?? 0) < 2) throw new Error(`it was delivered ${given?.deliveries} times`)
  await second.leave()
}

async function expired({ join, send, configure }: Scene): Promise<void> {
  await configure({ 'share.record.lock.duration.ms': String(LOCK_MS) })
  const first = join({ mode: 'explicit', acts: { a00: 'hold' } })
  await first.ready()
  await send('a', 1)
  await until('the first has it', () => (first.given.length === 1 ? true : undefined))
  const began = performance.now()
  const second = join({ mode: 'explicit' })
  await until('the second has it', () => (second.given.length === 1 ? true : undefined))
  if (performance.now() - began < LOCK_MS - 500) throw new Error('it came before the lock ended')
  const [given] = second.given
  same([given?.value, given?.offset], ['a00', 0], 'what the second has')
  // More than two when its lock ended once more before a slow member had it.
  if ((given?.deliveries ?? 0) < 2) throw new Error(`it was delivered ${given?.deliveries} times`)
  await Promise.all([first.leave(), second.leave()])
}

async function reset({ join, send, resetTo }: Scene): Promise<void> {
  const first = join({ mode: 'implicit' })
  await first.ready()
  await send('a', 3)
  await until('the first has all', () => (first.given.length >= 3 ? true : undefined))
  await first.leave()
  same(await resetTo(1), 1, 'start')
  const second = join({ mode: 'implicit' })
  await until('the second has the rest again', () => (second.given.length >= 2 ? true : undefined))
  same(valuesOf(second), ['a01', 'a02'], 'values of the second')
  await second.leave()
}

async function committed({ join, send, configure, transact }: Scene): Promise<void> {
  await configure({ 'share.isolation.level': 'read_committed' })
  const member = join({ mode: 'explicit' })
  await transact('aborted', false)
  await transact('kept', true)
  await send('a', 1)
  await until('the member has two', () => (member.given.length >= 2 ? true : undefined))
  await quiet()
  same(valuesOf(member), ['a00', 'kept'], 'values')
  await member.leave()
}

interface Scene {
  /** A member of the scene's group. */
  join(order: object): Member
  /** `<tag>00`, `<tag>01`, ... */
  send(tag: string, count: number): Promise<void>
  transact(value: string, commits: boolean): Promise<void>
  configure(configs: Readonly<Record<string, string>>): Promise<void>
  /** Gives where the group begins then. */
  resetTo(offset: number): Promise<number>
  close(): Promise<void>
}

/** A topic of one partition, and a group that begins at its start. */
async function openScene(target: Target, topic: string): Promise<Scene> {
  const group = `${topic}-group`
  const client = kafka(target)
  const admin = client.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
  await admin.disconnect()
  const producer: Producer = client.producer()
  await producer.connect()
  const order = (rest: object) => ({
    command: 'java',
    args: [...javaArgs, 'Client', JSON.stringify({ ...target, topic, group, ...rest })],
  })
  const configure = async (configs: Readonly<Record<string, string>>): Promise<void> => {
    await succeed(order({ do: 'configure-group', configs }))
  }
  await configure({ 'share.auto.offset.reset': 'earliest' })
  const members: Member[] = []
  return {
    join(rest) {
      const member = openMember(order({ do: 'share', ...rest }))
      members.push(member)
      return member
    },
    async send(tag, count) {
      await producer.send({ topic, messages: named(tag, count).map(value => ({ value })) })
    },
    async transact(value, commits) {
      const one = client.producer({
        transactionalId: `${topic}-txn`,
        idempotent: true,
        maxInFlightRequests: 1,
      })
      await one.connect()
      const transaction = await one.transaction()
      await transaction.send({ topic, messages: [{ value }] })
      await (commits ? transaction.commit() : transaction.abort())
      await one.disconnect()
    },
    configure,
    async resetTo(offset) {
      const { stdout } = await succeed(order({ do: 'reset-group', offset }))
      return (JSON.parse(stdout.toString()) as { readonly offset: number }).offset
    },
    async close() {
      for (const member of members) member.kill()
      await producer.disconnect()
    },
  }
}

function openMember(program: { readonly command: string; readonly args: readonly string[] }): Member {
  const child = launch(program)
  const given: Given[] = []
  const errors: string[] = []
  let isReady = false
  let said = ''
  const gone = new Promise<number | null>(resolve => child.once('exit', resolve))
  child.stderr?.on('data', chunk => {
    said = (said + chunk).slice(-1000)
  })
  if (child.stdout !== null)
    createInterface(child.stdout).on('line', line => {
      const event = JSON.parse(line) as Partial<Given> & { readonly error?: string; readonly ready?: boolean }
      if (event.ready === true) isReady = true
      else if (event.error !== undefined) errors.push(event.error)
      else given.push(event as Given)
    })
  return {
    given,
    errors,
    ready: () =>
      until('the member is ready', () => {
        if (child.exitCode !== null) throw new Error(`the member ended: ${said}`)
        return isReady ? true : undefined
      }),
    async leave() {
      child.stdin?.end('\n')
      const code = await gone
      if (code !== 0) throw new Error(`the member ended with ${code}: ${said}`)
    },
    kill() {
      child.kill('SIGKILL')
    },
  }
}

function until<T>(what: string, found: () => T | undefined, limitMs = LIMIT_MS): Promise<T> {
  return untilWithin(what, found, limitMs)
}

function named(tag: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${tag}${String(n).padStart(2, '0')}`)
}

function valuesOf({ given }: Member): string[] {
  return given.map(({ value }) => value).sort()
}

function quiet(): Promise<void> {
  return pause(QUIET_MS)
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

const TOPIC = 'share-console'
const GROUP = 'share-console-group'
const shareGroupCommand = `${T}consumer.group.ShareGroupCommand`

interface ConsoleTool {
  readonly title: string
  readonly main: string
  readonly args: readonly string[]
  readonly expect: RegExp
}

/** In this order: later ones look at what earlier ones did. */
const consoleTools: readonly ConsoleTool[] = [
  {
    title: 'kafka-features describe',
    main: `${T}FeatureCommand`,
    args: ['describe'],
    expect: /share\.version.*FinalizedVersionLevel: 1/,
  },
  {
    title: 'kafka-topics --create for the share group',
    main: `${T}TopicCommand`,
    args: ['--create', '--topic', TOPIC, '--partitions', '2'],
    expect: /Created topic/,
  },
  {
    title: 'kafka-verifiable-producer',
    main: `${T}VerifiableProducer`,
    args: ['--topic', TOPIC, '--max-messages', '10'],
    expect: /"acked":10/,
  },
  {
    title: 'kafka-configs --alter a group',
    main: 'kafka.admin.ConfigCommand',
    args: [
      ...['--alter', '--entity-type', 'groups', '--entity-name', GROUP],
      ...['--add-config', 'share.auto.offset.reset=earliest,share.record.lock.duration.ms=20000'],
    ],
    expect: /Completed updating config/,
  },
  {
    title: 'kafka-configs --describe a group',
    main: 'kafka.admin.ConfigCommand',
    args: ['--describe', '--entity-type', 'groups', '--entity-name', GROUP],
    expect: /share\.auto\.offset\.reset=earliest/,
  },
  {
    title: 'kafka-console-share-consumer',
    main: `${T}consumer.ConsoleShareConsumer`,
    args: ['--topic', TOPIC, '--group', GROUP, '--max-messages', '10', '--timeout-ms', '15000'],
    expect: /^([0-9]\n){10}/,
  },
  {
    title: 'kafka-share-groups --list --state',
    main: shareGroupCommand,
    args: ['--list', '--state'],
    expect: /share-console-group\s+Empty/,
  },
  {
    title: 'kafka-groups --list --share',
    main: `${T}GroupsCommand`,
    args: ['--list', '--share'],
    expect: /share-console-group\s+Share\s+share/,
  },
  {
    title: 'kafka-share-groups --describe',
    main: shareGroupCommand,
    args: ['--describe', '--group', GROUP],
    expect: /share-console-group\s+share-console\s+\d\s+\d+/,
  },
  {
    title: 'kafka-share-groups --describe --state',
    main: shareGroupCommand,
    args: ['--describe', '--group', GROUP, '--state'],
    expect: /share-console-group\s+.*Empty/,
  },
  {
    title: 'kafka-share-groups --describe --members',
    main: shareGroupCommand,
    args: ['--describe', '--group', GROUP, '--members'],
    expect: /^/,
  },
  {
    title: 'kafka-share-groups --delete-offsets',
    main: shareGroupCommand,
    args: ['--delete-offsets', '--group', GROUP, '--topic', TOPIC],
    expect: /share-console\s+Successful/,
  },
  {
    title: 'kafka-share-groups --delete',
    main: shareGroupCommand,
    args: ['--delete', '--group', GROUP],
    expect: /successful/,
  },
]
