// A broker without sockets under attack: connections are scripted, time is moved by hand, and everything that a peer
// could see or that the broker reports is checked. A finding is a sentence with what led to it.

import { plain, scram, user } from '../../src/auth/index.ts'
import { Broker } from '../../src/broker/index.ts'
import { Reader } from '../../src/bytes/index.ts'
import { Connection } from '../../src/heads/kafka/connection.ts'
import { readRequest } from '../../src/heads/kafka/frame.ts'
import { Kafka } from '../../src/heads/kafka/head.ts'
import { limits } from '../../src/heads/kafka/limits.ts'
import { Session } from '../../src/heads/kafka/session.ts'
import { ApiVersions, Produce } from '../../src/heads/kafka/wire/index.ts'
import { openMemoryStore } from '../../src/log/index.ts'
import { ManualWorld, type Reporter } from '../../src/world/index.ts'
import { ScriptedStream } from './scripted-stream.ts'

/** Requests without their lengths, how their bytes are cut on the way, and whether a login is asked for. */
export interface Visit {
  readonly requests: readonly Buffer[]
  /** Cuts the stream of all frames into what arrives at a time. */
  readonly cut: (stream: Buffer) => Buffer[]
  readonly login: boolean
  /** Leaves at once, instead of waiting for its answers. */
  readonly impatient: boolean
  readonly story: string
}

/** Turns of the event loop that a visit may take before time is moved. */
const TURNS = 3
/** How long a patient client waits for its answers, on the broker's clock: longer than any fetch may. */
const PATIENCE_MS = 400_000
/** No request may wait longer than this, on the broker's clock. */
const WAIT_MS_MAX = 3_600_000
/** And no longer than this on the real one: derivations of keys are slow. */
const REAL_MS_MAX = 60_000

export class Arena {
  readonly findings: string[] = []
  readonly broker: Broker
  readonly kafka: Kafka
  readonly #world: ManualWorld
  #story = ''

  private constructor(broker: Broker, kafka: Kafka, world: ManualWorld) {
    this.broker = broker
    this.kafka = kafka
    this.#world = world
  }

  static async open(seed: number): Promise<Arena> {
    const world = new ManualWorld({ seed })
    const broker = await Broker.open({
      store: openMemoryStore({ maxBytes: 256 * 1024 * 1024 }),
      world,
      access: { superUsers: ['User:ANONYMOUS'] },
      onUpkeepFailure: ({ task, error }) => arena.findings.push(`${task} failed: ${String(error)}`),
    })
    const report: Reporter = {
      debug() {},
      info() {},
      warn() {},
      error: (message, fields) =>
        arena.findings.push(`${message}: ${JSON.stringify(fields)}; ${arena.#story}`),
    }
    const kafka = await Kafka.open({ broker, world, report, listeners: [] })
    kafka.cluster.place('kafka', 0, { host: 'here', port: 9092 })
    const arena = new Arena(broker, kafka, world)
    const configs = { 'max.message.bytes': '104857600' }
    await broker.topics.findOrCreate({ name: 'plain', partitions: 2, configs })
    await broker.topics.findOrCreate({
      name: 'compacted',
      partitions: 1,
      configs: { ...configs, 'cleanup.policy': 'compact' },
    })
    return arena
  }

  async close(): Promise<void> {
    this.broker.groups.close()
    await this.kafka.close()
    await this.broker.close()
  }

  /** Serves a visit to its end and gives the answers that came, by correlation id, and how many requests were read. */
  async visit(visit: Visit): Promise<{ readonly answers: Map<number, Buffer>; readonly read: number }> {
    this.#story = visit.story
    const frames = visit.requests.map((request, id) => numbered(request, id))
    const stream = new ScriptedStream(visit.cut(Buffer.concat(frames.map(framed))))
    if (visit.impatient) stream.leave()
    await this.#settled(stream, visit)
    const answers = new Map<number, Buffer>()
    try {
      for (const answer of stream.answers()) answers.set(answer.readInt32BE(0), answer)
      if (!visit.login) this.#judge(frames, answers, stream.aborted)
    } catch (error) {
      this.findings.push(`${String(error)}; ${visit.story}`)
    }
    // What broke the protocol is the last that was read.
    return { answers, read: stream.aborted ? Math.min(frames.length, answers.size + 1) : frames.length }
  }

  #connection(stream: ScriptedStream, login: boolean): Connection {
    const session = new Session({
      mechanisms: login ? [plain, scram('SCRAM-SHA-256')] : [],
      reauthMs: 0,
      begin: mechanism => mechanism.start(this.broker.access.users, { address: '127.0.0.1' }, this.#world),
      ...(!login && { peer: user('ANONYMOUS') }),
    })
    return new Connection({ kafka: this.kafka, stream, session, nodeId: 0, listener: 'kafka' })
  }

  /** Moves time until the connection has ended: long polls, rebalances and transactions end by the clock. */
  async #settled(stream: ScriptedStream, { login, requests, story }: Visit): Promise<void> {
    let done = false
    void this.#connection(stream, login)
      .serve()
      .finally(() => {
        done = true
      })
    const began = performance.now()
    let waited = 0
    for (let turns = 0; !done; turns++) {
      await new Promise(resolve => setImmediate(resolve))
      if (stream.writes >= requests.length || waited > PATIENCE_MS) stream.leave()
      if (done || turns < TURNS) continue
      const step = Math.min(60_000, 100 * 2 ** (turns - TURNS))
      waited += step
      this.#world.advance(step)
      if (waited > WAIT_MS_MAX && performance.now() - began > REAL_MS_MAX) {
        this.findings.push(`a connection hangs; ${story}`)
        return
      }
    }
  }

  /** Every whole request is answered with a response of its table, or the connection was ended. */
  #judge(frames: readonly Buffer[], answers: ReadonlyMap<number, Buffer>, aborted: boolean): void {
    for (const [id, frame] of frames.entries()) {
      const answer = answers.get(id)
      if (answer !== undefined) checkAnswer(frame, answer)
      else if (!aborted && !isSilent(frame)) throw new Error(`request ${id} was not answered`)
    }
  }
}

/** The answer decodes as this request's response and ends where it should. Throws otherwise. */
function checkAnswer(frame: Buffer, answer: Buffer): void {
  const { api, version } = readRequest(frame, limits.elementsMax)
  if (api === undefined) throw new Error('an unknown API was answered')
  const served = version >= api.versions.min && version <= api.versions.max ? version : 0
  const from = new Reader(answer, 4, answer.length, Number.MAX_SAFE_INTEGER)
  if (served >= api.flexibleSince && api.key !== ApiVersions.key) from.skip(1)
  api.response.decode(from, served)
  if (from.remaining > 0)
    throw new Error(`${from.remaining} bytes follow the answer to ${api.name} v${served}`)
}

/** Produce with acks=0 is not answered. */
function isSilent(frame: Buffer): boolean {
  const { api, version, body } = readRequest(frame, limits.elementsMax)
  return api?.key === Produce.key && Produce.request.decode(body, version).acks === 0
}

function numbered(request: Buffer, id: number): Buffer {
  const copy = Buffer.from(request)
  if (copy.length >= 8) copy.writeInt32BE(id, 4)
  return copy
}

function framed(request: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(request.length)
  return Buffer.concat([length, request])
}
