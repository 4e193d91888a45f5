// The door of flow/: waiting and ending.

export { Credit } from './credit.ts'
export { type Deferred, deferred } from './deferred.ts'
