// What goes out together, on a stream that writes down what it is told.

import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { FlowingStream } from '../../transport/index.ts'
import { RecordOutbox } from './outbox.ts'
import { marked, RecordSplitter, type WriteMessage } from './record.ts'

function recorded() {
  const writes: Buffer[][] = []
  let room: Promise<void> | undefined
  const stream: FlowingStream = {
    peer: { address: 'here', port: 0, encrypted: false },
    bytes: {
      [Symbol.asyncIterator]: () => {
        throw new Error('nobody reads here')
      },
    },
    write: () => undefined,
    writeNow(chunks) {
      writes.push([...chunks])
      return room
    },
    flow() {
      throw new Error('nobody reads here')
    },
    end: () => {},
    close: async () => {},
    abort: () => {},
  }
  const setRoom = (given: Promise<void> | undefined): void => {
    room = given
  }
  const sizes = (): string[] => writes.map(chunks => chunks.map(chunk => chunk.length).join(' '))
  const messages = (): Buffer[] => {
    const found: Buffer[] = []
    const splitter = new RecordSplitter(record => found.push(Buffer.from(record)))
    for (const chunk of writes.flat()) splitter.push(chunk)
    return found
  }
  return { outbox: new RecordOutbox(stream), sizes, messages, setRoom }
}

/** A message of so many bytes, with its mark. */
const message =
  (bytes: number): WriteMessage =>
  to =>
    to.copy(Buffer.alloc(bytes - 4, 'x'))

describe('outbox of records', () => {
  it.each([
    ['records of one turn are one write', [10, 20, 30], ['60']],
    ['a page is sent before the turn ends', [4000, 120, 20], ['4120', '20']],
    ['a record that is longer than a page is one write with what waits', [10, 7000, 20], ['7010', '20']],
  ])('%s', async (_, lengths, expected) => {
    const { outbox, sizes } = recorded()
    for (const length of lengths) expect(outbox.add(message(length))).toBeUndefined()
    await turn()
    expect(sizes()).toEqual(expected)
  })

  it('sends a record that was made before as it is, in its place, without a copy where it is large', async () => {
    const { outbox, sizes, messages } = recorded()
    outbox.add(message(10))
    outbox.addMade(marked(message(8)))
    outbox.addMade(marked(to => to.raw(Buffer.alloc(70_000, 'y'))))
    outbox.add(message(12))
    await turn()
    expect(sizes()).toEqual(['22 70000', '12'])
    expect(messages().map(one => one.length)).toEqual([6, 4, 70_000, 8])
  })

  it('takes back a message that cannot be written, and nothing beside it', async () => {
    const { outbox, messages } = recorded()
    const wrong: WriteMessage = to => {
      to.copy(Buffer.alloc(7000))
      throw new RangeError('not this')
    }
    outbox.add(to => to.copy(Buffer.from('before')))
    expect(() => outbox.add(wrong)).toThrow(RangeError)
    outbox.add(to => to.copy(Buffer.from('after')))
    await turn()
    expect(messages().map(String)).toEqual(['before', 'after'])
  })

  it('does not mix two messages when the value of one sends another', async () => {
    const { outbox, messages } = recorded()
    const sends: WriteMessage = () => void outbox.add(to => to.copy(Buffer.from('inner')))
    expect(() => outbox.add(sends)).toThrow(TypeError)
    outbox.add(to => to.copy(Buffer.from('next')))
    await turn()
    expect(messages().map(String)).toEqual(['next'])
  })

  it('sends what waits when it is told to, and nothing that it is told to drop', async () => {
    const flushed = recorded()
    flushed.outbox.add(message(10))
    flushed.outbox.flush()
    expect(flushed.sizes()).toEqual(['10'])
    const dropped = recorded()
    dropped.outbox.add(message(10))
    dropped.outbox.stop()
    await turn()
    expect(dropped.sizes()).toEqual([])
  })

  it('says that there is no room until the peer reads again', async () => {
    const { outbox, setRoom } = recorded()
    let free = (): void => {}
    setRoom(
      new Promise(resolve => {
        free = resolve
      }),
    )
    outbox.add(message(10))
    outbox.flush()
    setRoom(undefined)
    const room = outbox.add(message(10))
    expect(room).toBeInstanceOf(Promise)
    free()
    await room
    expect(outbox.add(message(10))).toBeUndefined()
  })
})
