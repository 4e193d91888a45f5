// What goes out together and what comes in one by one, on a stream that writes down what it is told.

import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { FlowingStream, FlowSink } from '../../transport/index.ts'
import { joining } from './joining.ts'

function recorded() {
  const told: string[] = []
  let sink: FlowSink | undefined
  let room: Promise<void> | undefined
  const stream: FlowingStream = {
    peer: { address: 'here', port: 0, encrypted: false },
    bytes: {
      [Symbol.asyncIterator]: () => {
        throw new Error('the stream is driven, not asked')
      },
    },
    write: () => undefined,
    writeNow(chunks) {
      told.push(`write ${chunks.map(chunk => chunk.length).join(' ')}`)
      return room
    },
    flow(given) {
      sink = given
      return { resume: () => void told.push('resume') }
    },
    end: () => {},
    close: async () => void told.push('close'),
    abort: () => void told.push('abort'),
  }
  const arrives = (text: string): string => (sink?.chunk(Buffer.from(text)) ? 'stop' : 'more')
  const ends = (reason?: Error): void => sink?.ended(reason)
  const setRoom = (given: Promise<void> | undefined): void => {
    room = given
  }
  return { stream: joining(stream), told, arrives, ends, setRoom }
}

const record = (bytes: number): Buffer[] => [Buffer.alloc(bytes)]

describe('joining', () => {
  it.each([
    ['records of one turn are one buffer', [10, 20, 30], ['write 60']],
    ['a record alone is not copied', [10], ['write 10']],
    ['much is sent at once, as it is', [10, 65_536, 20], ['write 10 65536', 'write 20']],
  ])('%s', async (_, sizes, expected) => {
    const { stream, told } = recorded()
    for (const size of sizes) expect(stream.write(record(size))).toBeUndefined()
    await turn()
    expect(told).toEqual(expected)
  })

  it('sends what waits before it closes, and nothing after it is cut', async () => {
    const closed = recorded()
    closed.stream.write(record(10))
    await closed.stream.close()
    expect(closed.told).toEqual(['write 10', 'close'])
    const cut = recorded()
    cut.stream.write(record(10))
    cut.stream.abort()
    await turn()
    expect(cut.told).toEqual(['abort'])
  })

  it('says that there is no room until the peer reads again', async () => {
    const { stream, setRoom } = recorded()
    let free = (): void => {}
    setRoom(
      new Promise(resolve => {
        free = resolve
      }),
    )
    stream.write(record(65_536))
    setRoom(undefined)
    const room = stream.write(record(1))
    expect(room).toBeInstanceOf(Promise)
    free()
    await room
    expect(stream.write(record(1))).toBeUndefined()
  })

  it('gives chunks in order, stops the peer while one waits, and ends', async () => {
    const { stream, told, arrives, ends } = recorded()
    const chunks = stream.bytes[Symbol.asyncIterator]()
    const first = chunks.next()
    expect([arrives('a'), arrives('b')]).toEqual(['more', 'stop'])
    expect(String((await first).value)).toBe('a')
    expect(told).toEqual([])
    expect(String((await chunks.next()).value)).toBe('b')
    expect(told).toEqual(['resume'])
    const last = chunks.next()
    ends()
    expect([await last, await chunks.next()]).toMatchObject([{ done: true }, { done: true }])
  })

  it('throws what broke the stream, also to who asks later', async () => {
    const { stream, ends } = recorded()
    const chunks = stream.bytes[Symbol.asyncIterator]()
    const asked = chunks.next()
    ends(new Error('cut'))
    await expect(asked).rejects.toThrow('cut')
    await expect(chunks.next()).rejects.toThrow('cut')
  })

  it('throws away what still comes when it is closed: a peer that was stopped can end', async () => {
    const { stream, told, arrives } = recorded()
    stream.bytes[Symbol.asyncIterator]()
    expect(arrives('held')).toBe('stop')
    await stream.close()
    expect(told).toEqual(['resume', 'close'])
    expect(arrives('more')).toBe('more')
  })
})
