// A broadcast, with rpcbinds of this process on several addresses of loopback, which is a network of its own.

import { describe, expect, it } from 'vitest'
import { serveOnc, service } from '../onc/index.ts'
import { program } from '../program.ts'
import * as xdr from '../xdr/index.ts'
import { broadcastOnc, broadcastPlaces } from './broadcast.ts'
import type { Interfaces } from './reachable.ts'
import { serveRpcbind } from './server.ts'

const CLOCK = program({
  name: 'CLOCK_V1',
  program: 0x2000_0002,
  version: 1,
  procedures: { NAME: { number: 1, argument: xdr.string(20), result: xdr.string(40) } },
})

async function open(host: string, name: string, relay: boolean) {
  const bind = await serveRpcbind([`udp://${host}:*`], { relay: () => relay })
  const [rpcbind = ''] = bind.addresses
  const server = await serveOnc(
    `udp://${host}:*`,
    [service(CLOCK, { NAME: greeting => `${greeting}, I am ${name}` })],
    { register: { rpcbind } },
  )
  const place = { host, port: Number(rpcbind.split(':').at(-1)) }
  const close = async () => {
    await server.close()
    await bind.close()
  }
  return { place, close, port: Number(server.address.split(':').at(-1)) }
}

describe('a broadcast', () => {
  it('is answered once by each machine that has the program and passes the call on', async () => {
    const hosts = await Promise.all([
      open('127.0.0.2', 'two', true),
      open('127.0.0.3', 'three', true),
      open('127.0.0.4', 'four', false),
    ])
    const answers: unknown[] = []
    const [two, three] = hosts
    const places = hosts.map(({ place }) => place)
    const options = { places: [...places, ...places], waitMs: 300 }
    for await (const answer of broadcastOnc(CLOCK, 'NAME', 'hello', options)) answers.push(answer)
    for (const { close } of hosts) await close()
    expect(answers).toHaveLength(2)
    expect(answers).toEqual(
      expect.arrayContaining([
        { host: '127.0.0.2', port: two?.port, result: 'hello, I am two' },
        { host: '127.0.0.3', port: three?.port, result: 'hello, I am three' },
      ]),
    )
  })

  it('ends when it is called off', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const reading = (async () => {
      const options = { places: [{ host: '127.0.0.1', port: 9 }], waitMs: 60_000, signal: controller.signal }
      for await (const _ of broadcastOnc(CLOCK, 'NAME', 'hello', options)) throw new Error('an answer')
    })()
    setImmediate(() => controller.abort(reason))
    await expect(reading).rejects.toBe(reason)
  })

  it('goes to the broadcast address of each network', () => {
    const one = { mac: '', cidr: null, family: 'IPv4', internal: false } as const
    const interfaces: Interfaces = {
      lo: [{ ...one, address: '127.0.0.1', netmask: '255.0.0.0', internal: true }],
      eth0: [{ ...one, address: '10.1.3.7', netmask: '255.255.252.0' }],
      eth1: [{ ...one, address: '192.168.7.2', netmask: '255.255.255.0' }],
    }
    expect(broadcastPlaces(interfaces)).toEqual([
      { host: '10.1.3.255', port: 111 },
      { host: '192.168.7.255', port: 111 },
    ])
  })
})
