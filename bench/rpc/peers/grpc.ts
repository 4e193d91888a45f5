// @grpc/grpc-js: with bytes as they are, or with messages that @grpc/proto-loader describes.
//
//   node grpc.mjs raw|proto serve          prints its port
//   node grpc.mjs raw|proto call PORT

import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drive, say } from './drive.ts'

/** What is used of it. */
interface Grpc {
  readonly Server: new () => {
    addService(service: object, implementation: object): void
    bindAsync(address: string, credentials: unknown, bound: (error: Error | null, port: number) => void): void
  }
  readonly ServerCredentials: { createInsecure(): unknown }
  readonly credentials: { createInsecure(): unknown }
  makeGenericClientConstructor(service: object, name: string): ClientClass
  loadPackageDefinition(definition: object): { readonly bench: { readonly Bench: ClientClass } }
}

interface ClientClass {
  readonly service: object
  new (address: string, credentials: unknown): { echo(request: unknown, answered: Answered): void }
}

type Answered = (error: Error | null, response: unknown) => void

const proto = `syntax = "proto3";
package bench;
message Payload { bytes data = 1; }
service Bench { rpc Echo(Payload) returns (Payload); }
`

const packageName = '@grpc/grpc-js'
const grpc = ((await import(packageName)) as { readonly default: Grpc }).default
const [way = '', role = '', port = ''] = process.argv.slice(2)

function raw(): ClientClass {
  const same = (bytes: Buffer): Buffer => bytes
  const echo = {
    path: '/bench.Bench/Echo',
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  }
  return grpc.makeGenericClientConstructor({ echo }, 'Bench')
}

async function described(): Promise<ClientClass> {
  const path = join(tmpdir(), `posthorn-bench-${process.pid}.proto`)
  writeFileSync(path, proto)
  const loaderName = '@grpc/proto-loader'
  const loader = (await import(loaderName)) as { readonly default: { loadSync(path: string): object } }
  return grpc.loadPackageDefinition(loader.default.loadSync(path)).bench.Bench
}

const Client = way === 'raw' ? raw() : await described()

if (role === 'serve') {
  const server = new grpc.Server()
  const echo = ({ request }: { readonly request: unknown }, answer: Answered): void => answer(null, request)
  server.addService(Client.service, { echo })
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => {
    if (error !== null) throw error
    say(String(bound))
  })
} else {
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure())
  const call = (request: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      client.echo(request, (error, response) => (error === null ? resolve(response) : reject(error)))
    })
  if (way === 'raw') await drive(payload => call(payload) as Promise<Buffer>)
  else await drive(async data => ((await call({ data })) as { readonly data: Buffer }).data)
  process.exit()
}
