// Every method of the protocol, in the order of the specification.

import * as connection from './10-connection.ts'
import * as channel from './20-channel.ts'
import * as exchange from './40-exchange.ts'
import * as queue from './50-queue.ts'
import * as basic from './60-basic.ts'
import * as confirm from './85-confirm.ts'
import * as tx from './90-tx.ts'
import type { Method } from './method.ts'

export * from './10-connection.ts'
export * from './20-channel.ts'
export * from './40-exchange.ts'
export * from './50-queue.ts'
export * from './60-basic.ts'
export * from './85-confirm.ts'
export * from './90-tx.ts'
export { type ArgsInput, type ArgsOf, type From, type Method, methodIdAt } from './method.ts'

/** All of them. */
export const methods: readonly Method[] = [connection, channel, exchange, queue, basic, confirm, tx].flatMap(
  methodsIn,
)

const byId = new Map(methods.map(method => [method.id, method]))

/** The method with these ids, or undefined when the protocol has none. */
export function methodOf(classId: number, methodId: number): Method | undefined {
  return byId.get(classId * 0x1_0000 + methodId)
}

/** The same by both ids in one number, as they stand at the beginning of a frame. */
export function methodById(id: number): Method | undefined {
  return byId.get(id)
}

function methodsIn(module: object): Method[] {
  return Object.values(module)
    .filter((one): one is Method => typeof one === 'object')
    .sort((a, b) => a.id - b.id)
}
