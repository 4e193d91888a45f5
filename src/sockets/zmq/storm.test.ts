import { expect, it } from 'vitest'
import { storm } from './storm.contract.ts'

it('a storm of peers that come, misbehave and go leaves nothing behind and loses nothing of good ones', async () => {
  const { messages, goodPeers, peersLeft, handlesMore } = await storm(300)
  expect({ messages, peersLeft, handlesMore }).toEqual({ messages: goodPeers, peersLeft: 0, handlesMore: 0 })
  expect(goodPeers).toBe(30)
})
