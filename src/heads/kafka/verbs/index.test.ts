import { describe, expect, it } from 'vitest'
import { apis } from '../wire/index.ts'
import { verbOf, verbs } from './index.ts'

describe('the table of verbs', () => {
  it('has a verb for every table of messages, in the same order, and no other', () => {
    expect(verbs.map(({ api }) => api.name)).toEqual(apis.map(({ name }) => name))
  })

  it('is in the order of the keys, each once', () => {
    const keys = verbs.map(({ api }) => api.key)
    expect(keys).toEqual([...new Set(keys)].sort((a, b) => a - b))
  })

  it.each(apis)('finds the verb of $name', api => {
    expect(verbOf(api).api).toBe(api)
  })
})
