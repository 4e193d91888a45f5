import { describe, expect, it } from 'vitest'
import { Histogram } from './histogram.ts'

describe('the histogram', () => {
  it('gives every percentile of 1 to 100,000 µs to within 1 %', () => {
    const histogram = new Histogram()
    for (let us = 1; us <= 100_000; us++) histogram.add(us / 1000)
    for (const share of [0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1]) {
      const right = share * 100
      expect(Math.abs(histogram.percentileMs(share) - right) / right).toBeLessThan(0.01)
    }
    expect(histogram.total).toBe(100_000)
    expect(histogram.maxMs).toBe(100)
  })

  it.each([0, 0.001, 0.127, 0.128, 0.255, 0.256, 1, 1000, 2_000_000])('keeps %d ms where it belongs', ms => {
    const histogram = new Histogram()
    histogram.add(ms)
    expect(histogram.percentileMs(0.5)).toBeCloseTo(ms, 3)
  })

  it('weighs counts, and never says more than the longest', () => {
    const histogram = new Histogram()
    histogram.add(1, 99)
    histogram.add(50)
    expect(histogram.percentileMs(0.99)).toBeCloseTo(1, 1)
    expect(histogram.percentileMs(1)).toBe(50)
    expect(new Histogram().percentileMs(0.5)).toBe(0)
  })
})
