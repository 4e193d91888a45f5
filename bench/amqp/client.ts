// The one client program, `posthorn bench amqp`, as a process of its own, and connections that do nothing.

import { join } from 'node:path'
import { Connection } from '../../src/cli/amqp/connection.ts'
import {
  QueueDeclare,
  QueueDeclareOk,
  QueueDelete,
  QueueDeleteOk,
} from '../../src/heads/amqp091/wire/index.ts'
import { connectTcp } from '../../src/transport/index.ts'
import { systemWorld } from '../../src/world/index.ts'
import { dist } from '../places.ts'
import { outputOf } from '../programs.ts'

/** A row of what it prints. */
export interface Row {
  readonly phase: 'publish' | 'consume'
  readonly messages: number
  readonly messagesPerSecond: number
  readonly p50: number | null
  readonly p99: number | null
  /** Processors that the client took. */
  readonly cpu: number
}

export interface Run {
  readonly publish: Row | undefined
  readonly consume: Row | undefined
}

const TIMEOUT_MS = 120_000

/** Runs it against a port of this machine. Errors: it ends badly, or warns. */
export async function benchAmqp(port: number, args: readonly string[]): Promise<Run> {
  const said = await outputOf({
    command: process.execPath,
    args: [join(dist, 'cli', 'main.js'), 'bench', 'amqp', '--url', urlOf(port), ...args, '-o', 'json'],
  })
  const rows = JSON.parse(said) as readonly Row[]
  const row = (phase: Row['phase']): Row | undefined => rows.find(one => one.phase === phase)
  return { publish: row('publish'), consume: row('consume') }
}

/** A connection, with a channel or without. */
export async function openConnection(port: number): Promise<Connection> {
  const stream = await connectTcp({ host: '127.0.0.1', port })
  return Connection.open(stream, {
    name: `127.0.0.1:${port}`,
    world: systemWorld,
    timeoutMs: TIMEOUT_MS,
    user: 'guest',
    password: 'guest',
    vhost: '/',
    heartbeat: 60,
  })
}

/** Runs `use` while a durable queue of this name is there. */
export async function withQueue<T>(port: number, queue: string, use: () => Promise<T>): Promise<T> {
  const connection = await openConnection(port)
  const channel = await connection.channel()
  try {
    await channel.call(QueueDeclare, { queue, durable: true }, QueueDeclareOk)
    return await use()
  } finally {
    await channel.call(QueueDelete, { queue }, QueueDeleteOk)
    await connection.close()
  }
}

function urlOf(port: number): string {
  return `amqp://guest:guest@127.0.0.1:${port}/%2F`
}
