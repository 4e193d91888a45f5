// A call as a value: what becomes of it, and what it leaves behind.

import { describe, expect, it } from 'vitest'
import { watched } from '../../flow/watched-signal.contract.ts'
import { pending } from './pending.ts'

describe('a call that is under way', () => {
  it('has what the call throws at once as its result', async () => {
    const { controller, listeners } = watched()
    const call = pending<number>(() => {
      throw new Error('no')
    }, controller.signal)
    await expect(call.result()).rejects.toThrow('no')
    expect([call.state, listeners()]).toEqual(['failed', 0])
  })

  it('leaves nothing at a signal that outlives it', async () => {
    const { controller, listeners } = watched()
    const call = pending(async () => 1, controller.signal)
    expect([call.state, listeners()]).toEqual(['waiting', 1])
    expect(await call.result()).toBe(1)
    expect([call.state, listeners()]).toEqual(['done', 0])
  })

  it('is given up with its parent, or alone', () => {
    const { controller } = watched()
    const signals: AbortSignal[] = []
    const begin = () =>
      pending(signal => {
        signals.push(signal)
        return new Promise<never>(() => {})
      }, controller.signal)
    begin().cancel(new Error('enough'))
    begin()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    controller.abort(new Error('off'))
    expect(signals.map(({ reason }) => reason.message)).toEqual(['enough', 'off'])
  })
})
