// The programs under examples/ run and end well.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

describe('examples', () => {
  it.each([
    [['examples/in-process.ts'], /tea milk salt/],
    [['examples/ledger/main.ts'], /\[ 'tea', 'milk' \]/],
    [['--test', 'examples/orders.test.ts'], /pass 2\b/],
  ])('%j', (args, said) => {
    const { status, stdout, stderr } = spawnSync(join(root, 'node_modules', '.bin', 'tsx'), args, {
      cwd: root,
      encoding: 'utf8',
    })
    expect({ status, stderr: status === 0 ? '' : stderr + stdout }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(said)
  })
})
