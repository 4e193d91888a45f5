// The door of routes/: which peer gets a message, and from which one the next is taken. Patterns are composed of these.

export { ByIdentity, identityKey } from './by-identity.ts'
export { FairQueue } from './fair-queue.ts'
export { FanOut } from './fan-out.ts'
export { LoadBalance } from './load-balance.ts'
export type { Inlet, Outlet } from './peer.ts'
export { Subscriptions } from './subscriptions.ts'
