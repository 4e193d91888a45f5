// The door of the Kafka head.

export { Kafka, type KafkaListenerOptions, type KafkaOptions } from './head.ts'
export { type Limits as KafkaLimits, limitSettings, limits as kafkaLimits } from './limits.ts'
