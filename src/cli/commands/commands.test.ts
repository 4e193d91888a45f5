import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ManualWorld } from '../../world/index.ts'
import { exits } from '../exit.ts'
import { topics } from '../help/topics.ts'
import { registry } from '../registry.ts'
import { run } from '../run.ts'

async function posthorn(line: string) {
  const stdout = new PassThrough({ highWaterMark: 2 ** 20 }) // read after the run: must not fill up
  const stderr = new PassThrough()
  const code = await run(line.split(' ').filter(Boolean), {
    stdin: new PassThrough(),
    stdout,
    stderr,
    env: {},
    world: new ManualWorld(),
    onSignal: () => () => {},
    die() {},
  })
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
}

describe('posthorn version', () => {
  it.each(['version', '--version', '-V'])('prints the version on `%s`', async line => {
    expect(await posthorn(line)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^posthorn \d+\.\d+\.\d+/),
    })
  })

  it.each(['version --json', '--json --version', '-o json version'])('prints JSON on `%s`', async line => {
    expect(JSON.parse((await posthorn(line)).out)).toMatchObject({ node: process.versions.node })
  })
})

describe('posthorn help', () => {
  it('shows the tour, the same as posthorn alone', async () => {
    expect((await posthorn('help')).out).toBe((await posthorn('')).out)
  })

  it.each(registry.commands.map(({ path }) => path.join(' ')))(
    'explains `%s` as --help does',
    async words => {
      const { code, out } = await posthorn(`help ${words}`)
      expect(code).toBe(0)
      expect(out).toContain(`Usage\n  posthorn ${words}`)
      expect(out).toContain('Examples')
      expect(out).toBe((await posthorn(`${words} --help`)).out)
    },
  )

  it.each(Object.entries(topics))('explains the topic %s', async (name, { summary }) => {
    expect((await posthorn(`help ${name}`)).out).toContain(summary)
  })

  it('documents every exit code', async () => {
    const { out } = await posthorn('help exit-codes')
    for (const { code, meaning } of Object.values(exits)) expect(out).toContain(`${code}  ${meaning}`)
  })

  it('refuses words that mean nothing', async () => {
    expect(await posthorn('help completoin')).toMatchObject({
      code: 64,
      err: expect.stringContaining("did you mean 'completion'"),
    })
  })
})

describe('posthorn completion', () => {
  it.each(['bash', 'zsh', 'fish', 'powershell'])('prints a script for %s', async shell => {
    const { code, out } = await posthorn(`completion ${shell}`)
    expect(code).toBe(0)
    expect(out).toContain('completion of posthorn')
  })

  it('refuses a shell that it does not know', async () => {
    expect(await posthorn('completion tcsh')).toMatchObject({
      code: 64,
      err: expect.stringContaining('bash, zsh, fish, powershell'),
    })
  })
})
