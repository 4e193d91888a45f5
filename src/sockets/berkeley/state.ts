// The states of a socket and what POSIX says to each call in each of them.
//
//   created --bind--> bound --listen--> listening            created, bound --connect--> connecting --> connected
//   connecting --it failed--> what it was before             any --close, abort--> closed
//
// A datagram socket is `bound` as soon as it has a port, and connecting only names its only peer.

import { type Operation, type OwnCode, posix } from './errors.ts'

export type Phase = 'created' | 'bound' | 'listening' | 'connecting' | 'connected' | 'closed'

type Misuse = Readonly<Partial<Record<Operation, Readonly<Partial<Record<Phase, OwnCode>>>>>>

/** Codes from the ERRORS of each function's page in IEEE Std 1003.1-2017. */
export const streamMisuse: Misuse = {
  bind: { bound: 'EINVAL', listening: 'EINVAL', connecting: 'EINVAL', connected: 'EINVAL' },
  listen: { connecting: 'EINVAL', connected: 'EINVAL' },
  accept: { created: 'EINVAL', bound: 'EINVAL', connecting: 'EINVAL', connected: 'EINVAL' },
  connect: { listening: 'EOPNOTSUPP', connecting: 'EALREADY', connected: 'EISCONN' },
  send: { created: 'ENOTCONN', bound: 'ENOTCONN', listening: 'ENOTCONN', connecting: 'ENOTCONN' },
  receive: { created: 'ENOTCONN', bound: 'ENOTCONN', listening: 'ENOTCONN', connecting: 'ENOTCONN' },
  shutdown: { created: 'ENOTCONN', bound: 'ENOTCONN', listening: 'ENOTCONN', connecting: 'ENOTCONN' },
}

export const datagramMisuse: Misuse = {
  bind: { bound: 'EINVAL', connected: 'EINVAL' },
}

/** Throws what POSIX says; a closed socket is EBADF to every call but close. */
export function refuseMisuse(table: Misuse, operation: Operation, phase: Phase): void {
  const code = phase === 'closed' ? 'EBADF' : table[operation]?.[phase]
  if (code !== undefined) throw posix(code, operation, `the socket is ${phase}`)
}
