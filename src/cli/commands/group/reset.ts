// `posthorn group reset`: sets a group's offsets in a topic anew. It shows first what would change, and changes nothing
// while the group has members: they would commit their own offsets over ours.

import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'
import { partitionsOf, topicViews } from '../../kafka/admin.ts'
import { type Client, isFault } from '../../kafka/client.ts'
import { commitOffsets, committedOffsets } from '../../kafka/group/committed.ts'
import { type Offsets, offsetsAt, places } from '../../kafka/offsets.ts'
import { connectionOptions, withClient } from '../../kafka/options.ts'
import { parseStart, startOffsets } from '../../kafka/start.ts'
import { viewGroup } from './view.ts'

export const groupReset = defineCommand({
  path: ['group', 'reset'],
  summary: 'Set the offsets of a consumer group anew',
  description:
    'Shows the offsets before and after. On a terminal it then asks; in a script nothing is changed without --execute or --yes. The group must have no members. --to takes earliest, latest, an offset, a time (2026-01-31T12:00:00Z), how long ago (15m) or -N for the last N records; --by moves the committed offsets.',
  examples: [
    {
      text: 'What reading everything again would change',
      command: 'posthorn group reset billing --topic orders --to earliest',
    },
    {
      text: 'Read the last hour again',
      command: 'posthorn group reset billing --topic orders --to 1h --execute',
    },
    { text: 'Ten records back', command: 'posthorn group reset billing --topic orders --by -10 --execute' },
  ],
  arguments: [{ name: 'name', summary: 'Name of the group', required: true }],
  options: {
    ...connectionOptions,
    topic: { type: 'string', short: 't', required: true, summary: 'Name of the topic' },
    partition: { type: 'integer', short: 'p', min: 0, repeated: true, summary: 'Only this partition' },
    to: { type: 'string', valueName: 'place', summary: 'Set them to this place' },
    by: { type: 'integer', valueName: 'count', summary: 'Move them by so many records' },
    execute: { type: 'boolean', summary: 'Make the change without asking' },
  },
  columns: {
    topic: { type: 'string', summary: 'Name of the topic' },
    partition: { type: 'integer', summary: 'Number of the partition' },
    before: { type: 'integer', summary: 'Committed offset', nullable: true },
    after: { type: 'integer', summary: 'Offset that it is set to' },
    lag: { type: 'integer', summary: 'Records that wait then' },
  },
  destructive: true,
  async run(context) {
    const {
      arguments: { name },
      options,
      output,
    } = context
    const { topic, to, by, execute } = options
    if ((to === undefined) === (by === undefined))
      throw new CommandError(
        'usage',
        'give either --to or --by',
        'posthorn group reset NAME --topic T --to earliest',
      )
    await withClient(context, async client => {
      await refuseMembers(client, name)
      const partitions = await wantedPartitions(client, topic, options.partition)
      const before = (await committedOffsets(client, name)).get(topic) ?? new Map<number, number>()
      const now = context.world.now()
      const after =
        to === undefined
          ? await moved(client, topic, partitions, before, by ?? 0)
          : await startOffsets(client, topic, partitions, parseStart(to, '--to', now), 'uncommitted')
      const ends = await offsetsAt(client, topic, partitions, places.end)
      await output.rows(
        [...after].map(([partition, offset]) => ({
          topic,
          partition,
          before: before.get(partition) ?? null,
          after: offset,
          lag: Math.max(0, (ends.get(partition) ?? offset) - offset),
        })),
      )
      if (!execute && !(await agreed(context.confirm, name, topic)))
        return output.note('nothing was changed: add --execute to make the change')
      await refuseMembers(client, name)
      await commitOffsets(client, name, topic, after)
      output.note(`set the offsets of group ${name} in ${topic}`)
    })
  },
})

/** Without anybody to ask the answer is no, and no error: the preview was what was wanted. */
async function agreed(
  confirm: (question: string) => Promise<void>,
  group: string,
  topic: string,
): Promise<boolean> {
  try {
    await confirm(`Set the offsets of group ${group} in ${topic} like this?`)
    return true
  } catch (error) {
    if (error instanceof CommandError && error.exit === 'usage') return false
    throw error
  }
}

/** A group that does not exist yet may be given offsets. */
async function refuseMembers(client: Client, name: string): Promise<void> {
  try {
    const { members } = await viewGroup(client, name)
    if (members.length === 0) return
    const who = members.length === 1 ? 'a member' : `${members.length} members`
    throw new CommandError(
      'tryAgain',
      `group ${name} has ${who}: stop its consumers first`,
      `posthorn group describe ${name}`,
    )
  } catch (error) {
    if (!isFault(error, 'GROUP_ID_NOT_FOUND')) throw error
  }
}

async function wantedPartitions(
  client: Client,
  topic: string,
  wanted: readonly number[],
): Promise<readonly number[]> {
  const [view] = await topicViews(client, [topic])
  const all = view === undefined ? [] : partitionsOf(view)
  const missing = wanted.find(partition => !all.includes(partition))
  if (missing !== undefined) throw new CommandError('notFound', `topic ${topic} has no partition ${missing}`)
  return wanted.length === 0 ? all : wanted
}

/** Committed offsets moved, within what the partitions hold; partitions without one stay as they are. */
async function moved(
  client: Client,
  topic: string,
  partitions: readonly number[],
  before: Offsets,
  by: number,
): Promise<Offsets> {
  const [start, end] = await Promise.all([
    offsetsAt(client, topic, partitions, places.start),
    offsetsAt(client, topic, partitions, places.end),
  ])
  const after = new Map<number, number>()
  for (const partition of partitions) {
    const at = before.get(partition)
    if (at === undefined) continue
    const high = end.get(partition) ?? at
    after.set(partition, Math.min(high, Math.max(start.get(partition) ?? 0, at + by)))
  }
  if (after.size === 0)
    throw new CommandError(
      'notFound',
      `the group has committed nothing in ${topic}, so --by has nothing to move: use --to`,
    )
  return after
}
