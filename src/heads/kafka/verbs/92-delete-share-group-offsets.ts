// DeleteShareGroupOffsets (KIP-932): a share group without members forgets how far it came in a topic; when it reads it
// again, it begins where its settings say.

import { kafkaErrors } from '../errors.ts'
import { inGroup } from '../group.ts'
import { type Outcome, refused, succeeded } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { DeleteShareGroupOffsets } from '../wire/index.ts'
import { ZERO_UUID } from '../wire/kinds.ts'

type Request = RequestOf<typeof DeleteShareGroupOffsets>

export const deleteShareGroupOffsets = verb(DeleteShareGroupOffsets, {
  async handle({ groupId, topics }, call) {
    const rows = topics.map(({ topicName }) => ({ topicName, ...placeOf(topicName, call) }))
    const ids = rows.flatMap(({ topicId, errorCode }) => (errorCode === kafkaErrors.NONE ? [topicId] : []))
    await inGroup(call, 'delete', groupId, () => call.kafka.broker.shareGroups.deleteOffsets(groupId, ids))
    return { errorCode: kafkaErrors.NONE, errorMessage: null, responses: rows }
  },
  refuse: (_: Request, errorCode, errorMessage) => ({ errorCode, errorMessage, responses: [] }),
})

function placeOf(topicName: string, { kafka, allows }: Call): { readonly topicId: string } & Outcome {
  if (!allows('read', 'topic', topicName))
    return {
      topicId: ZERO_UUID,
      ...refused('TOPIC_AUTHORIZATION_FAILED', 'This client may not read the topic.'),
    }
  const topic = kafka.broker.topics.get(topicName)
  if (topic === undefined)
    return {
      topicId: ZERO_UUID,
      ...refused('UNKNOWN_TOPIC_OR_PARTITION', `There is no topic '${topicName}'.`),
    }
  return { topicId: topic.id, ...succeeded }
}
