// What happens in which part of the end of a turn.

import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { afterTurn, endOfTurn } from './turn.ts'

/** In the phase of the event loop in which input arrives. */
async function inInput(run: () => void): Promise<void> {
  await readFile(import.meta.filename)
  run()
}

const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('the end of a turn', () => {
  it('says what was said, does what was gathered, and says what follows from that', async () => {
    const order: string[] = []
    await inInput(() => {
      afterTurn(() => order.push('said in the turn'))
      void endOfTurn().then(async () => {
        order.push('gathered')
        await null
        order.push('what follows')
        afterTurn(() => order.push('said of it'))
      })
      order.push('the turn')
    })
    await nextTurn()
    await nextTurn()
    expect(order).toEqual(['the turn', 'said in the turn', 'gathered', 'what follows', 'said of it'])
  })

  it('is one for all: what follows from what was gathered goes out before the next turn begins', async () => {
    const order: string[] = []
    await inInput(() => {
      setImmediate(() => setImmediate(() => order.push('next turn')))
      void endOfTurn().then(() => afterTurn(() => order.push('said of it')))
    })
    await nextTurn()
    await nextTurn()
    await nextTurn()
    expect(order).toEqual(['said of it', 'next turn'])
  })

  it('leaves to the next turn what is gathered while it lasts', async () => {
    const order: string[] = []
    await inInput(() => {
      void endOfTurn().then(() => {
        void endOfTurn().then(() => order.push('gathered at the end'))
        afterTurn(() => order.push('said of it'))
      })
    })
    await nextTurn()
    await nextTurn()
    await nextTurn()
    expect(order).toEqual(['said of it', 'gathered at the end'])
  })

  it('comes again and again', async () => {
    let count = 0
    for (let turn = 0; turn < 5; turn++) {
      await endOfTurn()
      await new Promise<void>(resolve =>
        afterTurn(() => {
          count++
          resolve()
        }),
      )
    }
    expect(count).toBe(5)
  })

  it('goes on when a callback throws, which nobody should do', async () => {
    const order: string[] = []
    const thrown: unknown[] = []
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', error => thrown.push(error))
    try {
      await inInput(() => {
        afterTurn(() => {
          throw new Error('of a callback')
        })
        afterTurn(() => order.push('behind it'))
        void endOfTurn().then(() => afterTurn(() => order.push('said of the group')))
      })
      for (let turn = 0; turn < 4; turn++) await nextTurn()
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const listener of listeners) process.on('uncaughtException', listener)
    }
    expect(thrown).toMatchObject([{ message: 'of a callback' }])
    expect(order).toEqual(['behind it', 'said of the group'])
    await endOfTurn()
  })
})
