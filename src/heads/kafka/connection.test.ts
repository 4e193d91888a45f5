// A connection over a stream in memory: order of answers, what ends it, and what it holds.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Writer } from '../../bytes/index.ts'
import { buildBatch } from '../../log/record/builder.ts'
import type { PromptStream } from '../../transport/index.ts'
import { Connection } from './connection.ts'
import { Session } from './session.ts'
import { Scene } from './verbs/asking.contract.ts'
import type { Api } from './wire/api.ts'
import { ApiVersions, Fetch, Metadata } from './wire/index.ts'

const idsOf = (answers: readonly Buffer[]): number[] => answers.map(one => one.readInt32BE(4))

/** The client's end of a stream. */
class Pipe implements PromptStream {
  readonly peer = { address: '127.0.0.1', port: 1, encrypted: false }
  readonly sent: Buffer[] = []
  /** Those of them that did not wait for the turn to end. */
  readonly atOnce: Buffer[] = []
  aborted = false
  #chunks: Buffer[] = []
  #wake: (() => void) | undefined
  #ended = false

  readonly bytes: AsyncIterable<Buffer> = this.#read()

  write(chunks: readonly Buffer[]): undefined {
    this.sent.push(Buffer.concat(chunks))
  }
  writeNow(chunks: readonly Buffer[]): undefined {
    this.write(chunks)
    this.atOnce.push(...this.sent.slice(-1))
  }
  async close(): Promise<void> {
    this.end()
  }
  abort(): void {
    this.aborted = true
    this.end()
  }

  send(...chunks: Buffer[]): void {
    this.#chunks.push(...chunks)
    this.#wake?.()
  }
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** Correlation ids of the answers, in the order in which they came. */
  get answered(): number[] {
    return idsOf(this.sent)
  }

  async *#read(): AsyncGenerator<Buffer> {
    for (;;) {
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) yield chunk
      else if (this.#ended) return
      else await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }
}

let scene: Scene
let pipe: Pipe
let served: Promise<void>

beforeEach(async () => {
  scene = await Scene.open()
  await scene.broker.topics.create({ name: 't', partitions: 1 })
  pipe = new Pipe()
  const session = new Session({
    mechanisms: [],
    reauthMs: 0,
    begin: () => ({ step: () => ({ at: 'failed', reason: '', message: '' }) }),
  })
  served = new Connection({ kafka: scene.kafka, stream: pipe, session, nodeId: 0, listener: 'kafka' }).serve()
})
afterEach(() => scene.close())

function frame(api: Api, version: number, correlationId: number, request: object, after = 0): Buffer {
  const to = new Writer()
  to.int32(0)
  to.int16(api.key)
  to.int16(version)
  to.int32(correlationId)
  to.int16(-1)
  if (version >= api.flexibleSince) to.uvarint(0)
  api.request.encode(to, request, version)
  to.raw(Buffer.alloc(after))
  const bytes = Buffer.concat(to.finish())
  bytes.writeInt32BE(bytes.length - 4, 0)
  return bytes
}

const versions = (id: number) => frame(ApiVersions as Api, 0, id, {})
const longPoll = (id: number, sessionEpoch = -1) =>
  frame(Fetch as Api, 11, id, {
    sessionEpoch,
    maxWaitMs: 60_000,
    minBytes: 1,
    topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 100 }] }],
    forgottenTopicsData: [],
    rackId: '',
  })
const settle = async () => {
  for (let n = 0; n < 20; n++) await new Promise(resolve => setImmediate(resolve))
}

describe('a connection', () => {
  it('takes requests cut anywhere, and several at once', async () => {
    const bytes = Buffer.concat([versions(1), versions(2), versions(3)])
    pipe.send(...Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)))
    await settle()
    expect(pipe.answered).toEqual([1, 2, 3])
  })

  it.each([
    ['alone goes out at once', [longPoll(2)], [2]],
    ['with another behind it waits for the turn to end', [longPoll(2), versions(3)], []],
  ])('answers when a record comes: a long poll that is %s', async (_what, requests, atOnce) => {
    pipe.send(versions(1), Buffer.concat(requests))
    await settle()
    expect(pipe.answered).toEqual([1])
    await scene.broker.topics
      .get('t')
      ?.partitions[0]?.append(buildBatch([{ timestamp: 0, value: Buffer.from('x') }]))
    await settle()
    expect(pipe.answered).toHaveLength(1 + requests.length)
    expect(idsOf(pipe.atOnce)).toEqual(atOnce)
  })

  it('ignores what follows a request in its frame, and goes on with the next', async () => {
    pipe.send(frame(ApiVersions as Api, 0, 1, {}, 3), versions(2))
    await settle()
    expect(pipe.answered).toEqual([1, 2])
  })

  it('answers in the order of the requests, though a later one is ready first', async () => {
    pipe.send(Buffer.concat([longPoll(1), versions(2)]))
    await settle()
    expect(pipe.answered).toEqual([])
    ;(scene.kafka.world as unknown as { advance(by: string): void }).advance('60s')
    await settle()
    expect(pipe.answered).toEqual([1, 2])
  })

  it('answers a long poll at once when the client ends', async () => {
    pipe.send(longPoll(1))
    await settle()
    pipe.end()
    await served
    expect(pipe.answered).toEqual([1])
  })

  it('answers an ApiVersions that is too new in version 0, with what is served (KIP-511)', async () => {
    const newest = frame(ApiVersions as Api, 4, 1, { clientSoftwareName: 'x', clientSoftwareVersion: '1' })
    pipe.send(newest.fill(99, 7, 8))
    await settle()
    expect(pipe.sent[0]?.readInt16BE(8)).toBe(35)
    expect(pipe.aborted).toBe(false)
  })

  it.each<[string, () => Buffer]>([
    ['an API that is not there', () => versions(1).fill(0x7f, 4, 6)],
    ['a version that is not served', () => frame(Metadata as Api, 0, 1, { topics: [] }).fill(99, 7, 8)],
    ['a length below 0', () => Buffer.from('ffffffff', 'hex')],
    ['a length above the limit', () => Buffer.from('7fffffff', 'hex')],
    ['a body that ends too early', () => Buffer.from('0000000a0003000900000001ffff', 'hex')],
  ])('is closed by %s', async (_, bytes) => {
    pipe.send(bytes())
    await served
    expect(pipe.aborted).toBe(true)
    expect(pipe.answered).toEqual([])
  })

  it('takes its fetch session with it when it ends', async () => {
    pipe.send(longPoll(1, 0))
    await settle()
    expect(scene.kafka.remember(0)).toBe(1)
    pipe.end()
    await served
    expect(scene.kafka.remember(0)).toBe(0)
  })

  it('counts what it holds, and gives it back', async () => {
    pipe.send(Buffer.from([0, 0, 1, 0, 9, 9]))
    await settle()
    expect(scene.kafka.hold(0)).toBe(6)
    pipe.end()
    await served
    expect(scene.kafka.hold(0)).toBe(0)
  })
})
