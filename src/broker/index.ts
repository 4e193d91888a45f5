// The door of broker/: the neutral model of topics, groups, transactions and access. It knows no protocol.

export { Broker, type BrokerOptions } from './broker.ts'
export { BrokerError, type BrokerErrorCode, brokerErrors } from './errors.ts'
export type { Appended, Isolation, Partition } from './partition/partition.ts'
export { type Found, firstAtOrAfter, latestByTime } from './partition/search.ts'
export { checkBrokerSetting, type Settings } from './settings.ts'
export { storageError } from './storage-error.ts'
export {
  checkSetting,
  listOf,
  type SettingRow,
  settingRow,
  type TopicSettings,
  topicSettings,
} from './topics/settings.ts'
export type { Topic, TopicDefinition } from './topics/topic.ts'
export type { NewTopic, Topics } from './topics/topics.ts'
