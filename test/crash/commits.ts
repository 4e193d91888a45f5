// A load of committed offsets: a group's offset only grows, and after a crash it must be one that was acknowledged or
// tried after it.

import type { Client } from '../../src/cli/kafka/client.ts'
import { commitOffsets, committedOffsets } from '../../src/cli/kafka/group/committed.ts'
import { PARTITIONS } from './stored.ts'
import type { Violations } from './violations.ts'

export class CommitLoad {
  readonly #topic: string
  readonly #group: string
  #tried = 0
  #acked = 0

  constructor(topic: string, group: string) {
    this.#topic = topic
    this.#group = group
  }

  get acked(): number {
    return this.#acked
  }

  /** Commits one more for every partition. Errors: the broker is gone. */
  async step(client: Client): Promise<void> {
    const offset = ++this.#tried
    const offsets = new Map(Array.from({ length: PARTITIONS }, (_, partition) => [partition, offset]))
    await commitOffsets(client, this.#group, this.#topic, offsets)
    this.#acked = offset
  }

  async verify(client: Client, violations: Violations): Promise<void> {
    const found = (await committedOffsets(client, this.#group)).get(this.#topic)
    const offsets = [...(found?.values() ?? [])]
    const [first = 0] = offsets
    if (first < this.#acked || first > this.#tried || offsets.some(offset => offset !== first))
      violations.add(
        `group ${this.#group}: offsets ${offsets}, acknowledged ${this.#acked}, tried ${this.#tried}`,
      )
    // The next is tried from what the group has, so that it grows on.
    this.#tried = Math.max(this.#tried, first)
  }
}
