// Whether a queue or an exchange is there, asked over AMQP itself: a passive declaration, on a channel of its own because
// a refusal closes it.

import * as wire from '../../heads/amqp091/wire/index.ts'
import type { Connection } from './connection.ts'
import { isAmqpFault } from './faults.ts'

export interface Depth {
  /** Messages that could be delivered now. */
  readonly ready: number
  readonly consumers: number
}

const NOT_FOUND = 404

/** Undefined when there is no such queue. Errors: AmqpFault. */
export async function depthOf(connection: Connection, queue: string): Promise<Depth | undefined> {
  const channel = await connection.channel()
  try {
    const args = { queue, passive: true }
    const answer = await channel.call(wire.QueueDeclare, args, wire.QueueDeclareOk)
    await channel.close()
    return { ready: answer.messageCount, consumers: answer.consumerCount }
  } catch (error) {
    if (isAmqpFault(error, NOT_FOUND)) return undefined
    throw error
  }
}

/** Whether there is such an exchange. Errors: AmqpFault. */
export async function hasExchange(connection: Connection, exchange: string): Promise<boolean> {
  const channel = await connection.channel()
  try {
    const args = { exchange, type: 'direct', passive: true }
    await channel.call(wire.ExchangeDeclare, args, wire.ExchangeDeclareOk)
    await channel.close()
    return true
  } catch (error) {
    if (isAmqpFault(error, NOT_FOUND)) return false
    throw error
  }
}
