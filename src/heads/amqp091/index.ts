// The door of the AMQP 0-9-1 head.

export type { Product } from './capabilities.ts'
export type { Connection } from './connection.ts'
export { Amqp, type AmqpListenerOptions, type AmqpOptions, type OpenAmqpListener } from './head.ts'
export { type Limits as AmqpLimits, limits as amqpLimits } from './limits.ts'
export { fieldsOf } from './message.ts'
