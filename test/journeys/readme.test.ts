// README.md's blocks that are marked `<!-- run -->` do what they say, against a broker of this test: the address in them is
// replaced by its own. `<!-- run: kcat -->` wants that program, and is left out where it is not installed.

import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningBroker, start } from '../../src/server/index.ts'

const root = join(import.meta.dirname, '..', '..')
const ADDRESS = /127\.0\.0\.1:9092/g

interface Block {
  readonly language: string
  readonly needs: string | undefined
  readonly text: string
}

/** In the order of the page: each goes on where the one before has ended. */
const blocks = [
  ...readFileSync(join(root, 'README.md'), 'utf8').matchAll(
    /<!-- run(?:: (\w+))? -->\n```(sh|ts)\n([\s\S]*?)```/g,
  ),
].map(([, needs, language = '', text = '']): Block => ({ language, needs, text }))

const expected: readonly (readonly [about: string, said: RegExp])[] = [
  ['posthorn cat', /^$/],
  ['kcat', /^$/],
  ['consume.ts', /0\/0 one\n0\/1 two\n0\/2 three/],
  ['topic describe', /hello[\s\S]*COMMITTED[\s\S]*0\/2 three/],
  ['await using', /^$/],
]

describe("the README's tour", () => {
  let broker: RunningBroker
  const folder = join(root, '.cache', `readme-${process.pid}`)

  beforeAll(async () => {
    broker = await start()
    mkdirSync(folder, { recursive: true })
  })
  afterAll(async () => {
    await broker.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('has a block for each expectation', () => {
    expect(blocks).toHaveLength(expected.length)
  })

  it.each(expected.map(([about, said], n) => ({ about, said, block: blocks[n] })))(
    'does what it says: $about',
    async ({ about, said, block }) => {
      expect(block?.text).toContain(about)
      if (block === undefined || (block.needs !== undefined && !isInstalled(block.needs))) return
      const text = block.text.replace(ADDRESS, broker.kafka.brokers[0] ?? '')
      const { code, out, err } = block.language === 'sh' ? await shell(text) : await script(folder, text)
      expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' })
      expect(out).toMatch(said)
    },
  )
})

function isInstalled(program: string): boolean {
  return spawnSync(program, ['-V'], { stdio: 'ignore' }).error === undefined
}

/** The commands as a reader types them, `npx` without its start-up. */
function shell(text: string) {
  const fast = `npx() { local name=$1; shift; case $name in posthorn) "${join(root, 'node_modules/.bin/tsx')}" src/cli/main.ts "$@";; *) "${root}/node_modules/.bin/$name" "$@";; esac; }`
  return output('bash', ['-euo', 'pipefail', '-c', `${fast}\n${text}`])
}

/** Below the checkout, so that 'posthorn' and 'kafkajs' are found as a user's program finds them. */
function script(folder: string, text: string) {
  const path = join(folder, 'block.ts')
  writeFileSync(path, text)
  return output(join(root, 'node_modules', '.bin', 'tsx'), [path])
}

function output(
  command: string,
  args: readonly string[],
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stdout.on('data', chunk => {
      out += String(chunk)
    })
    child.stderr.on('data', chunk => {
      err += String(chunk)
    })
    child.on('error', reject)
    child.on('close', code => resolve({ code, out, err }))
  })
}
