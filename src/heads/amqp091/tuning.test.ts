// What a client may answer to connection.tune.

import { describe, expect, it } from 'vitest'
import { agreed, type Tuning } from './tuning.ts'

const offer: Tuning = { channelMax: 2047, frameMax: 131_072, heartbeat: 60 }

describe('tune-ok (specification section 1.4.2.6)', () => {
  it.each<[string, Tuning]>([
    ['what was offered', offer],
    ['less', { channelMax: 1, frameMax: 4096, heartbeat: 1 }],
    ['no heartbeats', { ...offer, heartbeat: 0 }],
    ['slower heartbeats', { ...offer, heartbeat: 600 }],
  ])('may be %s', (_title, answer) => {
    expect(agreed(offer, answer, 4096)).toEqual(answer)
  })

  it.each<[string, Partial<Tuning>, string]>([
    [
      'more channels',
      { channelMax: 2048 },
      'negotiated channel_max = 2048 is higher than the maximum allowed value (2047)',
    ],
    [
      'no limit of channels',
      { channelMax: 0 },
      'negotiated channel_max = 0 (no limit) is higher than the maximum',
    ],
    ['larger frames', { frameMax: 131_073 }, 'negotiated frame_max = 131073 is higher than the maximum'],
    ['frames without limit', { frameMax: 0 }, 'negotiated frame_max = 0 (no limit) is higher'],
    [
      'smaller frames than everybody must take',
      { frameMax: 4095 },
      'negotiated frame_max = 4095 is lower than the minimum',
    ],
  ])('may not be %s', (_title, answer, words) => {
    expect(() => agreed(offer, { ...offer, ...answer }, 4096)).toThrow(words)
    expect(() => agreed(offer, { ...offer, ...answer }, 4096)).toThrow(expect.objectContaining({ code: 530 }))
  })

  it('may be anything where nothing is limited', () => {
    const none: Tuning = { channelMax: 0, frameMax: 0, heartbeat: 0 }
    expect(agreed(none, { ...none, channelMax: 65_535 }, 4096)).toMatchObject({
      channelMax: 65_535,
      frameMax: 0,
    })
  })
})
