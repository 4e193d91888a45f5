// ONC RPC end to end over loopback, and its bytes by hand: figures from RFC 5531, section 9, and from what rpcbind answers.

import { describe, expect, it } from 'vitest'
import { deferred } from '../../flow/index.ts'
import { connect, connectTcp, listen } from '../../transport/index.ts'
import { program } from '../program.ts'
import * as xdr from '../xdr/index.ts'
import { connectOnc, OncError, type OncServeOptions, serveOnc, service, systemAuth } from './index.ts'
import { oncLimits } from './limits.ts'
import { RecordSplitter } from './record.ts'

const CALC = program({
  name: 'CALC_V2',
  program: 0x2000_0099,
  version: 2,
  procedures: {
    ADD: { number: 1, argument: xdr.tuple(xdr.int, xdr.int), result: xdr.int },
    ECHO: { number: 2, argument: xdr.varOpaque(), result: xdr.varOpaque() },
    FAIL: { number: 3, argument: xdr.nothing, result: xdr.nothing },
    WHO: { number: 4, argument: xdr.nothing, result: xdr.string() },
    WAIT: { number: 5, argument: xdr.nothing, result: xdr.nothing },
  },
})

const { ADD, ...withoutAdd } = CALC.procedures
const WITHOUT_ADD = program({ ...CALC, procedures: withoutAdd })
const ANOTHER_ADD = program({ ...CALC, procedures: { ADD: { ...ADD, argument: xdr.nothing } } })

const faults: unknown[] = []

async function open(options: OncServeOptions = {}) {
  const waiting = deferred()
  const server = await serveOnc(
    'tcp://127.0.0.1:*',
    [
      service(CALC, {
        ADD: ([a, b]) => a + b,
        ECHO: bytes => bytes,
        FAIL: () => {
          throw new Error('out of paper')
        },
        WHO: (_, { credential }) =>
          credential.kind === 'sys' ? `${credential.uid}@${credential.machine}` : credential.kind,
        WAIT: () => waiting.promise.then(() => undefined),
      }),
    ],
    { onFault: (_, error) => faults.push(error), ...options },
  )
  return { server, waiting }
}

/** Sends a message by hand and gives the answer's words; undefined when the server ends the connection instead. */
async function byHand(address: string, words: readonly number[]): Promise<number[] | undefined> {
  const stream = await connect(address)
  const record = Buffer.alloc(4 + 4 * words.length)
  record.writeUInt32BE(0x8000_0000 + 4 * words.length)
  for (const [n, word] of words.entries()) record.writeUInt32BE(word, 4 + 4 * n)
  void stream.write([record])
  let answer: number[] | undefined
  const splitter = new RecordSplitter(whole => {
    answer = Array.from({ length: whole.length / 4 }, (_, n) => whole.readUInt32BE(4 * n))
  })
  for await (const chunk of stream.bytes) {
    splitter.push(chunk)
    if (answer !== undefined) break
  }
  stream.abort()
  return answer
}

const { program: CALC_NUMBER } = CALC

describe('a call', () => {
  it('is carried out, and many at a time are answered each with its own result', async () => {
    const { server } = await open()
    await using _ = server
    await using connection = await connectOnc(server.address)
    const calc = connection.client(CALC)
    expect(await calc.ADD([1, 2])).toBe(3)
    const sums = await Promise.all(Array.from({ length: 500 }, (_, n) => calc.ADD([n, n])))
    expect(sums).toEqual(Array.from({ length: 500 }, (_, n) => 2 * n))
  })

  it('carries megabytes both ways', async () => {
    const { server } = await open()
    await using _ = server
    await using connection = await connectOnc(server.address)
    const bytes = Buffer.alloc(3_000_001, 'posthorn')
    expect(bytes.equals(await connection.client(CALC).ECHO(bytes))).toBe(true)
  })

  it('is answered although one before it still runs', async () => {
    const { server, waiting } = await open()
    await using _ = server
    await using connection = await connectOnc(server.address)
    const calc = connection.client(CALC)
    const waits = calc.WAIT()
    expect(await calc.ADD([4, 5])).toBe(9)
    waiting.resolve()
    await waits
  })

  it('shows the server who calls', async () => {
    const { server } = await open()
    await using _ = server
    const credential = systemAuth({ stamp: 1, machine: 'desk', uid: 7, gid: 8, gids: [9] })
    await using known = await connectOnc(server.address, { credential })
    expect(await known.client(CALC).WHO()).toBe('7@desk')
    await using unknown = await connectOnc(server.address)
    expect(await unknown.client(CALC).WHO()).toBe('none')
  })

  it('of procedure 0 is answered though nobody declared it', async () => {
    const { server } = await open()
    await using _ = server
    const answer = await byHand(server.address, [7, 0, 2, CALC_NUMBER, 2, 0, 0, 0, 0, 0])
    expect(answer).toEqual([7, 1, 0, 0, 0, 0])
  })
})

describe('a call that fails', () => {
  it.each([
    ['the program is not there', { ...CALC, program: 5 }, 'RPC_PROGRAM_UNAVAILABLE'],
    ['the version is not there', { ...CALC, version: 3 }, 'RPC_PROGRAM_MISMATCH'],
    ['the argument is another one', ANOTHER_ADD, 'RPC_GARBAGE_ARGUMENTS'],
  ] as const)('says that %s', async (_, called, code) => {
    const { server } = await open()
    await using _server = server
    await using connection = await connectOnc(server.address)
    const calls = connection.client(called) as { ADD(argument?: unknown): Promise<number> }
    await expect(calls.ADD(called === ANOTHER_ADD ? undefined : [1, 2])).rejects.toMatchObject({ code })
  })

  it('says that the procedure is not there', async () => {
    await using server = await serveOnc('tcp://127.0.0.1:*', [
      service(WITHOUT_ADD, {
        ECHO: bytes => bytes,
        FAIL: () => undefined,
        WHO: () => '',
        WAIT: () => undefined,
      }),
    ])
    await using connection = await connectOnc(server.address)
    await expect(connection.client(CALC).ADD([1, 2])).rejects.toMatchObject({
      code: 'RPC_PROCEDURE_UNAVAILABLE',
    })
  })

  it('is refused when bytes follow its result, unless they are to be ignored, as C does', async () => {
    const { server } = await open()
    await using _ = server
    const shorter = program({ ...CALC, procedures: { WHO: { ...CALC.procedures.WHO, result: xdr.uint } } })
    await using strict = await connectOnc(server.address)
    await expect(strict.client(shorter).WHO()).rejects.toMatchObject({ code: 'RPC_MESSAGE_INVALID' })
    await using lenient = await connectOnc(server.address, { ignoreExtraBytes: true })
    expect(await lenient.client(shorter).WHO()).toBe('none'.length)
  })

  it('says that the handler threw, and tells the server why', async () => {
    const { server } = await open()
    await using _ = server
    await using connection = await connectOnc(server.address)
    faults.length = 0
    await expect(connection.client(CALC).FAIL()).rejects.toMatchObject({ code: 'RPC_SYSTEM_ERROR' })
    expect(faults).toEqual([new Error('out of paper')])
    expect(await connection.client(CALC).ADD([1, 1])).toBe(2)
  })

  it('says why the credential was refused', async () => {
    const { server } = await open({
      refuse: ({ credential }) => (credential.kind === 'none' ? 'tooWeak' : undefined),
    })
    await using _ = server
    await using connection = await connectOnc(server.address)
    await expect(connection.client(CALC).WHO()).rejects.toThrow(/RPC_AUTH_ERROR.*tooWeak/)
  })

  it('does not wait longer than it is told, nor after its signal, and the connection goes on', async () => {
    const { server, waiting } = await open()
    await using _ = server
    await using connection = await connectOnc(server.address)
    const calc = connection.client(CALC)
    await expect(calc.WAIT({ timeoutMs: 5 })).rejects.toMatchObject({ code: 'RPC_TIMEOUT' })
    const controller = new AbortController()
    const waits = calc.WAIT({ signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(waits).rejects.toThrow('enough')
    waiting.resolve()
    expect(await calc.ADD([2, 2])).toBe(4)
  })

  it('fails with its connection, and so do those that follow', async () => {
    const { server } = await open({ closeMs: 1 })
    const connection = await connectOnc(server.address)
    const calc = connection.client(CALC)
    const waits = calc.WAIT()
    const lost = expect(waits).rejects.toMatchObject({ code: 'RPC_CONNECTION_LOST' })
    await calc.ADD([0, 0])
    await server.close()
    await lost
    await expect(calc.ADD([1, 1])).rejects.toBeInstanceOf(OncError)
    await connection.close()
  })

  it('fails when its owner closes the connection', async () => {
    const { server, waiting } = await open()
    await using _ = server
    const connection = await connectOnc(server.address)
    const closed = expect(connection.client(CALC).WAIT()).rejects.toMatchObject({ code: 'RPC_CLOSED' })
    await connection.close()
    await closed
    waiting.resolve()
  })
})

describe('a caller that ends', () => {
  it('is still answered when it has ended only its side', async () => {
    const { server } = await open()
    await using _ = server
    const port = Number(server.address.slice(server.address.lastIndexOf(':') + 1))
    const stream = await connectTcp({ host: '127.0.0.1', port })
    const call = [0x8000_0000 + 40, 7, 0, 2, CALC_NUMBER, 2, 0, 0, 0, 0, 0]
    const bytes = Buffer.alloc(44)
    for (const [n, word] of call.entries()) bytes.writeUInt32BE(word, 4 * n)
    void stream.write([bytes])
    stream.end()
    const chunks: Buffer[] = []
    for await (const chunk of stream.bytes) chunks.push(chunk)
    expect(Buffer.concat(chunks).length).toBe(28)
    await stream.close()
  })

  it('ends the signal of its calls', async () => {
    const aborted = deferred()
    const begun = deferred()
    const waits = program({ ...CALC, procedures: { WAIT: CALC.procedures.WAIT } })
    await using server = await serveOnc('tcp://127.0.0.1:*', [
      service(waits, {
        WAIT: async (_, { signal }) => {
          begun.resolve()
          await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
          aborted.resolve()
          return undefined
        },
      }),
    ])
    const connection = await connectOnc(server.address)
    const call = connection.client(waits).WAIT()
    const closed = expect(call).rejects.toMatchObject({ code: 'RPC_CLOSED' })
    await begun.promise
    await connection.close()
    await aborted.promise
    await closed
  })

  it('does not wait for ever for a server that does not end', async () => {
    const listener = await listen('inproc://onc-never', {}, () => undefined)
    const connection = await connectOnc('inproc://onc-never', { closeMs: 1 })
    await connection.close()
    await listener.close()
  })
})

describe('a server', () => {
  it.each([
    ['another version of RPC', [7, 0, 3, CALC_NUMBER, 2, 0, 0, 0, 0, 0], [7, 1, 1, 0, 2, 2]],
    ['a flavor that it does not know', [7, 0, 2, CALC_NUMBER, 2, 0, 99, 0, 0, 0], [7, 1, 1, 1, 2]],
    ['a credential that is cut', [7, 0, 2, CALC_NUMBER, 2, 0, 1, 4, 1, 0, 0], [7, 1, 1, 1, 1]],
    ['a version below', [7, 0, 2, CALC_NUMBER, 1, 0, 0, 0, 0, 0], [7, 1, 0, 0, 0, 2, 2, 2]],
    ['bytes behind the argument', [7, 0, 2, CALC_NUMBER, 2, 3, 0, 0, 0, 0, 1], [7, 1, 0, 0, 0, 4]],
    ['a reply', [7, 1, 0, 0, 0, 0], undefined],
    ['a head that is cut', [7, 0, 2, CALC_NUMBER], undefined],
    [
      'a credential above 400 bytes',
      [7, 0, 2, CALC_NUMBER, 2, 0, 1, 404, ...new Array(101).fill(0), 0, 0],
      undefined,
    ],
  ])('answers %s as it should, or ends the connection', async (_, sent, answer) => {
    const { server } = await open()
    await using _server = server
    expect(await byHand(server.address, sent)).toEqual(answer)
  })

  it('ends a connection that announces too much, before it comes', async () => {
    const { server } = await open({ recordBytesMax: 1000 })
    await using _ = server
    const stream = await connect(server.address)
    void stream.write([Buffer.from([0x80, 0, 0x10, 0])])
    for await (const _chunk of stream.bytes) throw new Error('an answer')
    stream.abort()
    await using connection = await connectOnc(server.address)
    await expect(connection.client(CALC).ECHO(Buffer.alloc(2000))).rejects.toMatchObject({
      code: 'RPC_CONNECTION_LOST',
    })
  })

  it('runs no more calls of one connection than its limit at a time', async () => {
    let running = 0
    let most = 0
    const { server } = await open({ runningMax: 3 })
    await server.close()
    await using limited = await serveOnc(
      'tcp://127.0.0.1:*',
      [
        service(program({ ...CALC, procedures: { WAIT: CALC.procedures.WAIT } }), {
          WAIT: async () => {
            most = Math.max(most, ++running)
            await new Promise(setImmediate)
            running--
            return undefined
          },
        }),
      ],
      { runningMax: 3 },
    )
    await using connection = await connectOnc(limited.address)
    const calc = connection.client(CALC)
    await Promise.all(Array.from({ length: 50 }, () => calc.WAIT()))
    expect(most).toBe(3)
  })
})

describe('a record', () => {
  it('is put together however it was cut, into fragments and by the network', () => {
    const found: string[] = []
    const splitter = new RecordSplitter(record => found.push(record.toString()))
    const bytes = Buffer.concat([
      ...[Buffer.from([0, 0, 0, 2]), Buffer.from('ab')],
      Buffer.from([0, 0, 0, 0]),
      ...[Buffer.from([0x80, 0, 0, 3]), Buffer.from('cde')],
      Buffer.from([0x80, 0, 0, 0]),
      ...[Buffer.from([0x80, 0, 0, 1]), Buffer.from('f')],
    ])
    for (let size = 1; size <= bytes.length; size++)
      for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.subarray(at, at + size))
    expect(found).toEqual(Array.from({ length: bytes.length }, () => ['abcde', '', 'f']).flat())
  })

  it('is refused when it never ends', () => {
    const splitter = new RecordSplitter(() => undefined)
    const empty = Buffer.alloc(4 * oncLimits.fragmentsMax)
    splitter.push(empty)
    expect(() => splitter.push(Buffer.alloc(4))).toThrow(/RPC_RECORD_TOO_LARGE/)
  })
})
