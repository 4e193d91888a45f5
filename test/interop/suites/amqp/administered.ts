// What needs an administrator: a broker of its own with the management API, so that virtual hosts, users, policies and
// alarms of these cases meet no others. amqplib case by case, pika and the Java client each in their own words.

import { join } from 'node:path'
import { startBroker } from '../../broker.ts'
import { type Scene, scene } from '../../clients/amqplib.ts'
import type { Stage } from '../../stage.ts'
import { javaArgs, python } from '../../tools.ts'
import { policies } from './policies.ts'
import { casesOf } from './programs.ts'
import { vhosts } from './vhosts.ts'

/** What the management API gave. */
export interface Answer {
  readonly status: number
  readonly json: unknown
}

export interface Administered {
  /** Errors: a status that is none of success. */
  ask(method: 'GET' | 'PUT' | 'DELETE', path: string, body?: object): Promise<Answer>
  /** Of AMQP, for a virtual host and a user whose password is `pw`; by default guest. */
  url(vhost?: string, user?: string): string
}

export type Case = (administered: Administered, scene: Scene) => Promise<void>

export async function administered(stage: Stage): Promise<void> {
  const { report, tools } = stage
  const broker = await startBroker([
    ...['--memory', '--listen', 'kafka=tcp://127.0.0.1:0', '--listen', 'amqp=tcp://127.0.0.1:0'],
    ...['--listen', 'management=tcp://127.0.0.1:0', '--listen', 'http=off'],
  ])
  try {
    const port = broker.amqp.amqp ?? 0
    const api = broker.management ?? ''
    const host: Administered = {
      ask: (method, path, body) => ask(`${api}/api/${path}`, method, body),
      url: (vhost = '/', user = 'guest') =>
        `amqp://${user}:${user === 'guest' ? 'guest' : 'pw'}@127.0.0.1:${port}/${encodeURIComponent(vhost)}`,
    }
    for (const [title, body] of Object.entries({ ...vhosts, ...policies }))
      await report.run(`amqplib: ${title}`, () => scene(host.url(), one => body(host, one)))
    const order = JSON.stringify({ url: host.url(), api: `${api}/api` })
    const script = join(import.meta.dirname, '..', '..', 'python', 'pika_admin.py')
    await casesOf(stage, 'pika', tools.pika, { command: python, args: [script, order] })
    const java = { command: 'java', args: [...javaArgs, 'AmqpAdmin', host.url(), `${api}/api`] }
    await casesOf(stage, 'Java', tools.java, java)
  } finally {
    await broker.stop()
  }
}

const authorization = `Basic ${Buffer.from('guest:guest').toString('base64')}`

async function ask(url: string, method: string, body: object | undefined): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { authorization },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`)
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) }
}
