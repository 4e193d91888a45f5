// The door of transport/: the only home of Node's sockets.
//
//   const endpoint = await listen('tcp://127.0.0.1:*', {}, stream => serve(stream))
//   const stream = await connect(endpoint.address, { signal })

export { type Address, formatAddress, INPROC_NAME_MAX, type Place, parseAddress } from './address.ts'
export { AddressError, type AddressErrorCode, addressErrors } from './address-errors.ts'
export { arrivals } from './arrivals.ts'
export { connect, type DialOptions, type Endpoint, type ListenAtOptions, listen } from './dial.ts'
export { isDisconnect } from './disconnect.ts'
export { errorCodeOf, SocketError, type SocketErrorCode, socketErrors } from './errors.ts'
export {
  type HttpAcceptance,
  type HttpListenOptions,
  type HttpMethod,
  type HttpRequest,
  type HttpResponse,
  httpLimits,
  httpMethods,
  listenHttp,
  readOnly,
} from './http.ts'
export { HttpBodyError } from './http-body.ts'
export { InprocNames, type InprocOptions, inprocLimits, inprocNames, inprocPair } from './inproc.ts'
export { listenHost } from './interfaces.ts'
export { type ConnectIpcOptions, connectIpc, type ListenIpcOptions, listenIpc } from './ipc.ts'
export { type Port, portLimits, portStream } from './message-port.ts'
export { sendPieces } from './pieces.ts'
export { SOCKET_NAME_BYTES_MAX } from './socket-file.ts'
export type { ListenSocketOptions, StreamSocketOptions } from './socket-options.ts'
export { type AlpnPolicy, type StartTlsTerms, startTlsClient, startTlsServer } from './start-tls.ts'
export {
  type DuplexStream,
  type FlowingStream,
  type FlowSink,
  isFlowing,
  isPrompt,
  type Listener,
  type Peer,
  type PromptStream,
  type Stream,
  type SystemStream,
} from './stream.ts'
export {
  type ConnectOptions,
  connectTcp,
  type ListenOptions,
  listenTcp,
  type TlsClientOptions,
  type TlsServerOptions,
} from './tcp.ts'
export {
  type Datagram,
  type DatagramSocket,
  openUdp,
  type UdpOptions,
  type UdpPlace,
  type UdpTuning,
  udpLimits,
} from './udp.ts'
export { closeStatuses } from './ws/close.ts'
export { WsError, type WsErrorCode, wsErrors } from './ws/errors.ts'
export type { WsRequest, WsServing } from './ws/handshake.ts'
export { type WsLimits, wsLimits } from './ws/limits.ts'
export { byteStream, type MessageStream, type WsClosing } from './ws/message-stream.ts'
export { type ConnectWsOptions, connectWs, type ListenWsOptions, listenWs } from './ws.ts'
