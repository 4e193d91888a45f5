// DeleteTopics: by name, since version 6 also by id (KIP-516). What groups committed for a topic goes with it.

import type { Topic } from '../../../broker/index.ts'
import { BrokerError } from '../../../broker/index.ts'
import { KafkaRefusal, kafkaErrors } from '../errors.ts'
import { demand, failed, type Outcome, repeatedIn, succeeded } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { DeleteTopics } from '../wire/index.ts'
import { ZERO_UUID } from '../wire/kinds.ts'

type Request = RequestOf<typeof DeleteTopics>
interface Named {
  readonly name: string | null
  readonly topicId: string
}

/** Since this version there is a code for it that deletion is switched off. */
const DISABLED_VERSION = 3

export const deleteTopics = verb(DeleteTopics, {
  async handle(request, call) {
    checkEnabled(call)
    const named = namedIn(request)
    const repeated = repeatedIn(named.map(keyOf))
    // One row for what is named twice.
    const each = new Map(named.map(one => [keyOf(one), one]))
    const rows = Array.from(each, ([key, one]) => remove(one, repeated.has(key), call))
    return { responses: await Promise.all(rows) }
  },
  refuse: (request, errorCode, errorMessage) => ({
    responses: namedIn(request).map(named => row(named, { errorCode, errorMessage })),
  }),
})

function checkEnabled({ kafka, version }: Call): void {
  if (kafka.broker.settings.boolean('delete.topic.enable')) return
  const error = version < DISABLED_VERSION ? 'INVALID_REQUEST' : 'TOPIC_DELETION_DISABLED'
  throw new KafkaRefusal(error, 'Topic deletion is disabled (delete.topic.enable).')
}

function namedIn({ topics, topicNames }: Request): readonly Named[] {
  return topicNames.length > 0 ? topicNames.map(name => ({ name, topicId: ZERO_UUID })) : topics
}

function keyOf({ name, topicId }: Named): string {
  return name ?? `id ${topicId}`
}

async function remove(named: Named, repeated: boolean, call: Call) {
  try {
    if (repeated) throw new BrokerError('REQUEST_INVALID', 'Duplicate topic name or id.')
    const topic = find(named, call)
    await call.kafka.broker.deleteTopic(topic.name)
    return row(topic, succeeded)
  } catch (error) {
    return row(named, failed(call, error))
  }
}

function find(named: Named, call: Call): Topic {
  const { name, topicId } = named
  const { topics } = call.kafka.broker
  if (name !== null && topicId !== ZERO_UUID)
    throw new BrokerError('REQUEST_INVALID', 'You may not specify both topic name and topic id.')
  if (name !== null) {
    demand(call, 'delete', 'topic', name)
    return topics.require(name)
  }
  if (topicId === ZERO_UUID)
    throw new BrokerError('REQUEST_INVALID', 'Neither topic name nor id were specified.')
  const topic = topics.byId(topicId)
  // Whoever may not see the topic must not learn that the id exists.
  if (topic === undefined || !call.allows('describe', 'topic', topic.name))
    throw new KafkaRefusal('UNKNOWN_TOPIC_ID', `There is no topic with the id ${topicId}.`)
  demand(call, 'delete', 'topic', topic.name)
  return topic
}

function row(named: Named | Topic, outcome: Outcome) {
  const topicId = 'id' in named ? named.id : named.topicId
  return { name: outcome.errorCode === kafkaErrors.UNKNOWN_TOPIC_ID ? null : named.name, topicId, ...outcome }
}
