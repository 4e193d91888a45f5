// A message on its way from the API into queues.

import { type Broker, storageError } from '../../../broker/index.ts'
import type { Routable } from '../../../broker/queues/routing.ts'

/** Resolves, when all queues have the message, with how many those are. Errors: the broker's. */
export function stored(broker: Broker, vhost: string, message: Routable): Promise<number> {
  return new Promise((resolve, reject) => {
    let count = 0
    const done = (error?: unknown): void => {
      if (error !== undefined) reject(storageError(error))
      else queueMicrotask(() => resolve(count)) // it may come before the count does
    }
    count = broker.publisher.publish(vhost, message, { done })
  })
}
