// What a connection does with the event loop: a client that floods it must leave others their turn.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { type SaslExchange, type SaslMechanism, user } from '../../auth/index.ts'
import { Broker } from '../../broker/index.ts'
import { type Fields, type InOf, Writer } from '../../bytes/index.ts'
import { type MemoryStore, openMemoryStore } from '../../log/index.ts'
import { ManualWorld, silent } from '../../world/index.ts'
import { Connection } from './connection.ts'
import { preferredHeader, writeHeartbeat, writeMethod } from './frame.ts'
import { Amqp } from './head.ts'
import { ConnectionOpen, ConnectionStartOk, ConnectionTuneOk, type Method } from './wire/index.ts'

const world = new ManualWorld()
const product = { product: 'Posthorn', version: '0', platform: 'Node.js', clusterName: 'test' }
const exchange: SaslExchange = { step: () => ({ at: 'done', principal: user('guest') }) }
const mechanism: SaslMechanism = { name: 'PLAIN', start: () => exchange }
const CHUNKS = 50

let store: MemoryStore
let broker: Broker
let head: Amqp
beforeAll(async () => {
  store = openMemoryStore()
  broker = await Broker.open({ store, world })
  head = await Amqp.open({ broker, world, report: silent, listeners: [], product })
})
afterAll(async () => {
  await head.close()
  await broker.close()
  await store.close()
})

it('reads 64 KiB at a time from a client that floods it', async () => {
  let read = 0
  let readInOneTurn: number | undefined
  async function* flood(): AsyncGenerator<Buffer> {
    yield handshake()
    setImmediate(() => {
      readInOneTurn = read
    })
    for (; read < CHUNKS; read++) yield heartbeats(65_536)
  }
  const stream = {
    peer: { address: '127.0.0.1', port: 1, encrypted: false },
    bytes: flood(),
    write: () => undefined,
    close: () => Promise.resolve(),
    abort: () => {},
  }
  const connection = new Connection({
    serving: head,
    stream,
    listener: 'amqp',
    name: 'flood',
    properties: new Map(),
    mechanisms: [mechanism],
    begin: () => exchange,
  })
  await connection.serve()
  expect(connection.counts.received).toBeGreaterThan(CHUNKS * 65_536)
  expect(read).toBe(CHUNKS)
  expect(readInOneTurn).toBeLessThanOrEqual(1)
})

function handshake(): Buffer {
  const startOk = {
    clientProperties: new Map(),
    mechanism: 'PLAIN',
    response: Buffer.alloc(0),
    locale: 'en_US',
  }
  return Buffer.concat([
    preferredHeader,
    frame(ConnectionStartOk, startOk),
    frame(ConnectionTuneOk, { channelMax: 1, frameMax: 4096, heartbeat: 0 }),
    frame(ConnectionOpen, { virtualHost: '/' }),
  ])
}

function frame<F extends Fields>(method: Method<F>, args: InOf<F>): Buffer {
  const to = new Writer()
  writeMethod(to, 0, method, args)
  return Buffer.concat(to.finish())
}

function heartbeats(bytes: number): Buffer {
  const to = new Writer()
  writeHeartbeat(to)
  const [one = Buffer.alloc(0)] = to.finish()
  return Buffer.alloc(bytes, one)
}
