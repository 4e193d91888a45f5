// The file that pages load, with the WebSocket of the package `ws` for that of a browser, which has the same interface, against
// a socket of ours. It is made by the build, so the built one is tested; Chromium runs it in the interop suite.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { Publisher, Reply } from '../classes.ts'
import type * as Page from './index.ts'

const path = fileURLToPath(new URL('../../../../dist/sockets/zmq/browser/bundle.js', import.meta.url))

async function page(): Promise<typeof Page> {
  Object.assign(globalThis, { WebSocket })
  return (await import(path)) as typeof Page
}

it('names no module of Node', () => {
  const text = readFileSync(path, 'utf8')
  expect(text).not.toMatch(/^import\s|["']node:/m)
})

it('asks and subscribes over WebSocket', async () => {
  const { Request, Subscriber } = await page()
  const reply = new Reply()
  await reply.bind('ws://127.0.0.1:*')
  const request = new Request()
  request.connect(reply.lastEndpoint ?? '')
  await request.send(['a', 'b'])
  expect(String(await reply.receive())).toBe('a,b')
  await reply.send('answer')
  expect(String(await request.receive())).toBe('answer')

  const publisher = new Publisher()
  await publisher.bind('ws://127.0.0.1:*')
  const subscriber = new Subscriber()
  subscriber.subscribe('t')
  subscriber.connect(publisher.lastEndpoint ?? '')
  const telling = setInterval(() => void publisher.send(['t1', 'body']), 5)
  expect(String(await subscriber.receive())).toBe('t1,body')
  clearInterval(telling)
  for (const socket of [request, reply, subscriber, publisher]) socket.close()
})

it('refuses what a page cannot do', async () => {
  const { Push, Pull } = await page()
  await expect(new Pull().bind('ws://127.0.0.1:5555')).rejects.toMatchObject({ code: 'EPROTONOSUPPORT' })
  expect(() => new Push({ plainUsername: 'u' }).connect('ws://127.0.0.1:5555')).toThrow(
    'neither PLAIN nor CURVE',
  )
})
