// What an observer is told of a call: the same bytes at both ends, in the order in which things happen.

import { describe, expect, it } from 'vitest'
import { InprocNames } from '../../transport/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { connect } from './connect.ts'
import { frames, HEAD_BYTES } from './frames.ts'
import type { FrameEvent } from './observe.ts'
import { serve } from './serve.ts'

/** Frames of what was sent, without their lengths. */
function sentFrames(events: readonly FrameEvent[]): string[] {
  return events.flatMap(event => {
    if (event.at !== 'sent') return []
    const found: string[] = []
    for (let at = 0; at < event.batch.length; ) {
      const end = at + HEAD_BYTES + event.batch.readUInt32BE(at)
      found.push(event.batch.toString('hex', at + HEAD_BYTES, end))
      at = end
    }
    return found
  })
}

function receivedFrames(events: readonly FrameEvent[]): string[] {
  return events.flatMap(event => (event.at === 'received' ? [event.frame.toString('hex')] : []))
}

describe('an observer of frames', () => {
  it('sees at one end what was sent at the other, packed before it is sent', async () => {
    const [names, world] = [new InprocNames(), new ManualWorld()]
    const [atServer, atClient]: [FrameEvent[], FrameEvent[]] = [[], []]
    const keep = (to: FrameEvent[]) => (event: FrameEvent) =>
      void to.push(event.at === 'received' ? { ...event, frame: Buffer.from(event.frame) } : event)
    const options = { names, world, closeMs: 1 }
    const served = { add: (a: number, b: number): number => a + b }
    await using _server = await serve(served, 'inproc://add', { ...options, onFrame: keep(atServer) })
    await using client = await connect<typeof served>('inproc://add', { ...options, onFrame: keep(atClient) })
    expect(await client.add(1, 2)).toBe(3)

    expect(receivedFrames(atServer)).toEqual(sentFrames(atClient))
    expect(receivedFrames(atClient)).toEqual(sentFrames(atServer))
    const kinds = atClient.map(event =>
      event.at === 'packed' ? event.kind : event.at === 'sent' ? 'sent' : event.frame[0],
    )
    expect(kinds.filter(kind => kind !== 'sent')).toEqual([
      frames.hello,
      frames.call,
      frames.hello,
      frames.result,
    ])
    const packed = atClient.flatMap(event => (event.at === 'packed' ? [event.bytes] : []))
    expect(packed).toEqual(sentFrames(atClient).map(hex => hex.length / 2))
  })
})
