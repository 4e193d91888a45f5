// The door of broker/: the neutral model of topics, groups, transactions and access. It knows no protocol.

export {
  QUOTA_ENTITIES_MAX,
  type QuotaAlteration,
  type QuotaEntity,
  type QuotaFilterPart,
  type QuotaValues,
  quotaKinds,
} from './access/quotas.ts'
export { Broker, type BrokerOptions } from './broker.ts'
export { BrokerError, type BrokerErrorCode, brokerErrors, RecordsRefused } from './errors.ts'
export {
  type GroupSettingRow,
  type GroupSettings,
  groupSettingRow,
  groupSettings,
} from './group-settings.ts'
export type { Left } from './groups/classic/request.ts'
export { type Assignment, assignmentOf } from './groups/consumer/assignment.ts'
export type { Groups } from './groups/groups.ts'
export { METADATA_LOG } from './journal.ts'
export type { Appended, Isolation, Partition } from './partition/partition.ts'
export { type Found, firstAtOrAfter, latestByTime } from './partition/search.ts'
export { textFields } from './queues/text-fields.ts'
export { checkBrokerSetting, type LeveledValue, type Settings } from './settings.ts'
export { ASSIGNOR as SHARE_ASSIGNOR } from './share/assign.ts'
export type { ShareGroups } from './share/share-groups.ts'
export type {
  Acknowledgement,
  SharePartition,
  ShareReading,
  ShareTaker,
} from './share/share-partition.ts'
export { NOTHING_TAKEN, type Taking } from './share/taken.ts'
export { storageError } from './storage-error.ts'
export {
  checkSettings,
  listOf,
  plainValue,
  type SettingRow,
  settingRow,
  type TopicSettings,
  topicSettings,
} from './topics/settings.ts'
export type { Replicas, Topic, TopicDefinition } from './topics/topic.ts'
export type { NewTopic, Topics } from './topics/topics.ts'
export { checkTopicName, TOPIC_NAME_LENGTH_MAX } from './topics/topics.ts'
export type { Transactions } from './transactions/coordinator.ts'
export type { ProducerIdentity, Transaction, TransactionState } from './transactions/machine.ts'
