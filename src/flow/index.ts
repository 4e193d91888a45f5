// The door of flow/: waiting and ending.

export { type Deferred, deferred } from './deferred.ts'
