// The door of modes/: the ways to call, of one interface. The usual one, synchronous, is to await the promise of a call.

export { type Asynchronous, asynchronous } from './asynchronous.ts'
export { type Accepted, type Deferred, deferred } from './deferred.ts'
export { type OneWay, oneWay } from './one-way.ts'
export { type Pending, type PendingState, pending } from './pending.ts'
export { type Polling, type PollingOptions, polling, type Ticket, ticketOf } from './polling.ts'
export { describe, health } from './system-of.ts'
