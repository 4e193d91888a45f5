// DeleteGroups: groups without members, of any kind, with their offsets.

import { inGroup } from '../group.ts'
import { outcomeOf } from '../outcome.ts'
import { verb } from '../verb.ts'
import { DeleteGroups } from '../wire/index.ts'

export const deleteGroups = verb(DeleteGroups, {
  async handle({ groupsNames }, call) {
    const results = [...new Set(groupsNames)].map(async groupId => {
      const { groups, shareGroups } = call.kafka.broker
      const owner = shareGroups.has(groupId) ? shareGroups : groups
      const remove = () => inGroup(call, 'delete', groupId, () => owner.deleteGroup(groupId))
      return { groupId, errorCode: (await outcomeOf(call, remove)).errorCode }
    })
    return { results: await Promise.all(results) }
  },
  refuse: ({ groupsNames }, errorCode) => ({ results: groupsNames.map(groupId => ({ groupId, errorCode })) }),
})
