// Options as properties of the classes, and which class has which: the names are those of `zeromq` 6 (its index.ts), and a
// test holds both against one another.

import { readOption, writeOption } from './option-access.ts'
import type { SocketOptionName } from './options.ts'
import { optionNamed } from './options.ts'
import { coreOf, Socket } from './socket.ts'

/** Something with a prototype; what its constructor takes does not matter. */
interface Constructor {
  readonly prototype: Socket
}

/** Makes the options of these names properties of a class. */
export function defineOptions(target: Constructor, names: readonly SocketOptionName[]): void {
  for (const name of names) {
    const { id } = optionNamed(name)
    Object.defineProperty(target.prototype, name, {
      configurable: true,
      enumerable: false,
      get(this: Socket) {
        return readOption(coreOf(this), id)
      },
      set(this: Socket, value: unknown) {
        writeOption(coreOf(this), id, value)
      },
    })
  }
}

const mechanisms = [null, 'plain', 'curve'] as const

function defineReadOnly(name: string, read: (socket: Socket) => unknown): void {
  Object.defineProperty(Socket.prototype, name, {
    configurable: true,
    get(this: Socket) {
      return read(this)
    },
  })
}

defineReadOnly('type', socket => readOption(coreOf(socket), 16))
defineReadOnly('lastEndpoint', socket => readOption(coreOf(socket), 32))
defineReadOnly('threadSafe', socket => readOption(coreOf(socket), 81))
defineReadOnly('securityMechanism', socket => mechanisms[Number(readOption(coreOf(socket), 43))])

defineOptions(Socket, [
  'affinity',
  'rate',
  'recoveryInterval',
  'linger',
  'reconnectInterval',
  'backlog',
  'reconnectMaxInterval',
  'maxMessageSize',
  'tcpKeepalive',
  'tcpKeepaliveCount',
  'tcpKeepaliveIdle',
  'tcpKeepaliveInterval',
  'tcpAcceptFilter',
  'immediate',
  'ipv6',
  'plainServer',
  'plainUsername',
  'plainPassword',
  'curveServer',
  'curvePublicKey',
  'curveSecretKey',
  'curveServerKey',
  'zapDomain',
  'zapEnforceDomain',
  'typeOfService',
  'handshakeInterval',
  'socksProxy',
  'heartbeatInterval',
  'heartbeatTimeToLive',
  'heartbeatTimeout',
  'connectTimeout',
  'tcpMaxRetransmitTimeout',
  'multicastMaxTransportDataUnit',
  'vmciBufferSize',
  'vmciBufferMinSize',
  'vmciBufferMaxSize',
  'vmciConnectTimeout',
  'interface',
  'loopbackFastPath',
  'reconnectStop',
])

/** Of classes that send, and of those that receive. */
export const sending: readonly SocketOptionName[] = [
  'sendBufferSize',
  'sendHighWaterMark',
  'sendHighWaterMarkBytes',
  'sendTimeout',
  'multicastHops',
]
export const receiving: readonly SocketOptionName[] = [
  'receiveBufferSize',
  'receiveHighWaterMark',
  'receiveHighWaterMarkBytes',
  'receiveTimeout',
]
