// Several producers with transactions over the same partitions, with timeouts, successors, crashes and a disk that
// fails: a committed reader sees exactly the committed records, in the order of the log, and the last stable offset
// never moves back.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildBatch } from '../../log/record/builder.ts'
import { CommittedReader, codeOf, openScene, type Scene, Writer } from './scene.ts'

const PARTITIONS = 2
const WRITERS = 3
const TIMEOUT_MS = 10_000

const step = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constant('send'), fc.nat(WRITERS - 1), fc.nat(PARTITIONS - 1)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('commit'), fc.nat(WRITERS - 1)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('abort'), fc.nat(WRITERS - 1)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('plain'), fc.nat(PARTITIONS - 1)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('succeed'), fc.nat(WRITERS - 1)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('wait'), fc.nat(7_000)) },
  { weight: 1, arbitrary: fc.constant(['crash'] as const) },
  { weight: 1, arbitrary: fc.constant(['snapshot'] as const) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('fail'), fc.nat(2)) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

describe('committed readers', () => {
  it('see exactly the committed records, in order, behind a bound that never moves back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async steps => {
        const play = await Play.begin()
        for (const one of steps) await play.take(one)
        await play.finish()
      }),
      { numRuns: 120 },
    )
  })
})

interface Sent {
  readonly partition: number
  readonly offset: number
  readonly value: string
  /** Undefined for a record that needs no transaction. */
  readonly by: number | undefined
  outcome: 'open' | 'commit' | 'abort'
}

/** The broker beside a model of what was asked of it. */
class Play {
  scene: Scene
  readonly writers: Writer[] = []
  readonly sent: Sent[] = []
  readonly readers = Array.from({ length: PARTITIONS }, (_, index) => new CommittedReader(index))
  readonly stable = Array.from({ length: PARTITIONS }, () => 0)

  private constructor(scene: Scene) {
    this.scene = scene
  }

  static async begin(): Promise<Play> {
    const play = new Play(await openScene(PARTITIONS))
    for (let n = 0; n < WRITERS; n++) play.writers.push(await Writer.init(play.scene, `t${n}`, TIMEOUT_MS))
    return play
  }

  async take([verb, a = 0, b = 0]: Step): Promise<void> {
    if (verb === 'send') await this.#send(a, b)
    if (verb === 'commit' || verb === 'abort') await this.#end(a, verb)
    if (verb === 'plain') await this.#plain(a)
    if (verb === 'succeed') await this.#succeed(a)
    if (verb === 'wait') this.scene.world.advance(a)
    if (verb === 'crash') this.scene = await this.scene.crash()
    if (verb === 'snapshot')
      await Promise.all([0, 1].map(index => this.scene.partition(index).snapshot())).catch(() => {})
    if (verb === 'fail')
      this.scene.refuse = name => a > 0 && name.startsWith(a === 1 ? 'topic/' : '__metadata')
    await new Promise(resolve => setImmediate(resolve))
    await this.#look()
  }

  /** The disk works again, everybody starts anew: every outcome is known and every reader has all of it. */
  async finish(): Promise<void> {
    this.scene = await this.scene.crash()
    for (let n = 0; n < WRITERS; n++) await this.#succeed(n)
    await this.#look()
    for (const [index, reader] of this.readers.entries())
      expect(reader.values).toEqual(this.#committed(index).map(one => one.value))
  }

  async #send(n: number, partition: number): Promise<void> {
    const value = `${n}:${this.sent.length}`
    const writer = this.writers[n] as Writer
    const sending = writer.send(this.scene, partition, value)
    if ((await codeOf(sending)) !== 'accepted') return this.#recover(n)
    const { offset } = await sending
    this.sent.push({ partition, offset, value, by: n, outcome: 'open' })
  }

  async #end(n: number, outcome: 'commit' | 'abort'): Promise<void> {
    const code = await codeOf((this.writers[n] as Writer).end(this.scene, outcome))
    if (code === 'accepted' || code === 'TRANSACTION_BUSY') this.#decide(n, outcome)
    else await this.#recover(n)
  }

  async #plain(partition: number): Promise<void> {
    const value = `plain:${this.sent.length}`
    const batch = buildBatch([{ timestamp: 0, value: Buffer.from(value) }])
    const appending = this.scene.partition(partition).append(batch)
    if ((await codeOf(appending)) !== 'accepted') return
    this.sent.push({ partition, offset: (await appending).offset, value, by: undefined, outcome: 'commit' })
  }

  /** What a client does after an error: it begins anew, and whatever was open is aborted. */
  async #recover(n: number): Promise<void> {
    await this.#succeed(n)
  }

  async #succeed(n: number): Promise<void> {
    const { transactions } = this.scene.broker
    const work = transactions.initProducer({ transactionalId: `t${n}`, timeoutMs: TIMEOUT_MS })
    if ((await codeOf(work)) !== 'accepted') return
    this.#decide(n, 'abort')
    ;(this.writers[n] as Writer).become(await work)
  }

  #decide(n: number, outcome: 'commit' | 'abort'): void {
    for (const one of this.sent) if (one.by === n && one.outcome === 'open') one.outcome = outcome
  }

  #committed(partition: number): Sent[] {
    return this.sent
      .filter(one => one.partition === partition && one.outcome === 'commit')
      .sort((a, b) => a.offset - b.offset)
  }

  async #look(): Promise<void> {
    for (const [index, reader] of this.readers.entries()) {
      const seen = await reader.poll(this.scene)
      const { lastStableOffset } = this.scene.partition(index)
      expect(lastStableOffset).toBeGreaterThanOrEqual(this.stable[index] as number)
      this.stable[index] = lastStableOffset
      const should = this.#committed(index).map(one => one.value)
      expect(seen).toEqual(should.slice(0, seen.length))
    }
  }
}
