// Rpcbind end to end over loopback: our client and our server, the fallback to old versions, and what the real one answers to
// what is wrong (captured from rpcbind 1.2.6; where we differ, the RFC says so).

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { connect } from '../../transport/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { connectOnc, serveOnc, service, systemAuth } from '../onc/index.ts'
import { RecordSplitter } from '../onc/record.ts'
import { program } from '../program.ts'
import * as xdr from '../xdr/index.ts'
import { deskServices } from './desk.ts'
import { connectRpcbind, PORTMAP_V2, RPCBIND_V3, serveRpcbind } from './index.ts'
import { Relay } from './relay.ts'
import { StatisticsBook } from './statistics.ts'
import { RegistrationTable } from './table.ts'

const LEDGER = program({
  name: 'LEDGER_V1',
  program: 0x2000_0001,
  version: 1,
  procedures: {
    NULL: { number: 0, argument: xdr.nothing, result: xdr.nothing },
    TWICE: { number: 1, argument: xdr.int, result: xdr.int },
  },
})
const ledger = () => service(LEDGER, { NULL: () => undefined, TWICE: n => 2 * n })

const everywhere = ['tcp://127.0.0.1:*', 'udp://127.0.0.1:*']
const user = (uid: number) => systemAuth({ stamp: 0, machine: 'desk', uid, gid: uid, gids: [] })

const folder = mkdtempSync(join(tmpdir(), 'rpcbind-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function open(addresses = everywhere, options: Parameters<typeof serveRpcbind>[1] = {}) {
  const server = await serveRpcbind(addresses, options)
  const [tcp = '', udp = ''] = server.addresses
  return { server, tcp, udp }
}

describe('rpcbind', () => {
  it.each(['tcp', 'udp'] as const)('takes a registration, says it, and takes it back, over %s', async way => {
    const at = await open()
    await using _ = at.server
    await using rpcbind = await connectRpcbind(at[way])
    const one = { program: 7, version: 3, netid: way, address: '127.0.0.1.8.1', owner: '' }
    expect(await rpcbind.register(one)).toBe(true)
    expect(await rpcbind.lookUp(one)).toBe('127.0.0.1.8.1')
    expect(await rpcbind.lookUpVersion(one)).toBe('127.0.0.1.8.1')
    expect(await rpcbind.list()).toContainEqual({ ...one, owner: 'unknown' })
    expect(await rpcbind.addresses(one)).toEqual([
      {
        address: '127.0.0.1.8.1',
        netid: way,
        semantics: way === 'tcp' ? 3 : 1,
        family: 'inet',
        protocol: way,
      },
    ])
    expect(await rpcbind.unregister(one)).toBe(true)
    expect(await rpcbind.lookUp(one)).toBeUndefined()
    expect(await rpcbind.unregister(one)).toBe(false)
  })

  it('looks up the other transport', async () => {
    const at = await open()
    await using _ = at.server
    await using rpcbind = await connectRpcbind(at.tcp)
    const one = { program: 7, version: 3, netid: 'udp6', address: '::1.8.1', owner: '' }
    await rpcbind.register(one)
    expect(await rpcbind.lookUp(one)).toBeUndefined()
    expect(await rpcbind.lookUp(one, { protocol: 'udp' })).toBe('::1.8.1')
  })

  it('gives the address of another version, unless exactly one is wanted', async () => {
    const at = await open()
    await using _ = at.server
    await using rpcbind = await connectRpcbind(at.tcp)
    await rpcbind.register({ program: 7, version: 3, netid: 'tcp', address: '127.0.0.1.8.1', owner: '' })
    expect(await rpcbind.lookUp({ program: 7, version: 4 })).toBe('127.0.0.1.8.1')
    expect(await rpcbind.lookUpVersion({ program: 7, version: 4 })).toBeUndefined()
  })

  it('is asked over a Unix-domain socket', async () => {
    const path = `ipc://${join(folder, 'rpcbind.sock')}`
    await using _ = await serveRpcbind([path])
    await using rpcbind = await connectRpcbind(path)
    const one = { program: 7, version: 3, netid: 'local', address: '/run/seven.sock', owner: '' }
    expect(await rpcbind.register(one)).toBe(true)
    expect(await rpcbind.lookUp(one)).toBe('/run/seven.sock')
  })

  it('registers itself, and lets nobody else take that place', async () => {
    const at = await open()
    await using _ = at.server
    await using rpcbind = await connectRpcbind(at.tcp, { credential: user(0) })
    const own = await rpcbind.list()
    expect(own.map(one => `${one.program} ${one.version} ${one.netid} ${one.owner}`)).toEqual(
      ['tcp', 'udp'].flatMap(netid => [4, 3, 2].map(version => `100000 ${version} ${netid} superuser`)),
    )
    expect(await rpcbind.unregister({ program: 100_000, version: 2 })).toBe(false)
    expect(at.server.registrations()).toEqual(own)
  })

  it('lets a user take back what is his, and the superuser everything', async () => {
    const at = await open()
    await using _ = at.server
    const one = { program: 7, version: 3, netid: 'tcp', address: '127.0.0.1.8.1', owner: 'nobody asked' }
    await using five = await connectRpcbind(at.tcp, { credential: user(5) })
    await using six = await connectRpcbind(at.tcp, { credential: user(6) })
    await using root = await connectRpcbind(at.tcp, { credential: user(0) })
    expect(await five.register(one)).toBe(true)
    expect((await five.list()).find(({ program }) => program === 7)?.owner).toBe('5')
    expect(await six.unregister(one)).toBe(false)
    expect(await root.unregister(one)).toBe(true)
  })

  it.each([
    ['an unknown network', { netid: 'x25' }],
    ['no network', { netid: '' }],
    ['no address', { address: '' }],
    ['a path for a network of IP', { address: '/run/seven.sock' }],
    ['IPv6 for a network of IPv4', { address: '::1.8.1' }],
    ['port 0', { address: '127.0.0.1.0.0' }],
  ])('does not take %s', async (_, wrong) => {
    const at = await open()
    await using _server = at.server
    await using rpcbind = await connectRpcbind(at.tcp)
    const one = { program: 7, version: 3, netid: 'tcp', address: '127.0.0.1.8.1', owner: '', ...wrong }
    expect(await rpcbind.register(one)).toBe(false)
  })

  it('takes registrations from its own machine only', async () => {
    const table = new RegistrationTable()
    const world = new ManualWorld()
    const services = deskServices({
      table,
      book: new StatisticsBook(),
      relay: new Relay(),
      world,
      netid: 'tcp',
    })
    const call = (address: string) => ({
      peer: { address, port: 700, encrypted: false },
      credential: { kind: 'none' as const },
      program: 100_000,
      version: 2,
      procedure: 1,
      signal: new AbortController().signal,
      withhold: () => undefined,
    })
    const set = services[0]?.bound.get(1)?.handler
    const mapping = { program: 7, version: 3, protocol: 6, port: 2049 }
    for (const [address, isTaken] of [
      ['10.1.3.7', false],
      ['2001:db8::1', false],
      ['127.0.0.1', true],
      ['::1', true],
    ] as const)
      expect([address, set?.(mapping, call(address))]).toEqual([address, isTaken])
  })

  it('tells the time, and what it was asked', async () => {
    const at = await open(everywhere, { world: new ManualWorld({ now: 1_700_000_000_999 }) })
    await using _ = at.server
    await using rpcbind = await connectRpcbind(at.tcp)
    expect(await rpcbind.time()).toBe(1_700_000_000)
    await rpcbind.lookUp({ program: 7, version: 1 })
    await rpcbind.mappings()
    const [two, , four] = await rpcbind.statistics()
    expect(two?.calls).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    expect(four?.calls).toEqual([0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1])
    expect(four?.lookUps).toEqual([{ program: 7, version: 1, success: 0, failure: 1, netid: 'tcp' }])
  })
})

describe('the client and an old portmapper', () => {
  const mappings = [
    { program: 100_003, version: 3, protocol: 6, port: 2049 },
    { program: 100_003, version: 3, protocol: 17, port: 2049 },
  ]
  const taken: unknown[] = []
  const two = service(PORTMAP_V2, {
    SET: mapping => taken.push(mapping) > 0,
    UNSET: () => true,
    GETPORT: wanted => (mappings.some(one => one.protocol === wanted.protocol) ? 2049 : 0),
    DUMP: () => mappings,
    CALLIT: () => ({ port: 2049, result: Buffer.alloc(0) }),
  })

  it('asks in version 2 when there is no other', async () => {
    await using server = await serveOnc('tcp://127.0.0.1:*', [two])
    await using rpcbind = await connectRpcbind(server.address)
    const nfs = { program: 100_003, version: 3 }
    expect(await rpcbind.lookUp(nfs)).toBe('0.0.0.0.8.1')
    expect(await rpcbind.lookUp(nfs, { protocol: 'udp' })).toBe('0.0.0.0.8.1')
    expect((await rpcbind.list()).map(({ netid, address }) => `${netid} ${address}`)).toEqual([
      'tcp 0.0.0.0.8.1',
      'udp 0.0.0.0.8.1',
    ])
    const one = { ...nfs, netid: 'tcp', address: '127.0.0.1.8.1', owner: '' }
    expect(await rpcbind.register(one)).toBe(true)
    expect(taken.pop()).toEqual(mappings[0])
    expect(await rpcbind.register({ ...one, netid: 'tcp6', address: '::1.8.1' })).toBe(false)
    await expect(rpcbind.time()).rejects.toMatchObject({ code: 'RPC_PROGRAM_MISMATCH' })
    await expect(rpcbind.statistics()).rejects.toMatchObject({ code: 'RPC_PROGRAM_MISMATCH' })
  })

  it('asks in version 3 when that is the highest', async () => {
    const registered = { ...{ program: 9, version: 1, netid: 'udp', owner: '' }, address: '127.0.0.1.8.1' }
    const three = service(RPCBIND_V3, {
      SET: () => true,
      UNSET: () => true,
      GETADDR: () => '127.0.0.1.8.2',
      DUMP: () => [registered],
      BCAST: () => ({ address: '', result: Buffer.alloc(0) }),
      GETTIME: () => 5,
    })
    await using server = await serveOnc('tcp://127.0.0.1:*', [two, three])
    await using rpcbind = await connectRpcbind(server.address)
    expect(await rpcbind.lookUp(registered)).toBe('127.0.0.1.8.2')
    expect(await rpcbind.lookUp(registered, { protocol: 'udp' })).toBe('127.0.0.1.8.1')
    expect(await rpcbind.time()).toBe(5)
  })
})

describe('a server that registers', () => {
  it.each(['tcp', 'udp'] as const)(
    'is found by its program over %s, and no more when it has closed',
    async way => {
      const at = await open()
      await using _ = at.server
      const rpcbind = at[way]
      const server = await serveOnc(`${way}://127.0.0.1:*`, [ledger()], { register: { rpcbind } })
      const client = await connectOnc(`${way}://127.0.0.1:0`, { program: LEDGER, rpcbind })
      expect(await client.client(LEDGER).TWICE(21)).toBe(42)
      await client.close()
      await server.close()
      expect(at.server.registrations().filter(one => one.program === LEDGER.program)).toEqual([])
      await expect(connectOnc(`${way}://127.0.0.1:0`, { program: LEDGER, rpcbind })).rejects.toMatchObject({
        code: 'RPC_NOT_REGISTERED',
      })
    },
  )

  it.each([
    [false, ['tcp 0.0.0.0']],
    [true, ['tcp 0.0.0.0', 'tcp6 ::']],
  ] as const)('at all addresses is told with one that can be reached (IPv6: %s)', async (ipv6, expected) => {
    const at = await open()
    await using _ = at.server
    await using server = await serveOnc('tcp://*:*', [ledger()], { ipv6, register: { rpcbind: at.tcp } })
    const port = Number(server.address.split(':').at(-1))
    const end = `.${port >> 8}.${port & 255}`
    const there = at.server.registrations().filter(one => one.program === LEDGER.program)
    expect(there.map(one => `${one.netid} ${one.address}`)).toEqual(expected.map(text => `${text}${end}`))
    await using rpcbind = await connectRpcbind(at.tcp)
    expect(await rpcbind.lookUp(LEDGER)).toBe(`127.0.0.1${end}`)
  })

  it('over IPv6 is found, too', async () => {
    await using bind = await serveRpcbind(['tcp://[::1]:*'])
    const [rpcbind = ''] = bind.addresses
    await using _ = await serveOnc('tcp://[::1]:*', [ledger()], { register: { rpcbind } })
    await using client = await connectOnc('tcp://[::1]:0', { program: LEDGER, rpcbind })
    expect(await client.client(LEDGER).TWICE(4)).toBe(8)
    expect(bind.registrations().map(one => one.netid)).toEqual(['tcp6', 'tcp6', 'tcp6', 'tcp6'])
  })

  it('is refused while another one is registered, and takes its place with replace', async () => {
    const at = await open()
    await using _ = at.server
    const rpcbind = at.tcp
    await using first = await serveOnc('tcp://127.0.0.1:*', [ledger()], { register: { rpcbind } })
    await expect(serveOnc('tcp://127.0.0.1:*', [ledger()], { register: { rpcbind } })).rejects.toMatchObject({
      code: 'RPC_REGISTRATION_REFUSED',
      message: /it is at 127\.0\.0\.1\.\d+\.\d+ already/,
    })
    await using second = await serveOnc('tcp://127.0.0.1:*', [ledger()], {
      register: { rpcbind, replace: true },
    })
    const [there] = at.server.registrations().filter(one => one.program === LEDGER.program)
    const port = Number(second.address.split(':').at(-1))
    expect(there?.address).toBe(`127.0.0.1.${port >> 8}.${port & 255}`)
    expect(first.address).not.toBe(second.address)
  })

  it.each(['tls://127.0.0.1:1', 'inproc://ledger'])('cannot be registered at %s', async address => {
    const { registerServer } = await import('./register.ts')
    const { parseAddress } = await import('../../transport/index.ts')
    await expect(registerServer(parseAddress(address), [LEDGER], {})).rejects.toThrow(TypeError)
  })

  it('an rpcbind that would not be asked is refused', async () => {
    await expect(connectOnc('tcp://127.0.0.1:9', { rpcbind: 'tcp://127.0.0.1:111' })).rejects.toThrow(
      TypeError,
    )
  })
})

describe('a call that is passed on', () => {
  async function openBoth(options: Parameters<typeof serveRpcbind>[1] = {}) {
    const at = await open(everywhere, options)
    const target = await serveOnc('udp://127.0.0.1:*', [ledger()], { register: { rpcbind: at.udp } })
    return { ...at, target }
  }

  it('is answered for procedure 0', async () => {
    const at = await openBoth()
    await using _ = at.server
    await using target = at.target
    await using rpcbind = await connectRpcbind(at.udp)
    const port = Number(target.address.split(':').at(-1))
    const address = `127.0.0.1.${port >> 8}.${port & 255}`
    expect(await rpcbind.relay(LEDGER, 'NULL', undefined)).toEqual({ address, result: undefined })
  })

  it('is refused for others, unless the machine allows it', async () => {
    const at = await openBoth()
    await using _ = at.server
    await using _target = at.target
    await using rpcbind = await connectRpcbind(at.udp)
    await expect(rpcbind.relay(LEDGER, 'TWICE', 4)).rejects.toMatchObject({ code: 'RPC_SYSTEM_ERROR' })
    const free = await openBoth({ relay: () => true })
    await using _free = free.server
    await using _freeTarget = free.target
    await using asked = await connectRpcbind(free.udp)
    expect((await asked.relay(LEDGER, 'TWICE', 4)).result).toBe(8)
  })

  it('is never passed on to rpcbind itself, to which it would seem to come from its own machine', async () => {
    const at = await open(everywhere, { relay: () => true })
    await using _ = at.server
    await using rpcbind = await connectRpcbind(at.udp)
    const mapping = { program: 7, version: 3, protocol: 6, port: 2049 }
    await expect(rpcbind.relay(PORTMAP_V2, 'SET', mapping)).rejects.toMatchObject({
      code: 'RPC_SYSTEM_ERROR',
    })
    expect(at.server.registrations().some(one => one.program === 7)).toBe(false)
  })

  it('has no answer when it fails, as a broadcast must not (RFC 1833, section 2.2.1)', async () => {
    const at = await openBoth()
    await using _ = at.server
    await using _target = at.target
    await using connection = await connectOnc(at.udp, { resendMs: 20 })
    const call = { program: LEDGER.program, version: 1, procedure: 1, argument: Buffer.alloc(4) }
    for (const wanted of [call, { ...call, program: 5 }]) {
      await expect(connection.client(PORTMAP_V2).CALLIT(wanted, { timeoutMs: 100 })).rejects.toMatchObject({
        code: 'RPC_TIMEOUT',
      })
    }
    expect(
      (await connection.client(PORTMAP_V2).CALLIT({ ...call, procedure: 0, argument: Buffer.alloc(0) })).port,
    ).toBe(Number(at.target.address.split(':').at(-1)))
  })
})

describe('what is wrong is answered as rpcbind 1.2.6 does', () => {
  const head = (program: number, version: number, procedure: number) => [7, 0, 2, program, version, procedure]
  const none = [0, 0]
  const gids = Array.from({ length: 17 }, (_, n) => n)
  const sys = [1, 4 * (5 + 17), 0, 0, 0, 0, 17, ...gids]
  const ended = undefined

  it.each([
    ['an unknown program', [...head(99, 1, 0), ...none, ...none], [7, 1, 0, 0, 0, 1]],
    ['version 99', [...head(100_000, 99, 0), ...none, ...none], [7, 1, 0, 0, 0, 2, 2, 4]],
    ['procedure 77', [...head(100_000, 2, 77), ...none, ...none], [7, 1, 0, 0, 0, 3]],
    ['truncated arguments', [...head(100_000, 2, 3), ...none, ...none, 1, 2], [7, 1, 0, 0, 0, 4]],
    ['flavor 99', [...head(100_000, 2, 0), 99, 0, ...none], [7, 1, 1, 1, 2]],
    ['AUTH_SYS with 17 groups', [...head(100_000, 2, 0), ...sys, ...none], [7, 1, 1, 1, 1]],
    ['AUTH_SYS cut off', [...head(100_000, 2, 0), 1, 4, 0, ...none], [7, 1, 1, 1, 1]],
    [
      'a credential of 404 bytes',
      [...head(100_000, 2, 0), 1, 404, ...new Array(101).fill(0), ...none],
      ended,
    ],
    ['a reply', [7, 1, 0, 0, 0, 0], ended],
    // Here we do as the RFC says: rpcbind ends the connection.
    ['version 3 of RPC', [7, 0, 3, 100_000, 2, 0, ...none, ...none], [7, 1, 1, 0, 2, 2]],
  ] as const)('%s', async (_, words, expected) => {
    const at = await open()
    await using _server = at.server
    expect(await ask(at.tcp, [words])).toEqual(expected)
  })

  it('and a call in three fragments is answered, where rpcbind ends the connection', async () => {
    const at = await open()
    await using _ = at.server
    const [one, two, three] = [head(100_000, 2, 0), none, none]
    expect(await ask(at.tcp, [one, two, three])).toEqual([7, 1, 0, 0, 0, 0])
  })
})

/** Sends a message by hand, in fragments, and gives the answer's words; undefined when the server ends the connection instead. */
async function ask(
  address: string,
  fragments: readonly (readonly number[])[],
): Promise<number[] | undefined> {
  const stream = await connect(address)
  for (const [n, words] of fragments.entries()) {
    const record = Buffer.alloc(4 + 4 * words.length)
    const last = n === fragments.length - 1 ? 0x8000_0000 : 0
    record.writeUInt32BE(last + 4 * words.length)
    for (const [at, word] of words.entries()) record.writeUInt32BE(word, 4 + 4 * at)
    void stream.write([record])
  }
  let answer: number[] | undefined
  const splitter = new RecordSplitter(whole => {
    answer = Array.from({ length: whole.length / 4 }, (_, n) => whole.readUInt32BE(4 * n))
  })
  for await (const chunk of stream.bytes) {
    splitter.push(chunk)
    if (answer !== undefined) break
  }
  stream.abort()
  return answer
}
