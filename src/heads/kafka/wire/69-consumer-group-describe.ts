// ConsumerGroupDescribe, API key 69.

import { api } from './api.ts'
import { array, bool, int8, int16, int32, string, struct, uuid } from './kinds.ts'

export const ConsumerGroupDescribe = api(
  { key: 69, name: 'ConsumerGroupDescribe', versions: '0-1', flexible: '0+' },
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
            instanceId: string().nullable().default(null),
            rackId: string().nullable().default(null),
            memberEpoch: int32(),
            clientId: string(),
            clientHost: string(),
            subscribedTopicNames: array(string()),
            subscribedTopicRegex: string().nullable().default(null),
            assignment: struct({
              topicPartitions: array(
                struct({
                  topicId: uuid(),
                  topicName: string(),
                  partitions: array(int32()),
                }),
              ),
            }),
            targetAssignment: struct({
              topicPartitions: array(
                struct({
                  topicId: uuid(),
                  topicName: string(),
                  partitions: array(int32()),
                }),
              ),
            }),
            memberType: int8().since(1).default(-1),
          }),
        ),
        authorizedOperations: int32().default(-2147483648),
      }),
    ),
  },
)
