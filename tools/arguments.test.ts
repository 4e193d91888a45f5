// Programs of the project explain themselves, and begin nothing when they are asked for what they do not have.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

function run(program: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', program, ...args], {
    cwd: root,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

it.each([
  ['bench/run.ts', 'npm run bench NAME'],
  ['bench/soak.ts', 'npm run soak'],
  ['test/fuzz/run.ts', 'npm run fuzz'],
  ['test/crash/run.ts', 'npm run test:crash'],
  ['test/interop/run.ts', 'npm run test:interop'],
])('%s says with --help how it is used', (program, title) => {
  const { status, stdout, stderr } = run(program, '--help')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout.startsWith(title)).toBe(true)
})

it.each([
  ['bench/run.ts', ['--nix'], '--nix'],
  ['bench/run.ts', ['nothing'], 'which benchmark?'],
  ['bench/soak.ts', ['--minutes', 'no'], '--minutes is no'],
  ['bench/soak.ts', ['5'], "nothing is known of '5'"],
  ['test/crash/run.ts', ['--rounds', '0'], '--rounds is 0'],
  ['test/crash/run.ts', ['--flush', 'no'], '--flush is no'],
  ['test/fuzz/run.ts', ['--requests', '0'], '--requests is 0'],
])('%s refuses %j', (program, args, reason) => {
  const { status, stdout, stderr } = run(program, ...args)
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toContain(reason)
  expect(stderr).toContain('npm run ')
})
