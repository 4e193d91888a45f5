// The line of a connection's answers, of which some are read while they are sent.

import { beforeEach, describe, expect, it } from 'vitest'
import type { ByteSource } from '../../bytes/index.ts'
import { type Deferred, deferred } from '../../flow/index.ts'
import type { PromptStream } from '../../transport/index.ts'
import { Answers } from './answers.ts'

/** A stream that takes everything, and says so when it is told to. */
class Sink implements PromptStream {
  readonly peer = { address: '127.0.0.1', port: 1, encrypted: false }
  readonly bytes: AsyncIterable<Buffer> = {
    [Symbol.asyncIterator]: () => ({ next: () => deferred<never>().promise }),
  }
  text = ''
  /** What went to the system at once. */
  prompt = ''
  #slow: Deferred<void> | undefined

  write(chunks: readonly Buffer[]): Promise<void> | undefined {
    this.text += Buffer.concat(chunks).toString()
    return this.#slow?.promise
  }
  writeNow(chunks: readonly Buffer[]): Promise<void> | undefined {
    this.prompt += Buffer.concat(chunks).toString()
    return this.write(chunks)
  }
  async close(): Promise<void> {}
  abort(): void {}

  slow(): () => void {
    const slow = deferred<void>()
    this.#slow = slow
    return () => {
      this.#slow = undefined
      slow.resolve()
    }
  }
}

/** Bytes that come when the test says so. */
function slowSource(text: string): { readonly source: ByteSource; come(): void; fail(): void } {
  const reading = deferred<void>()
  const source: ByteSource = {
    bytes: text.length,
    read: async (into, at) => {
      await reading.promise
      return into.write(text.slice(at))
    },
  }
  return {
    source,
    come: () => reading.resolve(),
    fail: () => reading.reject(new Error('the disk is gone')),
  }
}

const settle = async (): Promise<void> => {
  for (let n = 0; n < 5; n++) await new Promise(resolve => setImmediate(resolve))
}

let sink: Sink
let answers: Answers
let told: string[]

beforeEach(() => {
  sink = new Sink()
  told = []
  answers = new Answers(sink, error => told.push(String(error)))
})

/** A place whose end is told. */
function place(name: string) {
  const slot = answers.slot(10)
  slot.sent.push(() => told.push(`${name} sent`))
  return slot
}

describe('answers', () => {
  it('wait for one that is read while it is sent, and for those that are not ready', async () => {
    const [a, b, c, d] = [place('a'), place('b'), place('c'), place('d')]
    const { source, come } = slowSource('bbb')
    answers.fill(c, [Buffer.from('[c]')])
    answers.fill(a, [Buffer.from('[a]')])
    answers.fill(b, [Buffer.from('['), source, Buffer.from(']')])
    await settle()
    expect([sink.text, answers.count, answers.bytes]).toEqual(['[a][', 3, 30])
    expect(answers.areReady).toBe(false)
    expect(told).toEqual(['a sent'])
    come()
    await settle()
    expect([sink.text, answers.count, answers.bytes]).toEqual(['[a][bbb][c]', 1, 10])
    expect(told.slice(1)).toEqual(['b sent', 'c sent'])
    answers.fill(d, [])
    expect(told.slice(3)).toEqual(['d sent'])
    expect(answers.count).toBe(0)
  })

  it('end with one that cannot be read: what it was made of is let go of, and that of those behind it', async () => {
    const [a, b] = [place('a'), place('b')]
    const { source, fail } = slowSource('aaa')
    answers.fill(a, [source])
    answers.fill(b, [slowSource('').source])
    fail()
    await settle()
    expect(told).toEqual(['Error: the disk is gone', 'a sent', 'b sent'])
    await answers.allSent()
  })

  it('are all ready when only the client is waited for', async () => {
    const [a, b] = [place('a'), place('b')]
    answers.fill(a, [slowSource('aaa').source])
    expect(answers.areReady).toBe(false)
    answers.fill(b, [Buffer.from('b')])
    expect([answers.areReady, answers.count]).toEqual([true, 2])
  })

  it('go to the system at once when they have always been alone, and no other follows in this turn', () => {
    answers.fill(place('a'), [Buffer.from('a')], true)
    expect([sink.text, sink.prompt]).toEqual(['a', 'a'])
    answers.fill(place('b'), [Buffer.from('b')])
    const [c, d] = [place('c'), place('d')]
    answers.fill(c, [Buffer.from('c')], true)
    answers.fill(d, [Buffer.from('d')], true)
    answers.fill(place('e'), [], true)
    expect([sink.text, sink.prompt]).toEqual(['abcd', 'a'])
    expect(told).toEqual(['a sent', 'b sent', 'c sent', 'd sent', 'e sent'])
  })

  it('make room when one has left and the client reads', async () => {
    const [a] = [place('a'), place('b')]
    const read = sink.slow()
    let hasRoom = false
    const room = answers.room(2, 100).then(() => {
      hasRoom = true
    })
    await settle()
    answers.fill(a, [Buffer.from('a')])
    await settle()
    expect(hasRoom).toBe(false)
    read()
    await room
    await answers.room(2, 11)
    let hasBytes = false
    void answers.room(2, 10).then(() => {
      hasBytes = true
    })
    await settle()
    expect(hasBytes).toBe(false)
  })
})
