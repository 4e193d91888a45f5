// posthorn/sockets: the eight operations of the textbook (socket, bind, listen, accept, connect, send, receive, close), as
// promises, over TCP, Unix-domain sockets and UDP.
//
//   const server = socket('inet', 'stream')
//   await server.bind({ host: '127.0.0.1' })
//   await server.listen()
//   for await (const client of server) await client.send(await client.receiveUntil('\n'))

export type { Datagram } from '../../transport/index.ts'
export type { BindAddress, Family, InetAddress, SocketAddress, UnixAddress } from './address.ts'
export type { CallOptions } from './call.ts'
export { DatagramSocket } from './datagram-socket.ts'
export { EndOfStreamError, type Operation, type OwnCode, PosixError, posixErrors } from './errors.ts'
export { berkeleyLimits } from './limits.ts'
export {
  type CommonOptions,
  type DatagramOptions,
  type Membership,
  OptionRefusedError,
  type ReadOnlyOptions,
  refusedOptions,
  type StreamOptions,
} from './options.ts'
export { type SocketOptions, socket } from './socket.ts'
export type { Phase } from './state.ts'
export { type Payload, StreamSocket, type UntilOptions } from './stream-socket.ts'
