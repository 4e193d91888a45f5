// What goes out together, on a stream that writes down what it is told.

import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { FlowingStream } from '../../transport/index.ts'
import { joining } from './joining.ts'

function recorded() {
  const told: string[] = []
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
      told.push(`write ${chunks.map(chunk => chunk.length).join(' ')}`)
      return room
    },
    flow() {
      throw new Error('nobody reads here')
    },
    end: () => {},
    close: async () => void told.push('close'),
    abort: () => void told.push('abort'),
  }
  const setRoom = (given: Promise<void> | undefined): void => {
    room = given
  }
  return { stream: joining(stream), told, setRoom }
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
})
