// One interface, declared once as a program of an .x file would be, called in every way of both worlds: on the wire of ONC RPC,
// and served in the language, which has the two ways that this wire has no words for.

import { describe, expect, it } from 'vitest'
import { connect } from '../engine/connect.ts'
import { serve } from '../engine/serve.ts'
import { first, quorum } from '../many/index.ts'
import { connectOnc, serveOnc, service } from '../onc/index.ts'
import { type ClientOf, program } from '../program.ts'
import * as xdr from '../xdr/index.ts'
import { asynchronous, deferred, oneWay, pending, polling } from './index.ts'

const TALLY = program({
  name: 'TALLY_V1',
  program: 0x2000_0077,
  version: 1,
  procedures: {
    ADD: { number: 1, argument: xdr.int, result: xdr.int },
    NOTE: { number: 2, argument: xdr.int, result: xdr.nothing },
    TOTAL: { number: 3, argument: xdr.nothing, result: xdr.int },
  },
})
type Tally = ClientOf<typeof TALLY>

/** What both worlds serve. */
function tally() {
  let total = 0
  const ADD = (by: number): number => {
    total += by
    return total
  }
  return { ADD, NOTE: (by: number): undefined => void ADD(by), TOTAL: () => total }
}

describe('an interface declared once', () => {
  it('is called over ONC RPC: synchronously, asynchronously, one way, and at many', async () => {
    const servers = await Promise.all(
      [1, 2, 3].map(() => serveOnc('tcp://127.0.0.1:*', [service(TALLY, tally())])),
    )
    const connections = await Promise.all(servers.map(server => connectOnc(server.address)))
    const clients = connections.map(connection => connection.client(TALLY))
    try {
      const [client] = clients
      if (client === undefined) throw new Error('no client')
      expect(await client.ADD(2)).toBe(2)
      const adding = pending(signal => client.ADD(3, { signal }))
      expect([adding.state, await adding.result(), adding.state]).toEqual(['waiting', 5, 'done'])
      await client.NOTE(10, { oneWay: true })
      expect(await client.TOTAL()).toBe(15)
      expect(await quorum(2, clients, (one, signal) => one.ADD(0, { signal }))).toHaveLength(2)
      expect(await first(clients.slice(1), (one, signal) => one.ADD(1, { signal }))).toBe(1)
    } finally {
      await Promise.all(connections.map(connection => connection.close()))
      await Promise.all(servers.map(server => server.close()))
    }
  })

  it('is called in the language in all of these ways, deferred, and by tickets', async () => {
    await using server = await serve(tally())
    await using client = await connect<Tally>(server.address)
    expect(await client.ADD(2)).toBe(2)
    expect(await asynchronous(client).ADD(3).result()).toBe(5)
    await oneWay(client, 'processed').NOTE(10)
    expect(await (await deferred(client).ADD(1)).result).toBe(16)
    const ticket = await polling(client).ADD(4)
    expect([await ticket.take(), await client.TOTAL()]).toEqual([20, 20])
  })
})
