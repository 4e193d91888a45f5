// ShareGroupDescribe, API key 77.

import { api } from './api.ts'
import { array, bool, int16, int32, string, struct, uuid } from './kinds.ts'

export const ShareGroupDescribe = api(
  { key: 77, name: 'ShareGroupDescribe', versions: '1', flexible: '0+' },
  {
    groupIds: array(string()),
    includeAuthorizedOperations: bool(),
  },
  {
    throttleTimeMs: int32().default(0),
    groups: array(
      struct({
        errorCode: int16(),
        errorMessage: string().nullable().default(null),
        groupId: string(),
        groupState: string(),
        groupEpoch: int32(),
        assignmentEpoch: int32(),
        assignorName: string(),
        members: array(
          struct({
            memberId: string(),
            rackId: string().nullable().default(null),
            memberEpoch: int32(),
            clientId: string(),
            clientHost: string(),
            subscribedTopicNames: array(string()),
            assignment: struct({
              topicPartitions: array(
                struct({
                  topicId: uuid(),
                  topicName: string(),
                  partitions: array(int32()),
                }),
              ),
            }),
          }),
        ),
        authorizedOperations: int32().default(-2147483648),
      }),
    ),
  },
)
