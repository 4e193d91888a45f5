// `posthorn serve` as a whole invocation in this process: what it prints, how it is stopped, and how it ends when it
// cannot start. Streams and signals are fakes; the sockets are real, on free ports of loopback.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LogError } from '../../log/index.ts'
import { systemWorld } from '../../world/index.ts'
import { CommandError } from '../exit.ts'
import { registry } from '../registry.ts'
import { run } from '../run.ts'
import { failure, storeFailure } from './failure.ts'

type Signal = 'SIGINT' | 'SIGTERM'

/** An invocation under way. */
function posthorn(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const listeners: ((signal: Signal) => void)[] = []
  const died: number[] = []
  let out = ''
  let err = ''
  stdout.setEncoding('utf8').on('data', chunk => {
    out += chunk
  })
  stderr.setEncoding('utf8').on('data', chunk => {
    err += chunk
  })
  const done = run(
    args,
    {
      stdin: new PassThrough(),
      stdout,
      stderr,
      env,
      world: systemWorld,
      onSignal(listener) {
        listeners.push(listener)
        return () => {}
      },
      die: code => died.push(code),
    },
    registry,
  )
  return {
    done,
    died,
    /** Resolves with all of stdout once the text is in it. */
    async says(text: string): Promise<string> {
      while (!out.includes(text))
        await Promise.race([new Promise(resolve => stdout.once('data', resolve)), done])
      return out
    },
    signal: (signal: Signal): void => {
      for (const one of listeners) one(signal)
    },
    err: () => err,
    out: () => out,
  }
}

const free = [
  '--memory',
  ...['kafka', 'amqp', 'http', 'management'].flatMap(name => ['--listen', `${name}=tcp://127.0.0.1:0`]),
]
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-serve-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('posthorn serve', () => {
  it('prints every address with a line for each client, and ends with 0 on SIGTERM', async () => {
    const serving = posthorn(['serve', ...free])
    const out = await serving.says('Ctrl-C')
    const [, address = ''] = /kafka +(127\.0\.0\.1:\d+)/.exec(out) ?? []
    for (const line of [
      `kcat -b ${address} -t hello -P`,
      `--bootstrap-server ${address}`,
      `brokers: ['${address}']`,
      `'bootstrap.servers': '${address}'`,
    ])
      expect(out).toContain(line)
    serving.signal('SIGTERM')
    expect(await serving.done).toBe(0)
    expect(serving.err()).toContain('data is kept in memory only')
  })

  it('prints one line of JSON with -o json, serves health until it ends, and then no more', async () => {
    const serving = posthorn(['serve', ...free, '-o', 'json', '--brokers', '2'])
    const ready = JSON.parse(await serving.says('\n'))
    expect(ready).toMatchObject({ data: null, listeners: [{ name: 'kafka', tls: false, sasl: [] }] })
    expect(ready.listeners[0].brokers).toHaveLength(2)
    expect(await (await fetch(`${ready.http}/readyz?verbose`)).text()).toBe(
      '[+] store ok\n[+] listener kafka ok\n[+] listener amqp ok\nok\n',
    )
    serving.signal('SIGINT')
    expect(await serving.done).toBe(0)
    await expect(fetch(`${ready.http}/livez`)).rejects.toThrow()
  })

  it('prints no address for Kafka clients when there is none', async () => {
    const serving = posthorn(['serve', ...free, '--listen', 'kafka=off'])
    const out = await serving.says('Ctrl-C')
    expect(out).toMatch(/^ {2}amqp +127\.0\.0\.1:\d+$/m)
    expect(out).not.toMatch(/kafka|kcat/)
    serving.signal('SIGTERM')
    expect(await serving.done).toBe(0)
  })

  it('writes its log as JSON lines where stderr is no terminal, warnings included', async () => {
    const serving = posthorn(['serve', ...free])
    await serving.says('Ctrl-C')
    serving.signal('SIGTERM')
    await serving.done
    const lines = serving
      .err()
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      [40, expect.stringContaining('memory only')],
      [30, expect.stringContaining('stopping')],
      [30, 'stopped'],
    ])
  })

  it('ends at once on the second signal', async () => {
    const serving = posthorn(['serve', ...free])
    await serving.says('Ctrl-C')
    serving.signal('SIGTERM')
    serving.signal('SIGTERM')
    expect(serving.died).toEqual([143])
    await serving.done
  })

  it('takes users and the rest from a file, and never prints a secret', async () => {
    const file = join(folder, 'secured.json')
    await writeFile(
      file,
      `{ // a comment
        "memory": true,
        "listeners": { "kafka": "tcp://127.0.0.1:0?sasl=SCRAM-SHA-256", "http": "off" },
        "users": [{ "name": "ann", "password": "\${ANN_PASSWORD}" }],
      }`,
    )
    const serving = posthorn(['serve', '--config', file], { ANN_PASSWORD: 'hunter2' })
    const out = await serving.says('Ctrl-C')
    expect(out).toContain("sasl: { mechanism: 'scram-sha-256', username: 'ann', password: '...' }")
    expect(out).not.toContain('health')
    serving.signal('SIGTERM')
    await serving.done
    expect(serving.out() + serving.err()).not.toContain('hunter2')
  })

  it('checks a configuration without starting', async () => {
    const taken = createServer()
    await new Promise<void>(resolve => {
      taken.listen(0, '127.0.0.1', resolve)
    })
    const port = Object(taken.address()).port
    const checking = posthorn(['serve', '--memory', '--listen', `kafka=tcp://127.0.0.1:${port}`, '--check'])
    expect(await checking.done).toBe(0)
    expect(checking.err()).toContain('the configuration is right')
    const starting = posthorn(['serve', ...free, '--listen', `kafka=tcp://127.0.0.1:${port}`])
    expect(await starting.done).toBe(75)
    expect(starting.err()).toContain(`listener 'kafka': 127.0.0.1:${port} is taken`)
    await new Promise(resolve => {
      taken.close(resolve)
    })
  })

  it.each<[string, readonly string[], number, string]>([
    ['a listener open to all', ['--listen', 'kafka=tcp://0.0.0.0:0'], 78, 'allowAnonymous'],
    ['an unknown setting', ['--set', 'num.partitoins=3'], 78, '--set: num.partitoins'],
    [
      'a file that is not there',
      ['--config', '/nowhere/posthorn.json'],
      78,
      'there is no such configuration file',
    ],
    ['a wrong flag value', ['--flush', 'sometimes'], 64, "'sometimes'"],
    ['memory and a folder at once', ['--data', 'x'], 78, 'give one of them'],
  ])('refuses %s', async (_what, args, code, text) => {
    const refused = posthorn(['serve', ...free, ...args])
    expect(await refused.done).toBe(code)
    expect(refused.err()).toContain(text)
    expect(refused.out()).toBe('')
  })
})

describe('the exit of a failure', () => {
  const system = (code: string) => Object.assign(new Error(code), { code })
  it.each<[string, unknown, string]>([
    ['a folder in use', new LogError('LOG_LOCKED', 'x'), 'tryAgain'],
    ['a folder of a newer version', new LogError('LOG_FORMAT_UNKNOWN', 'x'), 'config'],
    ['damaged data', new LogError('LOG_ROTTEN', 'x'), 'storage'],
    ['a folder without permission', system('EACCES'), 'noPermission'],
    ['a full disk', system('ENOSPC'), 'storage'],
    ['a failed store', storeFailure(new Error('EIO')), 'storage'],
  ])('of %s', (_what, error, exit) => {
    const found = error instanceof CommandError ? error : failure(error, './data')
    expect(found).toMatchObject({ exit })
  })

  it('of what nobody foresaw stays a bug', () => {
    const error = new TypeError('x')
    expect(failure(error, './data')).toBe(error)
  })
})
