// Flushes that overlap: when each counts as done, what a failure means for the others, and what is kept of them.

import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { type Deferred, deferred } from '../../flow/index.ts'
import { Flushes } from './flushes.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

describe('flushes', () => {
  it('are done when those before them are', async () => {
    const flushes = new Flushes()
    const [first, second] = [deferred<void>(), deferred<void>()]
    const done: string[] = []
    const all = Promise.all([
      flushes.all([first.promise]).then(() => done.push('first')),
      flushes.all([second.promise, undefined]).then(() => done.push('second')),
    ])
    second.resolve()
    await turn()
    expect(done).toEqual([])
    first.resolve()
    await all
    expect(done).toEqual(['first', 'second'])
    expect(flushes.isUnderWay).toBe(false)
  })

  it('fail with one before them, and for good', async () => {
    const flushes = new Flushes()
    const first = deferred<void>()
    const all = [flushes.all([first.promise]), flushes.all([Promise.resolve()])]
    first.reject(new Error('EIO'))
    for (const one of all) await expect(one).rejects.toThrow('EIO')
    await expect(flushes.all([Promise.resolve()])).rejects.toThrow('EIO')
    expect(flushes.isUnderWay).toBe(true)
  })

  it('keep nothing of those that are over, when one always begins before the last has ended', async () => {
    const flushes = new Flushes()
    const results: WeakRef<object>[] = []
    let open: Deferred<void> | undefined
    for (let count = 0; count < 10; count++) {
      const next = deferred<void>()
      void flushes.all([next.promise])
      const result = {}
      results.push(new WeakRef(result))
      open?.resolve(result as unknown as undefined)
      open = next
      await turn()
    }
    collect()
    await turn()
    collect()
    expect(results.slice(0, 5).map(one => one.deref())).toEqual(Array.from({ length: 5 }))
    expect(flushes.isUnderWay).toBe(true)
    open?.resolve()
  })
})
