// Some rounds on the same topics: their loads, and all that they promised. Each round first looks whether everything
// of the rounds before is still there.

import type kafkajs from 'kafkajs'
import type { Client } from '../../src/cli/kafka/client.ts'
import { CommitLoad } from './commits.ts'
import { IdempotentLoad } from './idempotent.ts'
import type { Luck } from './luck.ts'
import { PlainLoad } from './plain.ts'
import { PARTITIONS } from './stored.ts'
import { TransactionalLoad } from './transactional.ts'
import type { Violations } from './violations.ts'

/** Small, so that segments are rolled under load. */
const SEGMENT_BYTES = 1_048_576
const PAUSE_MS_MAX = 15

export class Epoch {
  readonly #idempotent: readonly IdempotentLoad[]
  readonly #plain: readonly PlainLoad[]
  readonly #transactional: readonly TransactionalLoad[]
  readonly #commits: CommitLoad
  readonly #topics: readonly string[]
  readonly #luck: Luck

  private constructor(number: number, luck: Luck, idempotent: readonly IdempotentLoad[]) {
    this.#luck = luck
    this.#topics = topicsOf(number)
    const [, plain = '', transactional = ''] = this.#topics
    this.#idempotent = idempotent
    this.#plain = ['a', 'b'].map(name => new PlainLoad(`${plain}-${name}`, luck))
    this.#transactional = ['t1', 't2'].map(
      name => new TransactionalLoad(transactional, `${name}-${number}`, luck),
    )
    this.#commits = new CommitLoad(plain, `group-${number}`)
  }

  /** Creates the topics. */
  static async open(number: number, luck: Luck, client: Client, kafka: kafkajs.Kafka): Promise<Epoch> {
    const admin = kafka.admin()
    await admin.connect()
    const [idempotent = '', plain = '', transactional = ''] = topicsOf(number)
    const names = [idempotent, plain, `${plain}-a`, `${plain}-b`, transactional]
    const configEntries = [{ name: 'segment.bytes', value: String(SEGMENT_BYTES) }]
    await admin.createTopics({
      topics: names.map(topic => ({ topic, numPartitions: PARTITIONS, configEntries })),
    })
    await admin.disconnect()
    const loads: IdempotentLoad[] = []
    for (const name of ['p1', 'p2', 'p3'])
      loads.push(await IdempotentLoad.open(client, idempotent, name, luck))
    return new Epoch(number, luck, loads)
  }

  /** Records that were acknowledged, and offsets. */
  get acked(): number {
    const loads = [...this.#idempotent, ...this.#plain, ...this.#transactional, this.#commits]
    return loads.reduce((sum, load) => sum + load.acked, 0)
  }

  /** After a start of the broker: what was under way is finished or given up, and everything is looked at. */
  async verify(client: Client, kafka: kafkajs.Kafka, violations: Violations): Promise<void> {
    await Promise.all(this.#idempotent.map(load => load.settle(violations)))
    for (const load of [...this.#plain, ...this.#transactional]) await load.connect(kafka)
    for (const load of [...this.#idempotent, ...this.#plain, ...this.#transactional, this.#commits])
      await load.verify(client, violations)
  }

  /** Runs until `kill` says that the broker is gone. */
  async load(client: Client, kill: Promise<void>): Promise<void> {
    let isOver = false
    void kill.then(() => {
      isOver = true
    })
    const again = async (step: () => Promise<void>) => {
      while (!isOver) {
        await Promise.race([step().catch(() => {}), kill])
        await new Promise(resolve => setTimeout(resolve, this.#luck.whole(0, PAUSE_MS_MAX)))
      }
    }
    await Promise.all([
      ...this.#idempotent.map(load => again(() => load.step())),
      ...this.#plain.map(load => again(() => load.step())),
      ...this.#transactional.map(load => again(() => load.step())),
      again(() => this.#commits.step(client)),
    ])
    for (const load of [...this.#plain, ...this.#transactional]) await load.disconnect()
  }
}

function topicsOf(number: number): string[] {
  return ['idempotent', 'plain', 'transactional'].map(kind => `${kind}-${number}`)
}
