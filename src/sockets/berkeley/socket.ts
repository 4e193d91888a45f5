// socket(2): the way in.

import { systemWorld, type World } from '../../world/index.ts'
import type { Family } from './address.ts'
import { DatagramSocket } from './datagram-socket.ts'
import { posix } from './errors.ts'
import { StreamSocket } from './stream-socket.ts'

export interface SocketOptions {
  /** Clock of the deadlines. */
  readonly world?: World
}

/**
 * A new socket: TCP ('inet' or 'inet6', 'stream'), Unix-domain ('unix', 'stream') or UDP ('inet' or 'inet6', 'datagram').
 * Errors: PosixError ESOCKTNOSUPPORT for kinds that Node has no way to, EAFNOSUPPORT.
 */
export function socket(family: Family, type: 'stream', options?: SocketOptions): StreamSocket
export function socket(family: 'inet' | 'inet6', type: 'datagram', options?: SocketOptions): DatagramSocket
export function socket(
  family: string,
  type: string,
  { world = systemWorld }: SocketOptions = {},
): StreamSocket | DatagramSocket {
  const isInet = family === 'inet' || family === 'inet6'
  if (!isInet && family !== 'unix') throw posix('EAFNOSUPPORT', 'socket', `'${family}'`)
  if (type === 'stream') return StreamSocket.create(family, world)
  if (type === 'datagram' && isInet) return new DatagramSocket(family, world)
  throw posix('ESOCKTNOSUPPORT', 'socket', `Node has no ${type} sockets of the family '${family}'`)
}
