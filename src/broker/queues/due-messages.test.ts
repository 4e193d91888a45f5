// Messages with a time, whose time may come before they are stored.

import { expect, it } from 'vitest'
import { ManualWorld } from '../../world/index.ts'
import { DueMessages } from './due-messages.ts'
import type { Lane } from './lane.ts'

it('finds a message due as soon as it is stored, when its time came before that', () => {
  const world = new ManualWorld()
  const due: number[] = []
  const stored = { end: 0 }
  const lane = {
    cursor: 0,
    get end() {
      return stored.end
    },
    partition: {},
    isSettled: () => false,
    isOut: () => false,
    withdraw: (offset: number) => offset < stored.end,
  } as unknown as Lane
  const messages = new DueMessages({
    world,
    isNeeded: () => true,
    timeOf: () => Number.POSITIVE_INFINITY,
    due: (_, offset) => due.push(offset),
    onFault: (_, error) => {
      throw error
    },
  })
  messages.use([lane], { from: 'cursor' })
  messages.placed(lane, 0, 1, () => world.now() + 5)
  world.advance('6ms')
  expect(due).toEqual([])
  stored.end = 1
  world.advance('20ms')
  expect(due).toEqual([0])
})
