// Every option: its name in JavaScript, its number in libzmq (zmq.h), its type, its default (zmq_setsockopt(3)), what it is
// for. Classes, `getBoolOption(39)` and the documentation come from this table.
//
// What Node has no means for is said so: `none` warns once when it is set to another value, `refused` is an error, because a
// program that asks for it counts on it.

/** Values of a socket's options. */
export interface SocketOptionValues {
  affinity: number
  routingId: string | Buffer | null
  rate: number
  recoveryInterval: number
  sendBufferSize: number
  receiveBufferSize: number
  linger: number
  reconnectInterval: number
  backlog: number
  reconnectMaxInterval: number
  maxMessageSize: number
  sendHighWaterMark: number
  receiveHighWaterMark: number
  multicastHops: number
  receiveTimeout: number
  sendTimeout: number
  mandatory: boolean
  tcpKeepalive: number
  tcpKeepaliveCount: number
  tcpKeepaliveIdle: number
  tcpKeepaliveInterval: number
  tcpAcceptFilter: string | null
  immediate: boolean
  verbose: boolean
  ipv6: boolean
  plainServer: boolean
  plainUsername: string | null
  plainPassword: string | null
  curveServer: boolean
  curvePublicKey: string | null
  curveSecretKey: string | null
  curveServerKey: string | null
  probeRouter: boolean
  correlate: boolean
  relaxed: boolean
  conflate: boolean
  zapDomain: string | null
  handover: boolean
  typeOfService: number
  handshakeInterval: number
  socksProxy: string | null
  noDrop: boolean
  manual: boolean
  welcomeMessage: string | Buffer | null
  notify: boolean
  invertMatching: boolean
  heartbeatInterval: number
  heartbeatTimeToLive: number
  heartbeatTimeout: number
  verboser: boolean
  connectTimeout: number
  tcpMaxRetransmitTimeout: number
  multicastMaxTransportDataUnit: number
  vmciBufferSize: number
  vmciBufferMinSize: number
  vmciBufferMaxSize: number
  vmciConnectTimeout: number
  interface: string | null
  zapEnforceDomain: boolean
  loopbackFastPath: boolean
  manualLastValue: boolean
  reconnectStop: number
  sendHighWaterMarkBytes: number
  receiveHighWaterMarkBytes: number
}

export type SocketOptionName = keyof SocketOptionValues

export interface OptionRow {
  readonly name: SocketOptionName
  /** In libzmq; from 10 000 on they are ours. */
  readonly id: number
  readonly type: 'int' | 'bool' | 'string'
  readonly initial: number | boolean | string | null
  /** Takes effect at once; others with the next bind or connect. */
  readonly isImmediate?: true
  /** Smallest and largest number. */
  readonly range?: readonly [number, number]
  readonly support?: 'none' | 'refused'
}

const INT_MAX = 0x7fff_ffff
const atLeast0 = [0, INT_MAX] as const
const atLeastMinus1 = [-1, INT_MAX] as const

function row(
  name: SocketOptionName,
  id: number,
  type: OptionRow['type'],
  initial: OptionRow['initial'],
  more: Omit<OptionRow, 'name' | 'id' | 'type' | 'initial'> = {},
): OptionRow {
  return { name, id, type, initial, ...more }
}

const now = { isImmediate: true } as const
const none = { support: 'none' } as const
const refused = { support: 'refused' } as const

export const optionRows: readonly OptionRow[] = [
  // Every connection is served by the one event loop, whichever threads are asked for.
  row('affinity', 4, 'int', 0, { ...now, range: [0, 2 ** 64] }),
  row('routingId', 5, 'string', null),
  row('rate', 8, 'int', 100, none),
  row('recoveryInterval', 9, 'int', 10_000, none),
  row('sendBufferSize', 11, 'int', -1, none),
  row('receiveBufferSize', 12, 'int', -1, none),
  row('linger', 17, 'int', -1, { ...now, range: atLeastMinus1 }),
  row('reconnectInterval', 18, 'int', 100, { range: atLeastMinus1 }),
  row('backlog', 19, 'int', 100, { range: atLeast0 }),
  row('reconnectMaxInterval', 21, 'int', 0, { range: atLeast0 }),
  row('maxMessageSize', 22, 'int', -1, { range: [-1, Number.MAX_SAFE_INTEGER] }),
  row('sendHighWaterMark', 23, 'int', 1000, { ...now, range: atLeast0 }),
  row('receiveHighWaterMark', 24, 'int', 1000, { ...now, range: atLeast0 }),
  row('multicastHops', 25, 'int', 1, { range: [1, 255] }),
  row('receiveTimeout', 27, 'int', -1, { ...now, range: atLeastMinus1 }),
  row('sendTimeout', 28, 'int', -1, { ...now, range: atLeastMinus1 }),
  row('mandatory', 33, 'bool', false, now),
  row('tcpKeepalive', 34, 'int', -1, { range: [-1, 1] }),
  row('tcpKeepaliveCount', 35, 'int', -1, none),
  row('tcpKeepaliveIdle', 36, 'int', -1, { range: atLeastMinus1 }),
  row('tcpKeepaliveInterval', 37, 'int', -1, none),
  row('tcpAcceptFilter', 38, 'string', null, refused),
  row('immediate', 39, 'bool', false),
  row('verbose', 40, 'bool', false, now),
  row('ipv6', 42, 'bool', false),
  row('plainServer', 44, 'bool', false),
  row('plainUsername', 45, 'string', null),
  row('plainPassword', 46, 'string', null),
  row('curveServer', 47, 'bool', false),
  row('curvePublicKey', 48, 'string', null),
  row('curveSecretKey', 49, 'string', null),
  row('curveServerKey', 50, 'string', null),
  row('probeRouter', 51, 'bool', false, now),
  row('correlate', 52, 'bool', false, now),
  row('relaxed', 53, 'bool', false, now),
  row('conflate', 54, 'bool', false),
  row('zapDomain', 55, 'string', null),
  row('handover', 56, 'bool', false, now),
  row('typeOfService', 57, 'int', 0, none),
  row('handshakeInterval', 66, 'int', 30_000, { range: atLeast0 }),
  row('socksProxy', 68, 'string', null, refused),
  row('noDrop', 69, 'bool', false, now),
  row('manual', 71, 'bool', false, now),
  row('welcomeMessage', 72, 'string', null, now),
  row('notify', 73, 'bool', true),
  row('invertMatching', 74, 'bool', false, now),
  row('heartbeatInterval', 75, 'int', 0, { range: atLeast0 }),
  row('heartbeatTimeToLive', 76, 'int', 0, { range: [0, 6_553_500] }),
  row('heartbeatTimeout', 77, 'int', -1, { range: atLeastMinus1 }),
  row('verboser', 78, 'bool', false, now),
  row('connectTimeout', 79, 'int', 0, { range: atLeast0 }),
  row('tcpMaxRetransmitTimeout', 80, 'int', 0, none),
  row('multicastMaxTransportDataUnit', 84, 'int', 1500, none),
  row('vmciBufferSize', 85, 'int', 0, none),
  row('vmciBufferMinSize', 86, 'int', 0, none),
  row('vmciBufferMaxSize', 87, 'int', 0, none),
  row('vmciConnectTimeout', 88, 'int', -1, none),
  row('interface', 92, 'string', null, refused),
  row('zapEnforceDomain', 93, 'bool', false),
  row('loopbackFastPath', 94, 'bool', false, none),
  row('manualLastValue', 98, 'bool', false, now),
  row('reconnectStop', 109, 'int', 0, { range: [0, 7] }),
  row('sendHighWaterMarkBytes', 10_000, 'int', 256 << 20, {
    ...now,
    range: [0, Number.MAX_SAFE_INTEGER],
  }),
  row('receiveHighWaterMarkBytes', 10_001, 'int', 256 << 20, {
    ...now,
    range: [0, Number.MAX_SAFE_INTEGER],
  }),
]

const byName = new Map(optionRows.map(one => [one.name, one]))
const byId = new Map(optionRows.map(one => [one.id, one]))

export function optionNamed(name: SocketOptionName): OptionRow {
  const found = byName.get(name)
  if (found === undefined) throw new RangeError(`there is no option '${name}'`)
  return found
}

/** By libzmq's number. */
export function optionWithId(id: number): OptionRow | undefined {
  return byId.get(id)
}

/** The values of a new socket. */
export function initialOptions(): SocketOptionValues {
  const values: Record<string, OptionRow['initial']> = {}
  for (const { name, initial } of optionRows) values[name] = initial
  return values as unknown as SocketOptionValues
}

/** Bits of `reconnectStop` (ZMQ_RECONNECT_STOP_*). */
export const reconnectStops = { connectionRefused: 1, handshakeFailed: 2, afterDisconnect: 4 } as const
