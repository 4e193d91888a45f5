// A broker in memory with the management API, and a small client for it: what the tests of the routes play on.

import { connect } from 'amqplib'
import { type RunningBroker, type StartOptions, start } from '../index.ts'
import type { Shape } from './answer.ts'

export interface Answered {
  readonly status: number
  /** The JSON, undefined when there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever comes
  readonly json: any
  readonly headers: Headers
}

export interface Scene {
  readonly broker: RunningBroker
  /** As guest, or as the user and password `name:password`; '' for nobody. */
  ask(method: string, path: string, body?: Shape | readonly unknown[], login?: string): Promise<Answered>
  /** The JSON of a GET that succeeds. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever comes
  get(path: string, login?: string): Promise<any>
  amqp(vhost?: string): ReturnType<typeof connect>
  close(): Promise<void>
}

export async function openScene(options: StartOptions = {}): Promise<Scene> {
  const broker = await start({ amqp: true, management: true, ...options })
  const connections: Awaited<ReturnType<typeof connect>>[] = []
  async function ask(method: string, path: string, body?: unknown, login = 'guest:guest'): Promise<Answered> {
    const response = await fetch(`${broker.management?.url}${path}`, {
      method,
      headers: login === '' ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const json = text === '' ? undefined : JSON.parse(text)
    return { status: response.status, json, headers: response.headers }
  }
  return {
    broker,
    ask,
    async get(path, login) {
      const { status, json } = await ask('GET', path, undefined, login)
      if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(json)}`)
      return json
    },
    async amqp(vhost = '/') {
      const connection = await connect(`${broker.amqp?.url}/${encodeURIComponent(vhost)}`)
      connections.push(connection)
      return connection
    },
    async close() {
      await Promise.allSettled(connections.map(one => one.close()))
      await broker.close()
    },
  }
}
