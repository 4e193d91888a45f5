// gRPC as a bridge: an object with methods served as a service of a .proto file, and such a service called like an object.
// HTTP/2 and protobuf are those of @grpc/grpc-js and @grpc/proto-loader, which whoever imports this installs.
//
//   await using server = await serveGrpc('tcp://127.0.0.1:*', { proto: 'greeter.proto', services: { 'pkg.Greeter': greeter } })
//   await using client = await connectGrpc<Greeter>(server.address, { proto: 'greeter.proto', service: 'pkg.Greeter' })
//   const { message } = await client.sayHello({ name: 'Ann' }, { timeoutMs: 5000 })

export type { GrpcCall } from './call.ts'
export type { GrpcCallOptions } from './calls.ts'
export { connectGrpc, type GrpcClient, type GrpcClientEnding, type GrpcConnectOptions } from './connect.ts'
export type { GrpcServerTls } from './credentials.ts'
export { GrpcError, type GrpcErrorCode, type GrpcErrorOptions, grpcErrors } from './errors.ts'
export { grpcLimits } from './limits.ts'
export type { GrpcMetadata, ReceivedMetadata } from './metadata.ts'
export type { ProtoOptions, ProtoValues } from './proto.ts'
export { type GrpcServeOptions, type GrpcServer, serveGrpc } from './serve.ts'
