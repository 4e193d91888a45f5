import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RisingMap } from './rising-map.ts'

const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 10_000 }) }) },
    { weight: 4, arbitrary: fc.record({ take: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  ),
  { maxLength: 400 },
)

test('is a Map whose keys are added in order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 40 }), steps, (first, all) => {
      const [map, model] = [new RisingMap<string>(), new Map<number, string>()]
      let last = first
      for (const [at, step] of all.entries()) {
        if ('add' in step) {
          last += step.add
          map.add(last, `${last}`)
          model.set(last, `${last}`)
        } else {
          const keys = [...model.keys()]
          const key = keys[Math.floor(step.take * keys.length)] ?? last + 1
          expect(map.delete(key)).toBe(model.get(key))
          model.delete(key)
          expect(map.get(key)).toBeUndefined()
        }
        expect(map.size).toBe(model.size)
        if (at % 5 === 0) expect(map.first).toBe(model.values().next().value)
        expect(map.get(last)).toBe(model.get(last))
      }
      expect([...map.values()]).toEqual([...model.values()])
      for (const [key, value] of model) expect(map.get(key)).toBe(value)
    }),
  )
})

test('what is deleted while it is read is left out', () => {
  const map = new RisingMap<number>()
  for (let n = 1; n <= 40; n++) map.add(n, n)
  const seen: number[] = []
  for (const n of map.values()) {
    seen.push(n)
    map.delete(n + 1)
  }
  expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => 2 * n + 1))
})

test('begins anew after it was cleared, also with lower numbers', () => {
  const map = new RisingMap<string>()
  map.add(7, 'seven')
  map.clear()
  map.add(3, 'three')
  map.add(4, 'four')
  expect([map.get(3), map.get(4), map.get(7)]).toEqual(['three', 'four', undefined])
})

test('one that stays does not stretch the ring', () => {
  const map = new RisingMap<object>()
  const stays = {}
  map.add(0, stays)
  for (let n = 1; n < 3_000_000; n++) {
    map.add(n, stays)
    map.delete(n)
  }
  expect(map.get(0)).toBe(stays)
  expect(map.size).toBe(1)
  expect([...map.values()]).toEqual([stays])
})
