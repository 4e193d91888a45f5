// The way of somebody who has a module and wants it called: serve it, look at it, call it, trace a call, give it a name.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InvocationOptions, posthorn } from '../../src/cli/kafka/stage.contract.ts'
import { connectGrpc } from '../../src/rpc/grpc/index.ts'

const text = `
export default class Ledger {
  #lists = new Map()
  add(a, b) { return a + b }
  append(data, list) { list.push(data); return list.length }
  async *ticks(to) { for (let tick = 1; tick <= to; tick++) yield { tick } }
  take(amount) { throw Object.assign(new RangeError('only 3 are left'), { code: 'E_EMPTY' }) }
  type(value) { return value === null ? 'null' : typeof value }
  echo(...values) { return values }
  mixed() { return { when: new Date(0), bytes: new Uint8Array([1, 2]), map: new Map([['a', 1n]]), call: () => 1 } }
  refuse() { throw { why: 'no' } }
  hang() { return new Promise(() => {}) }
}
export const methods = {
  add: { signature: '(a: number, b: number) => number', doc: 'The sum of two numbers.', idempotent: true },
}
export const greet = name => 'hello, ' + name
`

const root = join(import.meta.dirname, '..', '..')

let folder: string
let address: string
let stop: () => void
let served: ReturnType<typeof posthorn>

/** Runs a command that serves until it is told to stop; gives where. */
function serving(
  words: readonly string[],
  options: InvocationOptions = {},
): Promise<{
  readonly address: string
  readonly stop: () => void
  readonly ended: ReturnType<typeof posthorn>
}> {
  return new Promise((resolve, reject) => {
    const ended = posthorn('', [...words, '-o', 'json'], {
      ...options,
      onOutput: (out, interrupt) => {
        const { addresses } = JSON.parse(out) as { addresses: string[] }
        resolve({ address: addresses[0] ?? '', stop: interrupt, ended })
      },
    })
    ended.then(({ err }) => reject(new Error(err)), reject)
  })
}

const grpc = ['--grpc', 'tcp://127.0.0.1:*', '--proto', 'nowhere.proto', '--service', 'hello.Greeter']
const rpc = (...words: string[]) => posthorn('', ['rpc', ...words])

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rpc-'))
  writeFileSync(join(folder, 'ledger.mjs'), text)
  const server = await serving(['rpc', 'serve', join(folder, 'ledger.mjs')])
  address = server.address
  stop = server.stop
  served = server.ended
})
afterAll(async () => {
  stop()
  expect((await served).code).toBe(0)
  rmSync(folder, { recursive: true, force: true })
})

describe('posthorn rpc', () => {
  it('serve listens on loopback only, unless told otherwise', () => {
    expect(address).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/)
  })

  it('list and describe say what can be called', async () => {
    const rows = (await rpc('list', address, '-o', 'jsonl')).rows()
    expect(rows.map(({ method }) => method)).toEqual([
      ...['add', 'append', 'echo', 'hang', 'mixed', 'refuse', 'take', 'ticks', 'type'],
    ])
    expect(rows[0]).toMatchObject({ signature: '(a: number, b: number) => number', runs: 'at least once' })
    expect((await rpc('describe', address, 'add')).out).toBe(
      'add(a: number, b: number) => number\n    The sum of two numbers.\n    runs at least once\n',
    )
    expect(await rpc('describe', address, 'ad')).toMatchObject({
      code: 65,
      err: expect.stringContaining("there is no method 'ad'; did you mean 'add'?"),
    })
  })

  it.each([
    [['type', '3'], 'number\n'],
    [['type', '"3"'], 'string\n'],
    [['type', 'three'], 'string\n'],
    [['type', 'true'], 'boolean\n'],
    [['type', 'null'], 'null\n'],
    [['type', '12345678901234567890n'], 'bigint\n'],
    [['type', '[1]'], 'object\n'],
    [['add', '1', '2'], '3\n'],
    [['echo', '@@here', 'a b'], '[\n  "@here",\n  "a b"\n]\n'],
    [['add', '--', '-1', '2'], '1\n'],
  ])('call takes arguments as JSON or texts: %j', async (words, out) => {
    expect(await rpc('call', address, ...words)).toMatchObject({ code: 0, out, err: '' })
  })

  it('call takes arguments from files and from standard input', async () => {
    const file = join(folder, 'list.json')
    writeFileSync(file, '["tea"]\n')
    const { out } = await posthorn('', ['rpc', 'call', address, 'echo', `@${file}`, '-', '-o', 'jsonl'], {
      input: 'from outside\n',
    })
    expect(JSON.parse(out)).toEqual({ value: [['tea'], 'from outside'], restored: null })
  })

  it('call prints what an argument became with --inout', async () => {
    const { out } = await rpc('call', address, 'append', 'milk', '["tea"]', '--inout', '2', '--json')
    expect(JSON.parse(out)).toEqual({ value: 2, restored: [['tea', 'milk']] })
  })

  it('call prints streams item by item', async () => {
    expect((await rpc('call', address, 'ticks', '3')).out).toBe('{"tick":1}\n{"tick":2}\n{"tick":3}\n')
    const rows = (await rpc('call', address, 'ticks', '2', '-o', 'jsonl')).rows()
    expect(rows.map(({ value }) => value)).toEqual([{ tick: 1 }, { tick: 2 }])
  })

  it('call says what JSON cannot', async () => {
    expect(JSON.parse((await rpc('call', address, 'mixed')).out)).toEqual({
      when: '1970-01-01T00:00:00.000Z',
      bytes: { base64: 'AQI=' },
      map: [['a', 1]],
      call: { reference: 'function' },
    })
  })

  it('call --until does not wait for the result', async () => {
    const { code, out, err } = await rpc('call', address, 'hang', '--until', 'delivered')
    expect({ code, out, err }).toEqual({ code: 0, out: '', err: 'hang is delivered\n' })
  })

  it.each([
    [['take', '4'], 1, 'take failed: RangeError: only 3 are left (E_EMPTY)'],
    [['refuse'], 1, 'refuse failed: it threw {"why":"no"}'],
    [['nope'], 65, 'CALL_NO_METHOD'],
    [['constructor'], 65, 'CALL_NO_METHOD'],
    [['hang', '-t', '20ms'], 75, 'CALL_TIMEOUT'],
    [['add', '{1'], 64, "the argument '{1' is not JSON"],
    [['append', 'milk', '[]', '--inout', '1'], 64, 'only a list or an object can be restored'],
    [['append', 'milk', '[]', '--inout', '3'], 64, 'there is no such argument'],
    [['append', 'milk', '[]', '--inout', '2', '--until', 'accepted'], 64, '--inout waits'],
    [['add', '-m', 'user'], 64, '--metadata wants key=value'],
    [['add', '@/nowhere'], 65, 'the file /nowhere cannot be read'],
    [['add', '--idempotent', '--at-most-once'], 64, 'contradict'],
  ])('call %j ends with %i', async (words, code, said) => {
    expect(await rpc('call', address, ...words)).toMatchObject({ code, err: expect.stringContaining(said) })
  })

  it.each([
    ['tcp://127.0.0.1:1', 69, 'CALL_UNREACHABLE'],
    ['tcp//here', 64, 'ADDRESS_SCHEME_MISSING'],
  ])('call at %s ends with %i', async (place, code, said) => {
    expect(await rpc('call', place, 'add')).toMatchObject({ code, err: expect.stringContaining(said) })
  })

  it('ping measures round trips', async () => {
    const { code, err, rows } = await rpc('ping', address, '-c', '3', '-i', '1ms', '-o', 'jsonl')
    expect(code).toBe(0)
    expect(rows()).toMatchObject([1, 2, 3].map(seq => ({ seq, status: 'serving', ms: expect.any(Number) })))
    expect(err).toMatch(/^3 calls, 3 answered; min\/avg\/max\/mdev [\d./]+ ms\n$/)
  })

  it('serve says when an address is in use', async () => {
    const { code, err } = await rpc('serve', join(folder, 'ledger.mjs'), '--listen', address)
    expect({ code, err }).toEqual({ code: 75, err: expect.stringContaining('EADDRINUSE') })
  })

  it('serve asks for a credential, and serves other exports', async () => {
    const words = ['rpc', 'serve', join(folder, 'ledger.mjs'), '--export', 'greet', '--credential', 'sesame']
    const server = await serving(words)
    const call = ['call', server.address, '']
    expect(await rpc(...call, 'ada', '--credential', 'sesame')).toMatchObject({
      code: 0,
      out: 'hello, ada\n',
    })
    expect(await rpc(...call, 'ada', '--credential', 'open')).toMatchObject({
      code: 77,
      err: expect.stringContaining('CALL_REFUSED'),
    })
    server.stop()
    expect((await server.ended).code).toBe(0)
  })

  it.each([
    [['nowhere.mjs'], 65, 'nowhere.mjs'],
    [
      ['ledger.mjs', '--export', 'nothing'],
      65,
      "does not export 'nothing'; it exports default, greet, methods",
    ],
    [['ledger.mjs', '--name', 'ledger'], 64, '--name needs --registry'],
    [['ledger.mjs', '--listen', 'tls://127.0.0.1:*'], 64, 'give tls:// and wss:// addresses a certificate'],
    [['ledger.mjs', '--listen', 'tcp://here'], 64, 'ADDRESS_PORT_MISSING'],
    [['ledger.mjs', '--key', 'key.pem'], 64, '--key and --client-ca go with --cert'],
    [['ledger.mjs', '--grpc', 'tcp://127.0.0.1:*'], 64, '--grpc needs --proto'],
    [['ledger.mjs', '--service', 'a.B'], 64, 'go with --grpc'],
    [['ledger.mjs', ...grpc, '--credential', 'sesame'], 64, 'gRPC has no --credential'],
    [['ledger.mjs', ...grpc], 65, 'GRPC_PROTO_INVALID'],
  ])('serve %j ends with %i', async ([file = '', ...words], code, said) => {
    const path = join(folder, file)
    expect(await rpc('serve', path, ...words)).toMatchObject({ code, err: expect.stringContaining(said) })
  })

  it('serve --grpc lets clients of gRPC call the same object', async () => {
    const proto = join(folder, 'ledger.proto')
    writeFileSync(
      proto,
      'syntax = "proto3"; package shop; message Name { string name = 1; } service Greeter { rpc Greet(Name) returns (Name); }',
    )
    writeFileSync(
      join(folder, 'greeter.mjs'),
      "export default { greet: ({ name }) => ({ name: 'hello, ' + name }) }",
    )
    const server = await serving([
      ...['rpc', 'serve', join(folder, 'greeter.mjs')],
      ...['--grpc', 'tcp://127.0.0.1:*', '--proto', proto, '--service', 'shop.Greeter'],
    ])
    const place = server.address.replace(/^grpc /, '')
    const client = await connectGrpc<{ greet(to: { name: string }): Promise<{ name: string }> }>(place, {
      proto,
      service: 'shop.Greeter',
    })
    expect(await client.greet({ name: 'ada' })).toEqual({ name: 'hello, ada' })
    await client[Symbol.asyncDispose]()
    server.stop()
    expect((await server.ended).code).toBe(0)
  })

  it('registry, names and serve --name let a server be called by its name', async () => {
    const registry = await serving(['rpc', 'registry'])
    const bind = ['--name', 'ledger', '--registry', registry.address]
    const server = await serving(['rpc', 'serve', join(folder, 'ledger.mjs'), ...bind])
    const rows = (await rpc('names', registry.address, 'led', '-o', 'jsonl')).rows()
    expect(rows).toEqual([{ name: 'ledger', addresses: [server.address] }])
    const call = ['call', 'ledger', 'add', '20', '3', '--registry', registry.address]
    expect(await rpc(...call)).toMatchObject({ code: 0, out: '23\n' })
    server.stop()
    await server.ended
    expect(await rpc(...call)).toMatchObject({ code: 65, err: expect.stringContaining('CALL_NAME_UNKNOWN') })
    registry.stop()
    await registry.ended
  })
})

describe('posthorn rpc trace', () => {
  it.each(['tcp', 'ipc', 'ws', 'inproc'])('measures the ten steps of a real call over %s', async over => {
    const { code, rows } = await rpc('trace', '--over', over, '--warm', '2', '-o', 'jsonl')
    expect(code).toBe(0)
    const steps = rows()
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(steps.filter(({ at }) => at === null).map(({ step }) => step)).toEqual([3, 8])
    const times = steps.flatMap(({ at }) => (typeof at === 'number' ? [at] : []))
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(steps[9]?.what).toContain('["tea","milk"]')
    const [call, result] = [steps[1], steps[6]]
    expect([call?.message, result?.message]).toEqual(['CALL', 'RESULT'])
    expect(String(call?.hex)).toHaveLength(2 * Number(call?.bytes))
    expect(call?.fields).toContainEqual(expect.objectContaining({ field: 'method', value: 'append' }))
    expect(result?.fields).toContainEqual(
      expect.objectContaining({ field: 'changes', value: { objects: 1, restored: [['tea', 'milk']] } }),
    )
  })

  it("traces the caller's half of a call of any server, also of one that fails", async () => {
    const steps = (await rpc('trace', address, 'add', '1', '2', '-o', 'jsonl')).rows()
    expect(steps.flatMap(({ step, at }) => (at === null ? [] : [step]))).toEqual([1, 2, 9, 10])
    const failed = await rpc('trace', address, 'take', '4', '-o', 'jsonl')
    expect(failed.code).toBe(1)
    expect(failed.rows()[6]).toMatchObject({ message: 'FAULT' })
  })

  it.each([
    [[], 64, 'say which method'],
    [['append', 'milk', '[]', '--inout', '1'], 64, 'only a list or an object can be restored'],
  ])('at a server with %j ends with %i', async (words, code, said) => {
    expect(await rpc('trace', address, ...words)).toMatchObject({ code, err: expect.stringContaining(said) })
  })

  it('shows the bytes of the messages field by field', async () => {
    const { out } = await rpc('trace', '--warm', '0')
    expect(out).toMatch(/CALL, \d+ bytes\n +0\+4 +0000001e +length +30\n +4\+1 +02 +kind +CALL\n/)
    expect(out).toMatch(/ 10 +[\d.]+ +[\d.]+ +client stub +unpacks the result/)
  })
})

describe('docs/rpc-language.md', () => {
  it('has a quick start that does what its comments say', () => {
    const page = readFileSync(join(root, 'docs', 'rpc-language.md'), 'utf8')
    const program = /<!-- run -->\n```ts\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
    const place = join(root, '.cache', `rpc-${process.pid}`)
    mkdirSync(place, { recursive: true })
    try {
      const file = join(place, 'quick.ts')
      writeFileSync(file, program)
      const tsx = join(root, 'node_modules', '.bin', 'tsx')
      const { stdout, stderr } = spawnSync(tsx, [file], { cwd: root, encoding: 'utf8' })
      expect({ stdout, stderr }).toEqual({ stdout: "2 [ 'tea', 'milk' ]\ntea\nmilk\n3\n2\n1\n", stderr: '' })
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
  })
})
