// The helpers for signals, above all that they leave no listener behind.

import { describe, expect, it } from 'vitest'
import { ManualWorld } from '../world/index.ts'
import { deadline, following, withSignal } from './signal.ts'
import { watched } from './watched-signal.contract.ts'

describe('withSignal', () => {
  it('settles as the promise does and takes its listener off', async () => {
    const { controller, listeners } = watched()
    expect(await withSignal(Promise.resolve(1), controller.signal)).toBe(1)
    await expect(withSignal(Promise.reject(new Error('no')), controller.signal)).rejects.toThrow('no')
    expect(listeners()).toBe(0)
    expect(await withSignal(Promise.resolve(2), undefined)).toBe(2)
  })

  it('rejects with the reason of the signal, before and while it waits', async () => {
    const { controller } = watched()
    const never = new Promise(() => {})
    const waiting = withSignal(never, controller.signal)
    controller.abort(new Error('off'))
    await expect(waiting).rejects.toThrow('off')
    await expect(withSignal(never, controller.signal)).rejects.toThrow('off')
  })
})

describe('following', () => {
  it('aborts with its parent for the same reason, also when that was before', () => {
    const { controller: parent } = watched()
    const { controller } = following(parent.signal)
    const reason = new Error('off')
    parent.abort(reason)
    expect(controller.signal.reason).toBe(reason)
    expect(following(parent.signal).controller.signal.reason).toBe(reason)
  })

  it('aborts by itself without its parent, and leaves nothing behind when it is released', () => {
    const { controller: parent, listeners } = watched()
    const [first, second] = [following(parent.signal), following(parent.signal)]
    first.controller.abort(new Error('enough'))
    expect([parent.signal.aborted, second.controller.signal.aborted]).toEqual([false, false])
    first.release()
    second.release()
    expect(listeners()).toBe(0)
    parent.abort()
    expect(second.controller.signal.aborted).toBe(false)
  })

  it('is a controller like any other without a parent', () => {
    const { controller, release } = following(undefined)
    release()
    controller.abort()
    expect(controller.signal.aborted).toBe(true)
  })
})

describe('deadline', () => {
  it('aborts at its moment with TimeoutError', () => {
    const world = new ManualWorld()
    const { signal } = deadline(world, 100)
    world.advance(99)
    expect(signal.aborted).toBe(false)
    world.advance(1)
    expect([signal.aborted, signal.reason.name]).toEqual([true, 'TimeoutError'])
  })

  it('aborts with its parent, and leaves nothing behind', () => {
    const world = new ManualWorld()
    const { controller, listeners } = watched()
    const first = deadline(world, 100, controller.signal)
    const second = deadline(world, undefined, controller.signal)
    first.cancel()
    expect([listeners(), world.pendingTimers]).toEqual([1, 0])
    controller.abort(new Error('off'))
    expect([first.signal.aborted, second.signal.reason.message]).toEqual([false, 'off'])
    expect(deadline(world, 100, controller.signal).signal.aborted).toBe(true)
    expect(world.pendingTimers).toBe(0)
  })

  it('does not listen to its parent any more once it is over', () => {
    const world = new ManualWorld()
    const { controller, listeners } = watched()
    deadline(world, 5, controller.signal)
    world.advance(5)
    expect(listeners()).toBe(0)
  })
})
