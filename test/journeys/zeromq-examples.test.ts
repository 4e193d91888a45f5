// The examples for ZeroMQ run, end by themselves, and print what they say.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')

it.each([
  ['request-reply', '3 squared is 9\n4 squared is 16\n'],
  ['publish-subscribe', 'weather: rain\nweather: sun\n'],
  ['pipeline', 'the sum is 10100\n'],
  ['broker', 'hello, ann\nhello, bob\nhello, eve\n'],
])('examples/zeromq-%s.ts', async (name, printed) => {
  const args = ['--import', 'tsx', join(root, 'examples', `zeromq-${name}.ts`)]
  const { stdout } = await run(process.execPath, args, { cwd: root, timeout: 30_000 })
  expect(stdout).toBe(printed)
})
