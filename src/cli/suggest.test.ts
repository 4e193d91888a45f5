import { describe, expect, it } from 'vitest'
import { editDistance, nearest } from './suggest.ts'

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['topic', 'topic', 0],
    ['topic', 'topics', 1],
    ['tpoic', 'topic', 1],
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
  ])('from %j to %j is %i', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance)
    expect(editDistance(to, from)).toBe(distance)
  })

  it('gives up on words too long to be ours', () => {
    expect(editDistance('a'.repeat(100_000), 'b')).toBe(64)
  })
})

describe('nearest', () => {
  it.each([
    ['versoin', 'version'],
    ['comp', 'completion'],
    ['hlep', 'help'],
    ['banana', undefined],
    ['x', undefined],
  ])('%s means %s', (word, found) => {
    expect(nearest(word, ['help', 'version', 'completion'])).toBe(found)
  })
})
