// `posthorn group ls`: the consumer groups of a cluster. Each broker knows those that it coordinates, so all are asked.

import { ListGroups } from '../../../heads/kafka/wire/index.ts'
import { defineCommand } from '../../command.ts'
import type { Client } from '../../kafka/client.ts'
import { check } from '../../kafka/faults.ts'
import { connectionOptions, withClient } from '../../kafka/options.ts'

export const groupLs = defineCommand({
  path: ['group', 'ls'],
  aliases: ['list'],
  summary: 'List consumer groups',
  examples: [{ text: 'All groups of a cluster', command: 'posthorn group ls' }],
  options: connectionOptions,
  columns: {
    group: { type: 'string', summary: 'Name of the group' },
    state: { type: 'string', summary: 'Empty, Stable, PreparingRebalance, ...' },
    type: { type: 'string', summary: 'classic, or consumer for the protocol of KIP-848' },
    protocol: { type: 'string', summary: 'What the members speak: consumer for consumers', wide: true },
    coordinator: { type: 'integer', summary: 'Id of the broker that coordinates it', wide: true },
  },
  async run(context) {
    const rows = await withClient(context, async client => {
      await client.cluster.refresh([])
      return (await Promise.all(client.cluster.nodeIds.map(node => groupsOf(client, node)))).flat()
    })
    rows.sort((a, b) => (a.group < b.group ? -1 : 1))
    await context.output.rows(rows, { empty: 'There are no consumer groups.' })
  },
})

async function groupsOf(client: Client, node: number) {
  const request = { statesFilter: [], typesFilter: [] }
  const { groups } = await client.askNode(node, ListGroups, request, ({ errorCode }) =>
    check(errorCode, `the groups of broker ${node}`),
  )
  return groups.map(({ groupId, groupState, groupType, protocolType }) => ({
    group: groupId,
    state: groupState,
    type: groupType.toLowerCase(),
    protocol: protocolType,
    coordinator: node,
  }))
}
