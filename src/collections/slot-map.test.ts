import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SlotMap } from './slot-map.ts'

const number = fc.oneof(
  fc.integer({ min: 0, max: 20 }),
  fc.integer({ min: 4090, max: 4100 }),
  fc.constant(2 ** 32 - 1),
)

test('is a Map of numbers', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), number)), steps => {
      const [map, model] = [new SlotMap<string>(), new Map<number, string>()]
      for (const [at, [adds, key]] of steps.entries()) {
        if (adds) {
          map.set(key, `${at}`)
          model.set(key, `${at}`)
        } else {
          expect(map.delete(key)).toBe(model.get(key))
          model.delete(key)
        }
        expect(map.get(key)).toBe(model.get(key))
        expect(map.size).toBe(model.size)
      }
      expect(map.values().toSorted()).toEqual([...model.values()].toSorted())
      map.clear()
      expect([map.size, map.values()]).toEqual([0, []])
    }),
  )
})
