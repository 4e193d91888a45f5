import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { keepHeapSmall } from './heap.ts'

describe('the heap of a broker', () => {
  it.each([
    [{}, ['--semi-space-growth-factor=1']],
    [{ NODE_OPTIONS: '--max-old-space-size=512' }, ['--semi-space-growth-factor=1']],
    [{ NODE_OPTIONS: '--max-semi-space-size=32' }, []],
    [{ NODE_OPTIONS: '--max_semi_space_size=32' }, []],
  ])('with %j gets %j', (env, expected) => {
    const given: string[] = []
    keepHeapSmall(env, flags => given.push(flags))
    expect(given).toEqual(expected)
  })

  it('stays small for young objects in a process that is running already', async () => {
    const script = `
      import { keepHeapSmall } from ${JSON.stringify(new URL('./heap.ts', import.meta.url).href)}
      import { getHeapSpaceStatistics } from 'node:v8'
      keepHeapSmall({})
      let kept = []
      for (let n = 0; n < 2_000_000; n++) {
        kept.push({ n })
        if (kept.length > 50_000) kept = []
      }
      console.log(getHeapSpaceStatistics().find(one => one.space_name === 'new_space').space_size)`
    const node = ['--import', 'tsx', '--input-type=module', '-e', script]
    const { stdout } = await promisify(execFile)(process.execPath, node)
    expect(Number(stdout)).toBeGreaterThan(0)
    expect(Number(stdout)).toBeLessThan(12 * 1024 * 1024)
  })
})
