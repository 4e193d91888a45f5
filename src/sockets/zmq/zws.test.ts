// ZWS 2.0 in its bare form (RFC 45, sub-protocol `ZWS2.0`): no READY, both begin with their routing id. It is what browsers
// speak. A client by hand, byte for byte as libzmq 4.3 takes it.

import { afterEach, expect, it } from 'vitest'
import { connectWs, type MessageStream } from '../../transport/index.ts'
import { Context } from './context.ts'
import { Pull, Reply, Router, XPublisher } from './index.ts'
import type { Socket } from './socket.ts'

const open: (Socket | MessageStream)[] = []
afterEach(() => {
  for (const one of open.splice(0)) 'abort' in one ? one.abort() : one.close()
})

async function bare(socket: Socket): Promise<MessageStream> {
  open.push(socket)
  await socket.bind('ws://127.0.0.1:*')
  const port = Number(/:(\d+)\//.exec(socket.lastEndpoint ?? '')?.[1])
  const stream = await connectWs({ host: '127.0.0.1', port, path: '/', protocols: ['ZWS2.0'] })
  open.push(stream)
  return stream
}

async function next(stream: MessageStream): Promise<string | undefined> {
  for await (const message of stream.messages) return message.toString('latin1')
  return undefined
}

const say = (stream: MessageStream, text: string): void => void stream.send([Buffer.from(text, 'latin1')])

it('exchanges routing ids, then messages', async () => {
  const router = new Router()
  const stream = await bare(router)
  expect(stream.protocol).toBe('ZWS2.0')
  expect(await next(stream)).toBe('\x00')
  say(stream, '\x00me')
  say(stream, '\x01a')
  say(stream, '\x00b')
  expect((await router.receive()).map(String)).toEqual(['me', 'a', 'b'])
  await router.send(['me', 'c', 'd'])
  expect([await next(stream), await next(stream)]).toEqual(['\x01c', '\x00d'])
})

it('takes subscriptions as messages', async () => {
  const publisher = new XPublisher()
  const stream = await bare(publisher)
  say(stream, '\x00')
  say(stream, '\x00\x01t')
  expect(String(await publisher.receive())).toBe('\x01t')
  await publisher.send(['t', 'x'])
  expect([await next(stream), await next(stream), await next(stream)]).toEqual(['\x00', '\x01t', '\x00x'])
})

it('ends a peer that begins with a routing id that is too long', async () => {
  const stream = await bare(new Pull())
  say(stream, `\x00${'x'.repeat(256)}`)
  await stream.closed
})

it('is refused where a ZAP handler is to be asked: there is nothing to ask it', async () => {
  const context = new Context()
  const zap = new Reply({ context })
  open.push(zap)
  await zap.bind('inproc://zeromq.zap.01')
  const stream = await bare(new Pull({ context, zapDomain: 'global' }))
  say(stream, '\x00')
  await stream.closed
})
