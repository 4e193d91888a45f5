// Streams between processes of one machine: Unix-domain sockets by file name or, on Linux, by abstract name; named pipes on
// Windows (unix(7); Node calls all of them pipes). About half the round trip of TCP over loopback.
//
// Node removes the file of a socket that it listens on when the listener is closed; one that a killed process left is
// replaced when somebody binds it again (socket-file.ts).

import { createServer, connect as ipcConnect, type Server } from 'node:net'
import { systemWorld, type World } from '../world/index.ts'
import { errorCodeOf } from './errors.ts'
import { connecting, listening, stopListening } from './socket-events.ts'
import { ephemeralPath, removeStale, type SocketName, socketName } from './socket-file.ts'
import {
  applyKeepsProcess,
  BACKLOG,
  connectOptions,
  type StreamSocketOptions,
  serverOptions,
} from './socket-options.ts'
import { SocketStream } from './socket-stream.ts'
import type { Listener, Peer, SystemStream } from './stream.ts'

/** What can be told to a Unix-domain socket. */
export type IpcSocketOptions = Pick<StreamSocketOptions, 'halfOpen' | 'keepsProcess'>

export interface ListenIpcOptions extends IpcSocketOptions {
  /** A file, `@name` for an abstract name, or `*` for a file of its own among the temporary ones. */
  readonly path: string
  /** Connections beyond this many are closed at once. */
  readonly connectionsMax?: number
  readonly backlog?: number
  /** Told of connections that could not be accepted. */
  readonly onRefused?: (reason: Error) => void
  /** Where the luck for `*` comes from. */
  readonly world?: World
}

/**
 * Listens; `host` of the listener is the path, also when `*` was asked for, and its port is 0. Errors: SocketError
 * ENAMETOOLONG, EINVAL, EADDRNOTAVAIL; Node's own (EADDRINUSE when somebody listens there or the file is no socket,
 * EACCES, ENOENT when the folder is not there).
 */
export async function listenIpc(
  options: ListenIpcOptions,
  accept: (stream: SystemStream) => void,
): Promise<Listener> {
  const world = options.world ?? systemWorld
  const path = options.path === '*' ? ephemeralPath(world.randomBytes(8)) : options.path
  const name = socketName(path)
  const server = createServer(serverOptions({ ...options, noDelay: false }), socket => {
    applyKeepsProcess(socket, options)
    accept(new SocketStream(socket, peerAt(path)))
  })
  if (options.connectionsMax !== undefined) server.maxConnections = options.connectionsMax
  await bind(server, name, options)
  applyKeepsProcess(server, options)
  return { host: path, port: 0, close: () => stopListening(server) }
}

/** Binds, in the second attempt after taking a stale file away. */
async function bind(server: Server, name: SocketName, options: ListenIpcOptions): Promise<void> {
  const where = { path: name.path, backlog: options.backlog ?? BACKLOG }
  try {
    await listening(server, where, options.onRefused)
  } catch (error) {
    const isStale =
      errorCodeOf(error) === 'EADDRINUSE' && name.kind === 'file' && (await removeStale(name.path))
    if (!isStale) throw error
    await listening(server, where, options.onRefused)
  }
}

export interface ConnectIpcOptions extends IpcSocketOptions {
  readonly path: string
  readonly signal?: AbortSignal
}

/** Connects. Errors: as `listenIpc` for the name; Node's own (ECONNREFUSED, ENOENT, EACCES); the signal's reason. */
export async function connectIpc(options: ConnectIpcOptions): Promise<SystemStream> {
  const { path, signal } = options
  signal?.throwIfAborted()
  const socket = ipcConnect({
    ...connectOptions({ ...options, noDelay: false }),
    path: socketName(path).path,
  })
  await connecting(socket, 'connect', signal)
  applyKeepsProcess(socket, options)
  return new SocketStream(socket, peerAt(path))
}

/** Nobody else can read what goes through the memory of one machine, but it is not encrypted either. */
function peerAt(path: string): Peer {
  return { address: path, port: 0, encrypted: false }
}
