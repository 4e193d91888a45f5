// The sockets of ZeroMQ and nanomsg on Bun and on Deno, as far as npm gives these runtimes to this machine.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../broker.ts'
import { execute, succeed } from '../processes.ts'
import type { Report } from '../report.ts'
import { cache } from '../tools.ts'

const folder = join(cache, 'runtimes')
const program = join(import.meta.dirname, '..', 'clients', 'runtime-smoke.mjs')
const INSTALL_MS = 120_000

export async function runtimes(report: Report): Promise<void> {
  const missing = await install()
  for (const [name, args] of [
    ['bun', []],
    ['deno', ['run', '-A']],
  ] as const) {
    const title = `ZeroMQ and nanomsg on ${name}`
    const command = join(folder, 'node_modules', '.bin', name)
    if (!existsSync(command)) report.skipped(title, missing ?? 'npm does not have it for this machine')
    else
      await report.run(title, () =>
        succeed({ command, args: [...args, program, join(root, 'dist')], timeoutMs: 30_000 }),
      )
  }
}

/** Why they are not there. */
async function install(): Promise<string | undefined> {
  if (existsSync(join(folder, 'node_modules', '.bin', 'deno'))) return undefined
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const args = ['install', '--no-audit', '--no-fund', 'bun@1', 'deno@2']
  const done = await execute({ command: 'npm', args, cwd: folder, timeoutMs: INSTALL_MS })
  return done.code === 0 ? undefined : `npm could not install: ${done.stderr.trim().slice(-200)}`
}
