// When what is sent goes to the stream below, on one that writes down what it is told.

import { describe, expect, it } from 'vitest'
import { ManualWorld } from '../../world/index.ts'
import type { PromptStream } from '../stream.ts'
import { WsConnection } from './connection.ts'
import { wsLimits } from './limits.ts'
import { byteStream } from './message-stream.ts'

function recorded() {
  const calls: string[] = []
  const note = (how: string) => (chunks: readonly Buffer[]) => {
    calls.push(`${how} ${Buffer.concat(chunks).toString('latin1', 2)}`)
    return undefined
  }
  const stream: PromptStream = {
    peer: { address: 'here', port: 0, encrypted: false },
    bytes: { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) },
    write: note('later'),
    writeNow: note('now'),
    close: async () => {},
    abort: () => {},
  }
  const options = { stream, rest: Buffer.alloc(0), side: 'server', protocol: '', limits: wsLimits } as const
  return { messages: new WsConnection({ ...options, world: new ManualWorld() }), calls, stream }
}

describe('a message', () => {
  it('waits for the end of the turn, or does not, as it is told', () => {
    const { messages, calls } = recorded()
    const bytes = byteStream(messages)
    messages.send([Buffer.from('a')])
    messages.send([Buffer.from('b')], { now: true })
    bytes.write([Buffer.from('c')])
    bytes.writeNow([Buffer.from('d')])
    bytes.writeNow([])
    expect(calls).toEqual(['later a', 'now b', 'later c', 'now d'])
  })

  it('waits where the stream below knows nothing else', () => {
    const { messages, calls, stream } = recorded()
    Reflect.deleteProperty(stream, 'writeNow')
    messages.send([Buffer.from('a')], { now: true })
    expect(calls).toEqual(['later a'])
  })
})
