// Frames taken apart are a second opinion on the engine: all that passes over a connection which does a bit of everything has to
// be covered, field behind field, to its last byte; and frames that are cut say where.

import { beforeAll, describe, expect, it } from 'vitest'
import { frames } from '../../../../rpc/engine/frames.ts'
import {
  ByReference,
  calling,
  connect,
  type FrameObserver,
  health,
  inout,
  oneWay,
  out,
  polling,
  serve,
} from '../../../../rpc/index.ts'
import { type Dissected, Dissector, framesOf } from './dissect.ts'

class Counter extends ByReference {
  add(by: number): number {
    return by
  }
}

const served = {
  add: (a: number, b: number): number => a + b,
  append(data: string, list: string[]): string[] {
    list.push(data)
    return list
  },
  fill(bytes: Uint8Array): void {
    bytes.fill(7)
  },
  fail: (): number => {
    throw new RangeError('no further')
  },
  counter: (): Counter => new Counter(),
  async *count(to: number): AsyncGenerator<string> {
    for (let n = 0; n < to; n++) yield `${n}`.padEnd(4000)
  },
  each: (use: (n: number) => Promise<number>): Promise<number> => use(1),
  hang: (): Promise<number> => new Promise(() => {}),
}

/** A frame as one of the two sent it. */
interface Sent {
  readonly by: 'client' | 'server'
  readonly frame: Buffer
}

function watch(by: Sent['by'], to: Sent[]): FrameObserver {
  return event => {
    if (event.at === 'sent') to.push(...framesOf(event.batch).map(frame => ({ by, frame })))
  }
}

/** Gives all frames of it in the order in which they were sent. */
async function busyConnection(): Promise<readonly Sent[]> {
  const sent: Sent[] = []
  const methods = { add: { atMostOnce: true } }
  await using server = await serve(served, 'tcp://127.0.0.1:*', {
    methods,
    onFrame: watch('server', sent),
    closeMs: 50,
  })
  await using client = await connect<typeof served>(server.address, {
    methods,
    credential: 'secret',
    onFrame: watch('client', sent),
    closeMs: 50,
  })
  await client.add(1, 2)
  await calling(client, { metadata: { user: 'ada' } }).append('milk', inout(['tea']))
  await client.fill(out(new Uint8Array(4)))
  await client.fail().catch(() => {})
  await (client as unknown as { nope(): Promise<void> }).nope().catch(() => {})
  await client.counter().add(1)
  const counter = await client.counter()
  counter[Symbol.dispose]()
  for await (const n of client.count(200_000)) if (Number(n) > 3) break
  for await (const _ of client.count(2));
  await client.each(n => n)
  await oneWay(client, 'delivered').add(1, 1)
  const giveUp = new AbortController()
  const hanging = calling(client, { signal: giveUp.signal }).hang()
  await client.add(1, 1)
  giveUp.abort()
  await hanging.catch(() => {})
  await (await polling(client).add(1, 1)).take()
  await health(client)
  server.drain()
  await client.add(1, 1).catch(() => {})
  return sent
}

describe('the frames of a busy connection', () => {
  let all: { readonly frame: Buffer; readonly dissected: Dissected }[] = []
  let sent: readonly Buffer[] = []

  beforeAll(async () => {
    // Numbers are those of who makes the call, and are used again: each caller has a dissector of its own.
    const dissectors = { client: new Dissector(), server: new Dissector() }
    const answers: readonly number[] = [frames.result, frames.fault]
    all = (await busyConnection()).map(({ by, frame }) => {
      const isAnswer = answers.includes(frame[0] ?? 0)
      const caller = isAnswer === (by === 'server') ? 'client' : 'server'
      return { frame, dissected: dissectors[caller].frame(frame) }
    })
    sent = all.map(({ frame }) => frame)
  })

  it('are of nearly every kind', () => {
    const kinds = new Set(all.map(({ frame }) => frame[0]))
    const rare = [frames.ping, frames.pong]
    expect(Object.values(frames).filter(kind => !kinds.has(kind) && !rare.includes(kind as 13))).toEqual([])
  })

  it('are covered field behind field to their last byte', () => {
    for (const { frame, dissected } of all) {
      expect(dissected, frame.toString('hex')).not.toHaveProperty('flaw')
      let at = 0
      for (const { offset, bytes } of dissected.parts) {
        expect(offset, `${dissected.name} ${frame.toString('hex')}`).toBe(at)
        at += bytes
      }
      expect(at).toBe(4 + frame.length)
      expect(dissected.parts.map(({ field }) => field)).not.toContain('rest')
    }
  })

  it('say what they carry', () => {
    const shown = all.map(({ dissected: { name, parts } }) =>
      [name, ...parts.slice(2).map(({ field, value }) => `${field}=${JSON.stringify(value)}`)].join(' '),
    )
    for (const part of [
      /^HELLO magic="PHRP" version=1 .* credential="given"$/,
      /^CALL .* method="append" .* metadata=\{"user":"ada"\} restored="inout args\[1\]" arguments=2 args\[1\]=\["tea"\] args\[0\]="milk"$/,
      /^RESULT call=\d+ changes=\{"objects":1,"restored":\[\["tea","milk"\]\]\} result=\["tea","milk"\]$/,
      /^RESULT call=\d+ changes=\{"objects":1,"restored":\[\{"base64":"BwcHBw=="\}\]\} result=null$/,
      /^FAULT call=\d+ ending="thrown" thrown=\{"name":"RangeError","message":"no further"\}$/,
      /^FAULT call=\d+ ending="of the engine" code="CALL_NO_METHOD" detail="nope"$/,
      /^RESULT call=\d+ result=\{"reference":"object","number":\d+\}$/,
      /^CALL .* target="what call \d+ gives" method="add"/,
    ])
      expect(
        shown.some(line => part.test(line)),
        String(part),
      ).toBe(true)
    expect(shown.join('\n')).not.toContain('secret')
  })

  it('that are cut anywhere, or changed in a byte, are still shown as far as they go', () => {
    const dissector = new Dissector()
    for (const frame of sent.slice(0, 60)) {
      for (let length = 0; length < Math.min(frame.length, 200); length++) {
        const { parts } = dissector.frame(frame.subarray(0, length))
        expect(parts.every(part => part.offset + part.bytes <= 4 + length)).toBe(true)
      }
      for (let at = 0; at < Math.min(frame.length, 200); at++) {
        const changed = Buffer.from(frame)
        changed[at] = (changed[at] ?? 0) ^ 0xff
        expect(new Dissector().frame(changed).parts.length).toBeGreaterThan(0)
      }
    }
  })
})
