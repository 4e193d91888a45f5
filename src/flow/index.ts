// The door of flow/: waiting and ending.

export { BoundedQueue, type BoundedQueueOptions, type Incoming } from './bounded-queue.ts'
export { Credit } from './credit.ts'
export { type Deferred, deferred } from './deferred.ts'
export { Gate } from './gate.ts'
export { type Ending, Scope } from './scope.ts'
export { type Deadline, deadline, following, withSignal } from './signal.ts'
export { afterTurn, endOfTurn } from './turn.ts'
export { Waiters } from './waiters.ts'
