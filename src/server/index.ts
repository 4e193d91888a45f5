// The door of server/, and of the package: a broker in this process.
//
//   import { start } from 'posthorn'
//
//   await using broker = await start()                   // in memory, on a free port of 127.0.0.1
//   const kafka = new Kafka(broker.kafka.clientConfig()) // kafkajs; or broker.kafka.brokers, broker.env()
//   ...
//   await broker.reset()                                 // between tests: as if just started
//
//   const durable = await start({
//     storage: { directory: './data' },
//     kafka: { host: '0.0.0.0', port: 9092, sasl: ['SCRAM-SHA-512'] },
//     users: [{ name: 'ann', password: process.env.ANN_PASSWORD ?? '' }],
//     http: { port: 9644 },
//   })
//   durable.failed.then(async reason => { ... })          // the disk refused: nothing more is acknowledged
//   await durable.close()

export type { OauthSettings } from '../auth/index.ts'
export type { Clock } from './clock.ts'
export { type Given, loadConfig, type ServerConfig } from './config/index.ts'
export { ServerError, type ServerErrorCode, serverErrors } from './errors.ts'
export {
  type AmqpListener,
  type AmqpSaslName,
  amqpSaslNames,
  type HttpListener,
  type KafkaListener,
  type ManagementListener,
  type SaslName,
  saslNames,
} from './listeners.ts'
export { planOf, type StartOptions } from './plan.ts'
export type { PutOptions, QueueFace, QueueOptions, TakenMessage } from './queue-face.ts'
export {
  lineReporter,
  type ReportFormat,
  type ReportLevel,
  type ReportOptions,
  reportLevels,
} from './report.ts'
export {
  type AmqpFace,
  type ClientConfig,
  type HttpFace,
  type KafkaFace,
  type OpenListener,
  RunningBroker,
} from './running.ts'
export { start } from './start.ts'
export { type FlushMode, flushModes, type Storage } from './storage.ts'
export type { ConfiguredUser } from './users.ts'
export { packageVersion } from './version.ts'
