// ONC RPC over TCP and UDP with libtirpc: rpcgen's client in C calls our server, our client calls rpcgen's server, with random values
// of every type and with messages that C cuts into fragments; and each side's refusals as the other understands them.

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import fc from 'fast-check'
import { connectOnc, type OncCall, program, serveOnc, service, systemAuth, xdr } from 'posthorn/rpc'
import { EVERYTHING_V1, xdr_everything } from '../c/everything.ts'
import { messages } from '../c/everything-values.ts'
import { launch, succeed } from '../processes.ts'
import { type Report, same } from '../report.ts'
import { build, frame, frames, installRpcgen } from '../rpcgen.ts'
import type { Stage } from '../stage.ts'
import { cache } from '../tools.ts'

const CALLS = 300
const SEED = 20_261
/** Transport, and buffers of C in bytes: its default, and one in which hardly a message fits, so that it sends fragments. */
const ways = [
  ['tcp', 0],
  ['tcp', 100],
  ['udp', 0],
] as const
type Way = (typeof ways)[number]

const values = fc.sample(messages, { numRuns: CALLS, seed: SEED })
const hexOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex')

export async function onc({ report }: Stage): Promise<void> {
  await installRpcgen()
  const place = join(cache, 'onc')
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place, { recursive: true })
  const peer = await build(place, 'onc_peer', ['-h', '-c', '-l', '-m']).catch((error: unknown) => {
    report.skipped('ONC RPC with C', error instanceof Error ? error.message.slice(0, 200) : String(error))
    return undefined
  })
  if (peer === undefined) return
  for (const way of ways) {
    const how = way[1] === 0 ? way[0] : `${way[0]}, with buffers of ${way[1]} bytes`
    await report.run(`a client in C calls us ${CALLS} times over ${how}`, () => calledByC(peer, way))
    await report.run(`we call a server in C ${CALLS} times over ${how}`, () => callingC(peer, way))
  }
  await report.run(`a client in C calls us ${CALLS} times in a batch, without answers`, () => batchOfC(peer))
  await report.run(`we call a server in C ${CALLS} times in a batch, without answers`, () => batchToC(peer))
  await refusals(report, peer)
}

async function calledByC(peer: string, [transport, buffer]: Way): Promise<void> {
  let calls = 0
  await using server = await serveOnc(`${transport}://127.0.0.1:*`, [
    service(EVERYTHING_V1, {
      ECHO: value => {
        calls++
        return value
      },
    }),
  ])
  const sent = values.map(value => xdr_everything.encode(value))
  const { stdout } = await succeed({
    command: peer,
    args: ['call', transport, portOf(server.address), String(buffer)],
    input: Buffer.concat(sent.map(frame)),
  })
  const answers = [...frames(stdout)]
  same(calls, CALLS, 'calls that we saw')
  same(answers.map(hexOf), sent.map(hexOf), 'what C got back')
}

async function batchOfC(peer: string): Promise<void> {
  const got: string[] = []
  await using server = await serveOnc('tcp://127.0.0.1:*', [
    service(EVERYTHING_V1, {
      ECHO: (value, call) => {
        got.push(hexOf(xdr_everything.encode(value)))
        call.withhold()
        return value
      },
    }),
  ])
  const sent = values.map(value => xdr_everything.encode(value))
  const { stdout } = await succeed({
    command: peer,
    args: ['batch', portOf(server.address)],
    input: Buffer.concat(sent.map(frame)),
  })
  same(String(stdout), 'RPC: Success', 'the call behind the batch')
  same(got, sent.map(hexOf), 'what we got')
}

async function batchToC(peer: string): Promise<void> {
  await withServerInC(peer, ['tcp', 0], async address => {
    await using connection = await connectOnc(address)
    const server = connection.client(EVERYTHING_V1)
    for (const value of values) await server.ECHO(value, { oneWay: true })
    const [last] = values
    if (last === undefined) throw new Error('no value')
    const result = await server.ECHO(last)
    same(
      hexOf(xdr_everything.encode(result)),
      hexOf(xdr_everything.encode(last)),
      'the call behind the batch',
    )
  })
}

async function callingC(peer: string, way: Way): Promise<void> {
  await withServerInC(peer, way, async address => {
    await using connection = await connectOnc(address)
    const server = connection.client(EVERYTHING_V1)
    const results = await Promise.all(values.map(value => server.ECHO(value)))
    same(
      results.map(one => hexOf(xdr_everything.encode(one))),
      values.map(one => hexOf(xdr_everything.encode(one))),
      'what we got back',
    )
  })
}

async function refusals(report: Report, peer: string): Promise<void> {
  const { program: number, procedures } = EVERYTHING_V1
  const rows = [
    ['RPC_PROGRAM_UNAVAILABLE', { ...EVERYTHING_V1, program: number + 1 }],
    ['RPC_PROGRAM_MISMATCH', { ...EVERYTHING_V1, version: 9 }],
    [
      'RPC_PROCEDURE_UNAVAILABLE',
      { ...EVERYTHING_V1, procedures: { ECHO: { ...procedures.ECHO, number: 9 } } },
    ],
  ] as const
  for (const [code, called] of rows)
    await report.run(`a server in C refuses us: ${code}`, () =>
      withServerInC(peer, ['tcp', 0], async address => {
        await using connection = await connectOnc(address)
        const [value] = values
        if (value === undefined) throw new Error('no value')
        same(await codeOf(connection.client(called).ECHO(value)), code, 'code')
      }),
    )
  await report.run('a server in C refuses us: RPC_GARBAGE_ARGUMENTS', () =>
    withServerInC(peer, ['tcp', 0], async address => {
      const shorter = program({
        ...EVERYTHING_V1,
        procedures: { ECHO: { number: 1, argument: xdr.int, result: xdr.int } },
      })
      await using connection = await connectOnc(address)
      same(await codeOf(connection.client(shorter).ECHO(1)), 'RPC_GARBAGE_ARGUMENTS', 'code')
    }),
  )
  await report.run('a server in C takes our AUTH_SYS credential', () =>
    withServerInC(peer, ['tcp', 0], async address => {
      const credential = systemAuth({ stamp: 1, machine: 'desk', uid: 7, gid: 8, gids: [9] })
      await using connection = await connectOnc(address, { credential })
      const [value] = values
      if (value === undefined) throw new Error('no value')
      const result = await connection.client(EVERYTHING_V1).ECHO(value)
      same(hexOf(xdr_everything.encode(result)), hexOf(xdr_everything.encode(value)), 'result')
    }),
  )
  const said = [
    [[number, 1, 0], 'RPC: Success'],
    [[number + 1, 1, 1], 'RPC: Program unavailable'],
    [[number, 9, 1], 'RPC: Program/version mismatch 1-1'],
    [[number, 1, 9], 'RPC: Procedure unavailable'],
    [[number, 1, 1], "RPC: Server can't decode arguments"],
  ] as const
  for (const [words, expected] of said)
    await report.run(`a client in C understands our answer: ${expected}`, async () => {
      const callers: OncCall['credential'][] = []
      await using server = await serveOnc(
        'tcp://127.0.0.1:*',
        [service(EVERYTHING_V1, { ECHO: value => value })],
        {
          refuse: ({ credential }) => {
            callers.push(credential)
            return undefined
          },
        },
      )
      const args = ['fail', portOf(server.address), ...words.map(String)]
      const { stdout } = await succeed({ command: peer, args })
      same(String(stdout), expected, 'what C says')
      const { stamp: _, ...caller } = { stamp: 0, ...callers[0] }
      same(caller, { kind: 'sys', machine: 'desk', uid: 7, gid: 8, gids: [9] }, 'who called')
    })
}

async function withServerInC(
  peer: string,
  [transport, buffer]: Way,
  body: (address: string) => Promise<void>,
): Promise<void> {
  const child = launch({ command: peer, args: ['serve', transport, String(buffer)] })
  try {
    if (child.stdout === null) throw new Error('the server has no output')
    const { value: port } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
    if (typeof port !== 'string') throw new Error('the server did not start')
    await body(`${transport}://127.0.0.1:${port}`)
  } finally {
    child.stdin?.end()
    child.kill()
  }
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1)
}

async function codeOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : String(error)),
  )
}
