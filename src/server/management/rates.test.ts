// Rates on a clock that stands until it is moved, and the watermark of memory.

import { describe, expect, it } from 'vitest'
import { ManualWorld } from '../../world/index.ts'
import { managementLimits as limits } from './limits.ts'
import { MemoryWatermark } from './memory-watermark.ts'
import { Rates } from './rates.ts'

function counted(objects: number) {
  const world = new ManualWorld()
  const all = Array.from({ length: objects }, () => ({ key: {}, count: 0 }))
  let looks = 0
  const rates = new Rates(world, function* () {
    looks++
    for (const one of all) yield { key: one.key, counts: () => ({ publish: one.count }) }
  })
  return { world, all, rates, looks: () => looks }
}

describe('rates', () => {
  it('are the difference of the last two looks, by the second', () => {
    const { world, all, rates } = counted(1)
    const [one = { key: {}, count: 0 }] = all
    rates.asked()
    expect(rates.withRates(one.key, { publish: one.count })).toEqual({ publish: 0 })
    one.count = 50
    world.advance(limits.sampleMs)
    expect(rates.withRates(one.key, { publish: one.count })).toEqual({
      publish: 50,
      publish_details: { rate: 10 },
    })
    world.advance(limits.sampleMs)
    expect(rates.withRates(one.key, { publish: one.count })).toEqual({
      publish: 50,
      publish_details: { rate: 0 },
    })
  })

  it('end when nobody asks any more, and begin anew', () => {
    const { world, all, rates, looks } = counted(1)
    const [one = { key: {}, count: 0 }] = all
    rates.asked()
    for (let ms = 0; ms <= limits.sampleIdleMs + limits.sampleMs; ms += limits.sampleMs)
      world.advance(limits.sampleMs)
    const before = looks()
    world.advance(limits.sampleIdleMs)
    expect(looks()).toBe(before)
    one.count = 1000
    rates.asked()
    expect(rates.withRates(one.key, { publish: one.count })).toEqual({ publish: 1000 })
  })

  it('are known of a bounded number of objects', () => {
    const { world, all, rates } = counted(limits.ratedMax + 1)
    rates.asked()
    world.advance(limits.sampleMs)
    expect(rates.withRates(all[limits.ratedMax - 1]?.key ?? {}, { publish: 0 })).toHaveProperty(
      'publish_details',
    )
    expect(rates.withRates(all[limits.ratedMax]?.key ?? {}, { publish: 0 })).toEqual({ publish: 0 })
  })

  it('stop when they are closed', () => {
    const { world, rates, looks } = counted(1)
    rates.asked()
    rates.close()
    world.advance(limits.sampleMs * 2)
    expect(looks()).toBe(1)
  })
})

describe('the watermark of memory', () => {
  it('raises its alarm while the process has more, and only then', () => {
    const world = new ManualWorld()
    let residentBytes = 300
    const told: boolean[] = []
    const watermark = new MemoryWatermark(world, {
      residentBytes: () => residentBytes,
      totalBytes: 1000,
      changed: isLow => told.push(isLow),
    })
    expect([watermark.limit, watermark.isRaised]).toEqual([undefined, false])
    watermark.set(0.4)
    expect([watermark.limit, told]).toEqual([400, []])
    residentBytes = 500
    world.advance(limits.memoryCheckMs)
    world.advance(limits.memoryCheckMs)
    residentBytes = 200
    world.advance(limits.memoryCheckMs)
    expect(told).toEqual([true, false])
    watermark.set(0)
    watermark.set(undefined)
    expect([told, watermark.isRaised]).toEqual([[true, false, true, false], false])
    residentBytes = 5000
    world.advance(limits.memoryCheckMs)
    expect(told).toHaveLength(4)
    watermark.close()
  })
})
