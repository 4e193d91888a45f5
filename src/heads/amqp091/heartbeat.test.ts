// Heartbeats: when one is due, when the peer is given up.

import { describe, expect, it } from 'vitest'
import { Heartbeat, type Pulse } from './heartbeat.ts'

describe('an interval of 10 s (specification section 4.2.7)', () => {
  it.each<[string, number, Pulse]>([
    ['nothing is due at once', 4999, 'none'],
    ['half an interval after the last bytes a heartbeat is', 5000, 'beat'],
    ['a peer may miss one', 19_999, 'beat'],
    ['a peer that missed two is given up', 20_000, 'dead'],
  ])('%s', (_title, atMs, pulse) => {
    expect(new Heartbeat(10, 0).at(atMs)).toBe(pulse)
  })

  it('starts again with everything that is sent', () => {
    const heartbeat = new Heartbeat(10, 0)
    heartbeat.sent(4000)
    expect(heartbeat.at(8999)).toBe('none')
    expect(heartbeat.wakeAt).toBe(9000)
    expect(heartbeat.at(9000)).toBe('beat')
  })

  it('starts again with everything that is received', () => {
    const heartbeat = new Heartbeat(10, 0)
    heartbeat.received(15_000)
    heartbeat.sent(34_000)
    expect(heartbeat.at(34_999)).toBe('none')
    expect(heartbeat.wakeAt).toBe(35_000)
    expect(heartbeat.at(35_000)).toBe('dead')
  })
})

describe('an interval of 0', () => {
  it('asks for nothing', () => {
    const heartbeat = new Heartbeat(0, 0)
    expect(heartbeat.at(1e12)).toBe('none')
    expect(heartbeat.wakeAt).toBeUndefined()
  })
})
