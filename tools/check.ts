// `npm run check`: everything that can be said of the code without a broker's peers. Each step prints its name and
// how long it took; the first failure ends the run with its code.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { violations } from './arrows.ts'
import { documentFlaws } from './docs.ts'

const root = join(import.meta.dirname, '..')

function program(command: string, ...args: string[]): () => boolean {
  return () =>
    spawnSync(join(root, 'node_modules', '.bin', command), args, { cwd: root, stdio: 'inherit' }).status === 0
}

function arrows(): boolean {
  const found = violations(join(root, 'src'))
  for (const line of found) console.error(`arrows: ${line}`)
  return found.length === 0
}

async function docs(): Promise<boolean> {
  const found = await documentFlaws()
  for (const line of found) console.error(`docs: ${line}`)
  return found.length === 0
}

const steps: readonly [string, () => boolean | Promise<boolean>][] = [
  ['types', program('tsc', '-p', 'tsconfig.json')],
  ['lint and format', program('biome', 'ci', '--error-on-warnings')],
  ['arrows', arrows],
  ['docs', docs],
]

for (const [name, step] of steps) {
  const began = performance.now()
  const ok = await step()
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`)
  if (!ok) process.exit(1)
}
