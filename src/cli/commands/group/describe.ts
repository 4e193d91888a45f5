// `posthorn group describe`: how far a group has come in each partition, and who reads it.

import { defineCommand } from '../../command.ts'
import type { Client } from '../../kafka/client.ts'
import { committedOffsets } from '../../kafka/group/committed.ts'
import { offsetsAt, places } from '../../kafka/offsets.ts'
import { connectionOptions, withClient } from '../../kafka/options.ts'
import { type GroupMemberView, type GroupView, viewGroup } from './view.ts'

export const groupDescribe = defineCommand({
  path: ['group', 'describe'],
  summary: 'Show members and lag of a consumer group',
  description:
    'One line a partition that has a committed offset or a member, and one for each member without partitions. Lag is what is stored and not committed yet.',
  examples: [
    { text: 'Lag per partition', command: 'posthorn group describe billing' },
    { text: 'For a program', command: 'posthorn group describe billing --json' },
  ],
  arguments: [{ name: 'name', summary: 'Name of the group', required: true }],
  options: connectionOptions,
  columns: {
    group: { type: 'string', summary: 'Name of the group', wide: true },
    state: { type: 'string', summary: 'State of the group', wide: true },
    type: { type: 'string', summary: 'classic or consumer', wide: true },
    topic: { type: 'string', summary: 'Name of the topic', nullable: true },
    partition: { type: 'integer', summary: 'Number of the partition', nullable: true },
    committed: { type: 'integer', summary: 'Offset that is read next', nullable: true },
    end: { type: 'integer', summary: 'Offset of the next record', nullable: true },
    lag: { type: 'integer', summary: 'Records that wait', nullable: true },
    member: { type: 'string', summary: 'Id of the member that reads it', nullable: true },
    client: { type: 'string', summary: 'What the member calls itself', nullable: true },
    host: { type: 'string', summary: 'Where the member is', nullable: true },
  },
  async run(context) {
    const { name } = context.arguments
    const { view, rows } = await withClient(context, async client => {
      const found = await viewGroup(client, name)
      return { view: found, rows: await rowsOf(client, found) }
    })
    const { state, type, assignor, members } = view
    const speak = assignor === '' ? type : `${type}, ${assignor}`
    context.output.note(
      `group ${name}: ${state} (${speak}), ${members.length} ${members.length === 1 ? 'member' : 'members'}`,
    )
    await context.output.rows(rows, { empty: 'The group has no members and has committed nothing.' })
  },
})

async function rowsOf(client: Client, view: GroupView) {
  const { group, state, type, members } = view
  const committed = await committedOffsets(client, group)
  const owners = ownersOf(members)
  const topics = [...new Set([...committed.keys(), ...owners.keys()])].sort()
  const blocks = topics.map(async topic => {
    const own = owners.get(topic) ?? new Map<number, GroupMemberView>()
    const offsets = committed.get(topic) ?? new Map<number, number>()
    const partitions = [...new Set([...offsets.keys(), ...own.keys()])].sort((a, b) => a - b)
    const ends = await endsOf(client, topic, partitions)
    return partitions.map(partition => {
      const at = offsets.get(partition) ?? null
      const end = ends.get(partition) ?? null
      const lag = at === null || end === null ? null : Math.max(0, end - at)
      return { group, state, type, topic, partition, committed: at, end, lag, ...whoOf(own.get(partition)) }
    })
  })
  const idle = members.filter(({ assignment }) => assignment.size === 0)
  const nothing = { topic: null, partition: null, committed: null, end: null, lag: null }
  return [
    ...(await Promise.all(blocks)).flat(),
    ...idle.map(member => ({ group, state, type, ...nothing, ...whoOf(member) })),
  ]
}

/** A topic may have been deleted since the group read it. */
async function endsOf(client: Client, topic: string, partitions: readonly number[]) {
  return offsetsAt(client, topic, partitions, places.end).catch(() => new Map<number, number>())
}

function ownersOf(members: readonly GroupMemberView[]): Map<string, Map<number, GroupMemberView>> {
  const owners = new Map<string, Map<number, GroupMemberView>>()
  for (const member of members)
    for (const [topic, partitions] of member.assignment) {
      const own = owners.get(topic) ?? new Map<number, GroupMemberView>()
      for (const partition of partitions) own.set(partition, member)
      owners.set(topic, own)
    }
  return owners
}

function whoOf(member: GroupMemberView | undefined) {
  return { member: member?.memberId ?? null, client: member?.clientId ?? null, host: member?.host ?? null }
}
