import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fifo } from './fifo.ts'

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant('push' as const) },
  { weight: 5, arbitrary: fc.constant('shift' as const) },
  { weight: 1, arbitrary: fc.constant('keep' as const) },
)

test('is an array that is pushed and shifted', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), steps => {
      const [fifo, model] = [new Fifo<number>(), [] as number[]]
      for (const [at, what] of steps.entries()) {
        if (what === 'push') {
          fifo.push(at)
          model.push(at)
        } else if (what === 'shift') expect(fifo.shift()).toBe(model.shift())
        else {
          fifo.keep(item => item % 3 > 0)
          model.splice(0, model.length, ...model.filter(item => item % 3 > 0))
        }
        expect(fifo.size).toBe(model.length)
        expect(fifo.peek()).toBe(model[0])
      }
    }),
  )
})

test('a long queue that wraps keeps its order, and starts anew when it is empty', () => {
  const fifo = new Fifo<number>()
  for (let n = 0; n < 10; n++) fifo.push(-1)
  for (let n = 0; n < 10; n++) fifo.shift()
  for (let n = 0; n < 5000; n++) fifo.push(n)
  for (let n = 0; n < 5000; n++) expect(fifo.shift()).toBe(n)
  expect(fifo.shift()).toBeUndefined()
  fifo.push(7)
  expect(fifo.shift()).toBe(7)
})
