// Message groups: of each, one message is out at a time, and the group's others wait in order. How many may wait is
// bounded; then nothing that follows is looked at until one of them may go.

import type { Offset } from '../../log/index.ts'
import type { Lane } from './lane.ts'
import { OffsetHeap } from './offset-heap.ts'

/** Messages that wait for their group, in one subscription (SQS looks as far for FIFO queues). */
const WAITING_MAX = 20_000

interface Line {
  readonly lane: Lane
  readonly waiting: OffsetHeap
}

export class MessageGroups {
  readonly #busy = new Set<string>()
  readonly #lines = new Map<string, Line[]>()
  #waiting = 0

  isBusy(groupId: string): boolean {
    return this.#busy.has(groupId)
  }
  get isFull(): boolean {
    return this.#waiting >= WAITING_MAX
  }
  get waitingCount(): number {
    return this.#waiting
  }

  /** A message of the group is out. */
  begin(groupId: string): void {
    this.#busy.add(groupId)
  }

  /** A message that was taken from its lane waits for its group. */
  wait(groupId: string, lane: Lane, offset: Offset): void {
    let lines = this.#lines.get(groupId)
    if (lines === undefined) {
      lines = []
      this.#lines.set(groupId, lines)
    }
    let line = lines.find(one => one.lane === lane)
    if (line === undefined) {
      line = { lane, waiting: new OffsetHeap() }
      lines.push(line)
    }
    line.waiting.push(offset)
    this.#waiting++
  }

  /** The group's message came back, and is the next one of it: those that wait go on waiting. */
  released(groupId: string): void {
    this.#busy.delete(groupId)
  }

  /** The group's message is done with: the next one that waits is ready again. */
  settled(groupId: string): void {
    this.#busy.delete(groupId)
    const lines = this.#lines.get(groupId)
    const line = lines?.find(one => one.waiting.size > 0)
    if (line === undefined) return
    const offset = line.waiting.pop()
    this.#waiting--
    if (offset !== undefined) line.lane.giveBack(offset)
    if (lines?.every(one => one.waiting.size === 0)) this.#lines.delete(groupId)
  }
}
