// Share sessions (KIP-932): what a member of a share group fetches from one virtual broker, so that its requests name
// only what changes. A session is of one connection: when that ends, what the member has goes back. The session's epoch
// tells a lost or repeated request from the next one: 0 opens a session, -1 closes it, between them it counts up.

import type { Partition } from '../../broker/index.ts'
import { KafkaRefusal } from './errors.ts'
import type { Call } from './verb.ts'

const OPEN_EPOCH = 0
const CLOSE_EPOCH = -1
const EPOCH_MAX = 0x7fff_ffff

/** Who asks: a member of a share group. */
export interface ShareAsker {
  readonly groupId: string
  readonly memberId: string
}

/** Partitions as requests list them. */
type Listed = readonly {
  readonly topicId: string
  readonly partitions: readonly number[]
}[]

export class ShareSession {
  readonly asker: ShareAsker
  /** Of the next request. */
  epoch = 1
  readonly #partitions = new Map<string, { readonly topicId: string; readonly index: number }>()
  /** What its end does. */
  readonly end: (because: 'closed' | 'lost') => void

  constructor(asker: ShareAsker, end: ShareSession['end']) {
    this.asker = asker
    this.end = end
  }

  /** What it fetches, beginning each time with another one, so that none is always served last. */
  partitions(): { readonly topicId: string; readonly index: number }[] {
    const all = [...this.#partitions.values()]
    const first = all.length === 0 ? 0 : this.epoch % all.length
    return [...all.slice(first), ...all.slice(0, first)]
  }

  /** Errors: INVALID_REQUEST (more than a session may have). */
  change(added: Listed, forgotten: Listed, partitionsMax: number): void {
    for (const { topicId, partitions } of forgotten)
      for (const index of partitions) this.#partitions.delete(`${topicId}/${index}`)
    for (const { topicId, partitions } of added)
      for (const index of partitions) this.#partitions.set(`${topicId}/${index}`, { topicId, index })
    if (this.#partitions.size > partitionsMax)
      throw new KafkaRefusal(
        'INVALID_REQUEST',
        `A share session may have ${partitionsMax} partitions, this one has ${this.#partitions.size}.`,
      )
  }
}

/** The sessions of all virtual brokers. */
export class ShareSessions {
  readonly #sessions = new Map<string, ShareSession>()
  /** Sessions of each virtual broker. */
  readonly #counts = new Map<number, number>()

  /**
   * The session of a request, and whether the request is its last. Errors: KafkaRefusal SHARE_SESSION_NOT_FOUND,
   * INVALID_SHARE_SESSION_EPOCH, SHARE_SESSION_LIMIT_REACHED.
   */
  step(
    asker: ShareAsker,
    epoch: number,
    call: Call,
  ): { readonly session: ShareSession; readonly isLast: boolean } {
    if (epoch === OPEN_EPOCH) return { session: this.#open(asker, call), isLast: false }
    const session = this.#sessions.get(keyOf(asker, call))
    if (session === undefined)
      throw new KafkaRefusal(
        'SHARE_SESSION_NOT_FOUND',
        'There is no such share session: open one with epoch 0.',
      )
    if (epoch === CLOSE_EPOCH) return { session, isLast: true }
    if (epoch !== session.epoch)
      throw new KafkaRefusal(
        'INVALID_SHARE_SESSION_EPOCH',
        `The share session expects epoch ${session.epoch}, the request says ${epoch}.`,
      )
    session.epoch = epoch === EPOCH_MAX ? 1 : epoch + 1
    return { session, isLast: false }
  }

  /** Forgets all sessions: the broker that they were of is gone. */
  clear(): void {
    this.#sessions.clear()
    this.#counts.clear()
  }

  #open(asker: ShareAsker, call: Call): ShareSession {
    const key = keyOf(asker, call)
    const { kafka, nodeId, signal } = call
    const { broker, cluster } = kafka
    // One that the member had is replaced; its locks stay: the member may still acknowledge what it has.
    this.#drop(key, nodeId)
    const max = broker.settings.number('group.share.max.share.sessions')
    const count = this.#counts.get(nodeId) ?? 0
    if (count >= max)
      throw new KafkaRefusal('SHARE_SESSION_LIMIT_REACHED', `There are ${count} share sessions already.`)
    const isMine = ({ topicId, index }: Partition): boolean => {
      const topic = broker.topics.byId(topicId)
      return topic !== undefined && cluster.leaderOf(topic, index) === nodeId
    }
    const lost = () => session.end('lost')
    const session: ShareSession = new ShareSession(asker, because => {
      signal.removeEventListener('abort', lost)
      if (this.#sessions.get(key) !== session) return
      this.#drop(key, nodeId)
      broker.shareGroups.release(asker.groupId, asker.memberId, because, isMine)
    })
    signal.addEventListener('abort', lost, { once: true })
    this.#sessions.set(key, session)
    this.#counts.set(nodeId, count + 1)
    return session
  }

  #drop(key: string, nodeId: number): void {
    if (this.#sessions.delete(key)) this.#counts.set(nodeId, (this.#counts.get(nodeId) ?? 1) - 1)
  }
}

function keyOf({ groupId, memberId }: ShareAsker, { nodeId }: Call): string {
  return JSON.stringify([nodeId, groupId, memberId])
}
