// Gate, Scope, and the two helpers for signals.

import { describe, expect, it } from 'vitest'
import { ManualWorld } from '../world/index.ts'
import { Gate } from './gate.ts'
import { Scope } from './scope.ts'
import { deadline, withSignal } from './signal.ts'

/** A signal whose listeners are counted. */
function watched(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController()
  const { signal } = controller
  let count = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    count++
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    count--
    remove(...args)
  }
  return { controller, listeners: () => count }
}

describe('Gate', () => {
  it('lets through at once what it is open for, and has the rest wait', async () => {
    const gate = new Gate()
    expect([gate.isOpen, gate.whenShut()]).toEqual([false, undefined])
    const opened = Promise.all([gate.whenOpen(), gate.whenOpen()])
    gate.open()
    gate.open()
    await opened
    expect([gate.isOpen, gate.whenOpen()]).toEqual([true, undefined])
    const shut = gate.whenShut()
    gate.shut()
    await shut
  })

  it('forgets who calls the waiting off', async () => {
    const gate = new Gate({ open: true })
    const { controller, listeners } = watched()
    const shut = gate.whenShut(controller.signal)
    expect(listeners()).toBe(1)
    gate.shut()
    await shut
    expect(listeners()).toBe(0)
    const open = gate.whenOpen(controller.signal)
    controller.abort(new Error('off'))
    await expect(open).rejects.toThrow('off')
    await expect(gate.whenOpen(controller.signal)).rejects.toThrow('off')
  })
})

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

/** A child that says what happens to it. */
function child(name: string, told: string[], fails?: Error) {
  return {
    close: async (): Promise<void> => {
      told.push(`${name} closes`)
      if (fails) throw fails
    },
    abort: (reason?: Error): void => {
      told.push(`${name} aborts: ${reason?.message}`)
    },
  }
}

describe('Scope', () => {
  it('closes all children, also when one fails, and once', async () => {
    const told: string[] = []
    const scope = new Scope()
    scope.own(child('a', told, new Error('a failed')))
    scope.own(child('b', told))
    const gone = scope.own(child('gone', told))
    scope.release(gone)
    const closing = scope.close()
    expect([scope.close() === closing, scope.signal.aborted]).toEqual([true, true])
    await expect(closing).rejects.toThrow('a failed')
    expect([told, scope.size]).toEqual([['a closes', 'b closes'], 0])
  })

  it('aborts children that take too long to close', async () => {
    const told: string[] = []
    const scope = new Scope()
    let release = (): void => {}
    const slow = new Promise<void>(resolve => {
      release = resolve
    })
    scope.own({
      close: () => slow,
      abort: reason => told.push(`slow aborts: ${reason?.message}`) && release(),
    })
    const closing = scope.close()
    scope.abort(new Error('enough'))
    scope.abort(new Error('again'))
    await closing
    expect(told).toEqual(['slow aborts: enough'])
    await scope.close()
  })

  it('aborts at once what comes after the end', async () => {
    const told: string[] = []
    const aborted = new Scope()
    aborted.abort(new Error('over'))
    aborted.own(child('late', told))
    const closed = new Scope()
    await closed[Symbol.asyncDispose]()
    closed.own(child('later', told))
    expect(told).toEqual(['late aborts: over', 'later aborts: the scope has ended'])
  })
})
