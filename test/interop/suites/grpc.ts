// gRPC's own interop test cases, those that need no cloud, in both directions: our client with the servers of @grpc/grpc-js,
// Python and Go, and their clients with ours.

import { serveGrpc } from 'posthorn/rpc/grpc'
import { type Foreign, go, python, runForeignClient, withForeignServer } from '../grpc/foreign.ts'
import { caseNames, proto, TEST_SERVICE } from '../grpc/messages.ts'
import { runOurClient } from '../grpc/our-client.ts'
import { testService } from '../grpc/our-server.ts'
import { plainServer, runPlainClient } from '../grpc/plain.ts'
import type { Report } from '../report.ts'
import type { Stage } from '../stage.ts'

export async function grpc({ report }: Stage): Promise<void> {
  const foreign = [await found(report, 'Python', python), await found(report, 'Go', go)].flatMap(
    one => one ?? [],
  )
  const faults: unknown[] = []
  await using ours = await serveGrpc('tcp://127.0.0.1:*', {
    proto,
    services: { [TEST_SERVICE]: testService },
    onFault: (title, error) => faults.push(`${title}: ${error}`),
  })
  for (const name of caseNames) {
    await report.run(`gRPC ${name}: our client, our server`, () => runOurClient(name, ours.address))
    await report.run(`gRPC ${name}: a client of @grpc/grpc-js, our server`, () =>
      runPlainClient(name, ours.address),
    )
    for (const one of foreign)
      await report.run(`gRPC ${name}: a client in ${one.name}, our server`, () =>
        runForeignClient(one, name, ours.address),
      )
  }
  await report.run('gRPC: no handler of ours failed', () => {
    if (faults.length > 0) throw new Error(faults.join('; '))
  })
  await callingOthers(report, foreign)
}

async function callingOthers(report: Report, foreign: readonly Foreign[]): Promise<void> {
  const plain = await plainServer()
  await callingAll(report, '@grpc/grpc-js', plain.address)
  plain.close()
  for (const one of foreign)
    await withForeignServer(one, address => callingAll(report, one.name, address)).catch((error: unknown) =>
      report.run(`gRPC: the server in ${one.name} starts`, () => {
        throw error
      }),
    )
}

async function callingAll(report: Report, whose: string, address: string): Promise<void> {
  for (const name of caseNames)
    await report.run(`gRPC ${name}: our client, a server of ${whose}`, () => runOurClient(name, address))
}

async function found(
  report: Report,
  name: string,
  find: () => Promise<Foreign>,
): Promise<Foreign | undefined> {
  return find().catch((error: unknown) => {
    report.skipped(`gRPC in ${name}`, error instanceof Error ? error.message.slice(0, 300) : String(error))
    return undefined
  })
}
