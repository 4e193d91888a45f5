// Consumer groups: two members share the partitions, one leaves, the other takes over where it stopped, and a later
// member goes on from the committed offsets. The same story for every client, and once for all of them in one group.

import type { Client, Member } from '../client.ts'
import { kafka } from '../clients/kafkajs.ts'
import { programClient } from '../clients/program.ts'
import { same, until } from '../report.ts'
import type { Stage } from '../stage.ts'
import { javaArgs } from '../tools.ts'

const PARTITIONS = 4
const BURST = 20

export async function groups(stage: Stage): Promise<void> {
  const { report, tools } = stage
  const clients = stage.clients.filter(({ name }) => name !== 'Java')
  await Promise.all(clients.map(client => report.run(`${client.name}: ${STORY}`, () => story(stage, client))))
  if (tools.java !== undefined) return
  await Promise.all(
    ['classic', 'consumer'].map(protocol =>
      report.run(`Java, group.protocol=${protocol}: ${STORY}`, () => story(stage, javaMember(protocol))),
    ),
  )
  for (const [first, then] of [
    ['classic', 'consumer'],
    ['consumer', 'classic'],
  ] as const)
    await report.run(`Java: a member of group.protocol=${then} joins one of ${first} in its group`, () =>
      migrates(stage, first, then),
    )
  await report.run('members of different clients share one group', () => mixed(stage))
}

const STORY = 'two members share, one leaves, committed offsets go on'

function javaMember(protocol: string): Client {
  return programClient({
    ...{ name: `Java-${protocol}`, command: 'java', args: [...javaArgs, 'Client'] },
    ...{ codecs: ['none'], transactions: false, more: { protocol } },
  })
}

async function story({ plain }: Stage, client: Client): Promise<void> {
  const topic = `shared-${client.name}`
  const source = await openSource(plain.bootstrap, topic)
  const join = (): Member => client.member(plain, topic, `group-${client.name}`)
  try {
    const first = join()
    await has(first, PARTITIONS)
    await reads(first, await source.burst('a'))
    const second = join()
    await has(second, PARTITIONS / 2)
    await has(first, PARTITIONS / 2)
    await first.leave()
    await has(second, PARTITIONS)
    await reads(second, await source.burst('b'))
    await second.leave()
    const third = join()
    await has(third, PARTITIONS)
    await reads(third, await source.burst('c'))
    await third.leave()
  } finally {
    await source.close()
  }
}

/** The first member has the group for itself, shares it with one of the other protocol, and leaves it to that one. */
async function migrates({ plain }: Stage, first: string, then: string): Promise<void> {
  const topic = `moves-${first}-${then}`
  const source = await openSource(plain.bootstrap, topic)
  const join = (protocol: string): Member => javaMember(protocol).member(plain, topic, `group-${topic}`)
  try {
    const old = join(first)
    await has(old, PARTITIONS)
    await reads(old, await source.burst('a'))
    const fresh = join(then)
    await has(fresh, PARTITIONS / 2)
    await has(old, PARTITIONS / 2)
    await allRead([old, fresh], 'b', await source.burst('b'))
    await old.leave()
    await has(fresh, PARTITIONS)
    await allRead([fresh], 'c', await source.burst('c'))
    const again = join(first)
    await has(again, PARTITIONS / 2)
    await fresh.leave()
    await has(again, PARTITIONS)
    await allRead([again], 'd', await source.burst('d'))
    await again.leave()
    const all = [old, fresh, again].flatMap(member => member.values())
    same(all.length, new Set(all).size, 'values that were read, and different ones among them')
  } finally {
    await source.close()
  }
}

/** Each of the values is read by one of the members. */
async function allRead(members: readonly Member[], tag: string, values: readonly string[]): Promise<void> {
  const found = () => members.flatMap(one => one.values()).filter(value => value.startsWith(tag))
  await until(`the members read ${tag}`, () => (found().length >= values.length ? true : undefined))
  same(found().sort(), values, 'values')
}

async function mixed({ plain, clients }: Stage): Promise<void> {
  const topic = 'shared-by-all'
  const source = await openSource(plain.bootstrap, topic)
  try {
    // kafkajs offers no assignor that the others have.
    const able = clients.filter(({ name }) => name !== 'kafkajs').slice(0, PARTITIONS)
    const members = able.map(client => client.member(plain, topic, 'group-of-all'))
    const shares = () => members.flatMap(member => member.assigned() ?? []).sort()
    await until('each has a partition', () =>
      members.every(member => (member.assigned()?.length ?? 0) >= 1) && shares().length === PARTITIONS
        ? true
        : undefined,
    )
    same(shares(), [0, 1, 2, 3], 'partitions')
    const values = await source.burst('m')
    const all = () => members.flatMap(member => member.values()).sort()
    await until('all is read', () => (all().length >= values.length ? true : undefined))
    same(all(), values, 'values')
    await Promise.all(members.map(member => member.leave()))
  } finally {
    await source.close()
  }
}

/** Writes to every partition of a new topic. */
async function openSource(bootstrap: string, topic: string) {
  const client = kafka({ bootstrap })
  const admin = client.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }] })
  await admin.disconnect()
  const producer = client.producer()
  await producer.connect()
  return {
    /** Gives the values, sorted. */
    async burst(tag: string): Promise<string[]> {
      const values = Array.from({ length: BURST }, (_, n) => `${tag}${String(n).padStart(2, '0')}`)
      await producer.send({
        topic,
        messages: values.map((value, n) => ({ value, partition: n % PARTITIONS })),
      })
      return values
    },
    close: () => producer.disconnect(),
  }
}

function has(member: Member, partitions: number): Promise<true> {
  return until(`a member has ${partitions} partitions`, () =>
    member.assigned()?.length === partitions ? true : undefined,
  )
}

/** Just these values are new to the member. */
async function reads(member: Member, values: readonly string[]): Promise<void> {
  const tag = values[0]?.[0] ?? ''
  const found = () => member.values().filter(value => value.startsWith(tag))
  await until(`the member reads ${tag}`, () => (found().length >= values.length ? true : undefined))
  same(found().sort(), values, 'values')
  const others = member.values().filter(value => value[0] !== undefined && value[0] < tag)
  same(others, [], 'values that others had committed')
}
