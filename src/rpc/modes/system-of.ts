// What a server offers beside what it serves, called by the connection of a stub.

import { hasMarks } from '../engine/arguments.ts'
import { connectionOf } from '../engine/connect.ts'
import { objectStub, type StubOf, stubOf } from '../engine/stub.ts'
import type { Health, MethodDescription, System } from '../engine/system.ts'
import type { Remote } from '../engine/types.ts'
import { rootId, systemId } from '../refs/exports.ts'

/** Errors: TypeError for a stub of a reference: what is said by number is said of what is served. */
export function systemOf({ calling, target, options }: StubOf): Remote<System> {
  if (target !== rootId)
    throw new TypeError('this way of calling is for what `connect` gave, not for a reference that came by it')
  return objectStub({ calling: calling.pinned(), target: systemId, prefix: '', options }) as Remote<System>
}

function ofConnected(connected: object): Remote<System> {
  const of = stubOf(connected)
  if (of === undefined || connectionOf(connected) === undefined)
    throw new TypeError('this is nothing that `connect` gave')
  return systemOf(of)
}

/** How the server is. Errors: as a call. */
export function health(connected: object): Promise<Health> {
  return ofConnected(connected).health()
}

/** What can be called there. Errors: as a call. */
export function describe(connected: object): Promise<readonly MethodDescription[]> {
  return ofConnected(connected).describe()
}

/** Errors: TypeError for parameters that are restored: the caller has gone on when they would be. */
export function refuseMarks(args: readonly unknown[]): void {
  if (hasMarks(args)) throw new TypeError('inout and out are for calls whose result is awaited')
}
