// Children end with their scope, in both ways.

import { describe, expect, it } from 'vitest'
import { Scope } from './scope.ts'

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
