// ListGroups: every group that the client may see, by state (since version 4) and type (since 5).

import { kafkaErrors } from '../errors.ts'
import { coordinates } from '../place.ts'
import { verb } from '../verb.ts'
import { ListGroups } from '../wire/index.ts'

export const listGroups = verb(ListGroups, {
  handle({ statesFilter, typesFilter }, call) {
    const seesAll = call.allows('describe', 'cluster', 'kafka-cluster')
    const { groups: others, shareGroups } = call.kafka.broker
    const wantsShare = typesFilter.length === 0 || typesFilter.some(type => type.toLowerCase() === 'share')
    const groups = [
      ...others.list({ states: statesFilter, types: typesFilter }),
      ...(wantsShare ? shareGroups.list(statesFilter) : []).map(
        one => ({ ...one, type: 'share', protocolType: 'share' }) as const,
      ),
    ].filter(
      ({ groupId }) => coordinates(groupId, call) && (seesAll || call.allows('describe', 'group', groupId)),
    )
    return {
      errorCode: kafkaErrors.NONE,
      groups: groups.map(({ groupId, protocolType, state, type }) => ({
        groupId,
        protocolType,
        groupState: state,
        groupType: type,
      })),
    }
  },
  refuse: (_, errorCode) => ({ errorCode, groups: [] }),
})
