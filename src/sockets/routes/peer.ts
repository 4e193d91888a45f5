// What routes ask of a peer. A route decides *which* peer; how a message travels, how many may wait and what a message is,
// is the peer's affair. The same peer may be in several routes (a DEALER's sends by turns and is read fairly).

/** A peer that can be sent to. */
export interface Outlet<M> {
  /** Takes the message, or says false: there is no room now. Whoever owns the route is told when there is again. */
  offer(message: M): boolean
}

/** A peer that can be read. */
export interface Inlet<M> {
  /** The next message, or undefined when nothing has arrived. Whoever owns the route is told when something has. */
  take(): M | undefined
}
