import { describe, expect, it } from 'vitest'
import { documentFlaws } from './docs.ts'

describe('docs/', () => {
  it('says what the code says: APIs, gaps, limits, settings, errors, commands, metrics', async () => {
    expect(await documentFlaws()).toEqual([])
  })
})
