// `posthorn nngcat` with sockets of this process: what it prints, in every format, and what it refuses.

import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Pull, Rep } from '../../../sockets/sp/index.ts'
import { ManualWorld } from '../../../world/index.ts'
import { run } from '../../run.ts'
import { type NngFormat, printed } from './format.ts'

async function nngcat(words: readonly string[], input?: string) {
  const stdout = new PassThrough({ highWaterMark: 2 ** 20 }) // read after the run: must not fill up
  const stderr = new PassThrough()
  const stdin = new PassThrough()
  stdin.end(input)
  const code = await run(['nngcat', ...words], {
    ...{ stdin, stdout, stderr, env: {}, world: new ManualWorld() },
    onSignal: () => () => {},
    die() {},
  })
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
}

describe('posthorn nngcat', () => {
  it.each([
    ['no', ''],
    ['raw', 'a"\n\x01'],
    ['ascii', 'a"..\n'],
    ['quoted', '"a\\"\\n\\x01"\n'],
    ['hex', '"\\x61\\x22\\x0a\\x01"\n'],
    ['msgpack', '\xc4\x04a"\n\x01'],
  ] as const)('prints %s', (format: NngFormat, text) => {
    expect(printed(format, Buffer.from('a"\n\x01')).toString('latin1')).toBe(text)
  })

  it.each([
    [255, 'c4ff'],
    [256, 'c50100'],
    [65_536, 'c600010000'],
  ])('msgpack of %d bytes begins with %s', (length, head) => {
    expect(
      printed('msgpack', Buffer.alloc(length))
        .subarray(0, head.length / 2)
        .toString('hex'),
    ).toBe(head)
  })

  it('asks and prints the answer', async () => {
    await using rep = new Rep()
    const { address } = await rep.listen('tcp://127.0.0.1:0')
    void (async () => {
      for await (const question of rep) await rep.send(`${question}!`)
    })()
    expect(await nngcat(['--req', '--dial', address, '-D', 'hi', '-Q'])).toMatchObject({
      code: 0,
      out: '"hi!"\n',
    })
  })

  it('sends what standard input holds', async () => {
    await using pull = new Pull()
    const { address } = await pull.listen('tcp://127.0.0.1:0')
    expect(await nngcat(['--push0', '--connect', address, '-F', '-'], 'from a file')).toMatchObject({
      code: 0,
    })
    expect(String(await pull.receive())).toBe('from a file')
  })

  it.each([
    [['--dial', 'tcp://127.0.0.1:9'], 64, 'name one protocol'],
    [['--req', '--rep', '--dial', 'tcp://127.0.0.1:9'], 64, 'name one protocol'],
    [['--pull'], 64, 'no address'],
    [['--push', '--bind', 'inproc://cat-a', '-D', 'x', '-F', 'y'], 64, 'not both'],
    [['--push', '--bind', 'inproc://cat-b'], 64, 'nothing to send'],
    [['--pull', '--bind', 'inproc://cat-c', '--subscribe', 'x'], 64, 'goes with --sub'],
    [['--pull', '--bind', 'inproc://cat-d', '--hex', '--raw'], 64, 'one format'],
    [['--pull', '--dial', 'tcp://127.0.0.1:1'], 69, 'ECONNREFUSED'],
    [['--pull', '--dial', 'inproc://cat-nobody'], 69, 'ECONNREFUSED'],
  ] as const)('%j ends with %d', async (words, code, said) => {
    const done = await nngcat(words)
    expect(done.code).toBe(code)
    expect(done.err).toContain(said)
  })
})
