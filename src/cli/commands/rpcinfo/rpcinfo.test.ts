// `posthorn rpcinfo` with an rpcbind and a server of this process: every flag, what it prints, and what it refuses.

import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  connectRpcbind,
  type OncServer,
  program,
  type RpcbindServer,
  serveOnc,
  serveRpcbind,
  service,
  xdr,
} from '../../../rpc/index.ts'
import { systemWorld } from '../../../world/index.ts'
import { run } from '../../run.ts'

const nothing = { NULL: { number: 0, argument: xdr.nothing, result: xdr.nothing } }
const two = program({ name: 'LEDGER_V2', program: 0x2000_0001, version: 2, procedures: nothing })
const three = program({ ...two, name: 'LEDGER_V3', version: 3 })
const services = [two, three].map(one => service(one, { NULL: () => undefined }))

let bind: RpcbindServer
let at: { readonly tcp: string; readonly udp: string }
let servers: readonly OncServer[]

beforeAll(async () => {
  bind = await serveRpcbind(['tcp://127.0.0.1:*', 'udp://127.0.0.1:*'])
  const [tcp = '', udp = ''] = bind.addresses
  at = { tcp, udp }
  const register = { rpcbind: tcp }
  servers = await Promise.all(
    ['tcp://127.0.0.1:*', 'udp://127.0.0.1:*'].map(one => serveOnc(one, services, { register })),
  )
})

afterAll(async () => {
  for (const server of servers) await server.close()
  await bind.close()
})

async function rpcinfo(...words: readonly string[]) {
  const [stdout, stderr] = [new PassThrough({ highWaterMark: 2 ** 20 }), new PassThrough()]
  const stdin = new PassThrough()
  stdin.end()
  const code = await run(['rpcinfo', ...words], {
    ...{ stdin, stdout, stderr, env: {}, world: systemWorld },
    onSignal: () => () => {},
    die() {},
  })
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
}

const rows = async (...words: readonly string[]): Promise<Record<string, unknown>[]> =>
  JSON.parse((await rpcinfo(...words, '--json')).out) as Record<string, unknown>[]
const portOf = (server: OncServer | undefined): string => server?.address.split(':').at(-1) ?? ''
const words = (text: string): string[] => text.split('\n').map(line => line.trim().replace(/ +/g, ' '))

describe('posthorn rpcinfo', () => {
  it('lists what is registered', async () => {
    const { code, out } = await rpcinfo('--rpcbind', at.tcp)
    expect(code).toBe(0)
    expect(words(out)[0]).toBe('PROGRAM VERSION NETID ADDRESS SERVICE OWNER')
    expect(out).toMatch(/100000 +4 +tcp +127\.0\.0\.1\.\d+\.\d+ +rpcbind +superuser/)
    expect(out).toMatch(/536870913 +3 +udp +127\.0\.0\.1\.\d+\.\d+ +- +/)
  })

  it('lists it for programs, the same with -s', async () => {
    const all = await rows('--rpcbind', at.tcp)
    expect(all).toHaveLength(10)
    expect(all[0]).toMatchObject({
      program: 100_000,
      version: 4,
      netid: 'tcp',
      service: 'rpcbind',
      ready: null,
    })
    expect(await rows('-s', '--rpcbind', at.tcp)).toEqual(all)
  })

  it('-s gives a line for each program', async () => {
    const { out } = await rpcinfo('-s', '--rpcbind', at.tcp)
    expect(words(out).slice(0, 2)).toEqual([
      'PROGRAM VERSIONS NETIDS SERVICE OWNER',
      '100000 4,3,2 tcp,udp rpcbind superuser',
    ])
    expect(words(out)[2]).toMatch(/^536870913 3,2 tcp,udp - /)
  })

  it('-p gives ports', async () => {
    const all = await rows('-p', '--rpcbind', at.tcp)
    expect(all.filter(one => one.program === two.program).map(one => [one.netid, String(one.port)])).toEqual(
      expect.arrayContaining([
        ['tcp', portOf(servers[0])],
        ['udp', portOf(servers[1])],
      ]),
    )
    expect((await rpcinfo('-p', '--rpcbind', at.tcp)).out).toMatch(/PROGRAM +VERSION +NETID +PORT +SERVICE/)
  })

  it('-l gives the ways to a program', async () => {
    const ways = await rows('-l', '127.0.0.1', '0x20000001', '2', '--rpcbind', at.tcp)
    expect(ways.map(one => one.netid).toSorted()).toEqual(['tcp', 'udp'])
  })

  it('-m says what rpcbind was asked', async () => {
    await rpcinfo('-l', '127.0.0.1', 'nfs', '3', '--rpcbind', at.tcp)
    const all = await rows('-m', '--rpcbind', at.tcp)
    expect(all).toContainEqual(expect.objectContaining({ rpcbind: 4, procedure: 'GETADDRLIST' }))
    expect(all).toContainEqual(
      expect.objectContaining({ procedure: 'look-up', program: 100_003, service: 'nfs', failure: 1 }),
    )
  })

  it.each([
    ['-t', 'tcp'],
    ['-u', 'udp'],
  ] as const)('%s calls all versions, found by rpcbind', async (flag, way) => {
    const { code, out } = await rpcinfo(flag, '127.0.0.1', '536870913', '--rpcbind', at[way])
    expect({ code, out }).toEqual({
      code: 0,
      out: 'program 536870913 version 2 ready and waiting\nprogram 536870913 version 3 ready and waiting\n',
    })
  })

  it('-n and -a call without rpcbind', async () => {
    const port = portOf(servers[0])
    const universal = `127.0.0.1.${Number(port) >> 8}.${Number(port) & 255}`
    for (const given of [
      ['-t', '-n', port, '127.0.0.1', '536870913', '3'],
      ['-a', universal, '-T', 'tcp', '536870913', '3'],
    ])
      expect(await rpcinfo(...given)).toMatchObject({
        code: 0,
        out: 'program 536870913 version 3 ready and waiting\n',
      })
  })

  it('says which version does not answer, and ends with 69', async () => {
    const { code, out } = await rpcinfo('-t', '-n', portOf(servers[0]), '127.0.0.1', '536870913', '9')
    expect(code).toBe(69)
    expect(out).toContain('program 536870913 version 9 is not available: RPC_PROGRAM_MISMATCH')
    expect(out).toContain('versions 2 to 3')
  })

  it('-b asks everybody', async () => {
    const all = await rows('-b', '536870913', '2', '--rpcbind', at.udp, '--timeout', '300ms')
    expect(all).toEqual([
      expect.objectContaining({ host: '127.0.0.1', port: Number(portOf(servers[1])), netid: 'udp' }),
    ])
    const { code, out, err } = await rpcinfo('-b', 'nfs', '2', '--rpcbind', at.udp, '--timeout', '50ms')
    expect({ code, out }).toEqual({ code: 0, out: '' })
    expect(err).toContain('Nobody answered')
  })

  it('-d takes a registration back, of one transport or all, when it may', async () => {
    await using own = await connectRpcbind(at.tcp)
    const place = { program: 9, version: 1, address: '127.0.0.1.8.1', owner: '' }
    for (const netid of ['tcp', 'udp']) await own.register({ ...place, netid })
    const nets = () => bind.registrations().flatMap(one => (one.program === 9 ? [one.netid] : []))
    expect((await rpcinfo('-d', '9', '1', '-T', 'udp', '--rpcbind', at.tcp)).code).toBe(64)
    expect(nets()).toEqual(['tcp', 'udp'])
    expect((await rpcinfo('-d', '9', '1', '-T', 'udp', '--yes', '--rpcbind', at.tcp)).code).toBe(0)
    expect(nets()).toEqual(['tcp'])
    expect((await rpcinfo('-d', '9', '1', '--yes', '--rpcbind', at.tcp)).code).toBe(0)
    expect(nets()).toEqual([])
    expect((await rpcinfo('-d', '9', '1', '--yes', '--rpcbind', at.tcp)).code).toBe(65)
  })

  it.each([
    [['-p', '-s'], 64, 'give one of'],
    [['-a', '127.0.0.1.0.111', 'nfs'], 64, '-a goes with -T'],
    [['-n', '5', 'nas'], 64, '-n goes with'],
    [['-t', 'nas'], 64, 'write: posthorn rpcinfo -t'],
    [['-t', 'nas', 'no-such-program'], 64, 'is no program'],
    [['-t', 'nas', 'nfs', 'four'], 64, 'is no version'],
    [['-a', '127.0.0.1', '-T', 'tcp', 'nfs'], 64, 'no universal address'],
    [['-a', '127.0.0.1.0.111', '-T', 'x25', 'nfs'], 64, 'is no transport'],
    [['--rpcbind', 'nonsense'], 64, "'nonsense'"],
    [['a host'], 64, 'the host is neither'],
    [['-t', '-n', '9', 'a host', 'nfs'], 64, 'the host is neither'],
    [['--rpcbind', 'tcp://127.0.0.1:1'], 69, 'no rpcbind at tcp://127.0.0.1:1'],
  ] as const)('%j is refused with %d', async (given, code, said) => {
    const done = await rpcinfo(...given)
    expect(done.code).toBe(code)
    expect(done.err).toContain(said)
  })

  it('a program that is not registered ends with 65', async () => {
    const { code, err } = await rpcinfo('-t', '127.0.0.1', 'nfs', '3', '--rpcbind', at.tcp)
    expect(code).toBe(65)
    expect(err).toContain('RPC_NOT_REGISTERED')
  })
})
