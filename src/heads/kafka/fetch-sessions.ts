// Fetch sessions (KIP-227): the broker remembers which partitions a consumer fetches and what it was told of them, so
// that requests and answers name only what changes. A connection has one session at most, which ends with it. The
// session's epoch tells a lost or repeated request from the next one.
//
//   id 0, epoch -1   no session             id n, epoch -1   ends the session, fetches without one
//   id 0, epoch 0    opens one              id n, epoch 0    ends the session, opens another
//                                           id n, epoch 1..  fetches what the session has, changed by the request

import { TOPIC_NAME_LENGTH_MAX } from '../../broker/index.ts'
import { KafkaRefusal, kafkaErrors } from './errors.ts'
import type { Serving } from './serving.ts'
import type { RequestOf, ResponseOf } from './wire/api.ts'
import type { Fetch } from './wire/index.ts'

type Request = RequestOf<typeof Fetch>
type AskedTopic = Request['topics'][number]
type Asked = AskedTopic['partitions'][number]
type AnswerTopic = ResponseOf<typeof Fetch>['responses'][number]
type Answer = AnswerTopic['partitions'][number]

/** From this version on, topics go by id. */
export const BY_ID_SINCE = 13

const CLOSE_EPOCH = -1
const OPEN_EPOCH = 0
const EPOCH_MAX = 0x7fff_ffff
/** Nothing was told of the partition that is good for more than one answer. */
const UNTOLD = -1

/** A partition of a session: what is asked of it, and what the client knows. */
interface Kept {
  readonly key: string
  readonly topic: string
  readonly topicId: string
  asked: Asked
  highWatermark: number
  logStartOffset: number
}

class FetchSession {
  readonly id: number
  readonly isById: boolean
  /** Of the next request. */
  epoch = 1
  /** In the order in which they are read: what gave records goes to the end. */
  readonly #partitions = new Map<string, Kept>()

  constructor(id: number, isById: boolean) {
    this.id = id
    this.isById = isById
  }

  get size(): number {
    return this.#partitions.size
  }

  /** All partitions, in the order in which they are read. */
  get kept(): Kept[] {
    return [...this.#partitions.values()]
  }

  add(topics: readonly AskedTopic[]): void {
    for (const { topic, topicId, partitions } of topics)
      for (const asked of partitions) {
        const key = this.#key(topic, topicId, asked.partition)
        const kept = this.#partitions.get(key)
        if (kept !== undefined) kept.asked = asked
        else
          this.#partitions.set(key, {
            ...{ key, topic, topicId, asked },
            ...{ highWatermark: UNTOLD, logStartOffset: UNTOLD },
          })
      }
  }

  forget(topics: Request['forgottenTopicsData']): void {
    for (const { topic, topicId, partitions } of topics)
      for (const index of partitions) this.#partitions.delete(this.#key(topic, topicId, index))
  }

  /** It gave records: the others come first the next time. */
  putLast(kept: Kept): void {
    if (this.#partitions.get(kept.key) !== kept) return // it was forgotten meanwhile
    this.#partitions.delete(kept.key)
    this.#partitions.set(kept.key, kept)
  }

  #key(topic: string, topicId: string, index: number): string {
    return `${this.isById ? topicId : topic}/${index}`
  }
}

/** What a request fetches, and how its answer is told. */
export interface Fetching {
  readonly topics: readonly AskedTopic[]
  /** Takes the rows of all topics; gives the session's id, 0 for none, and the rows that are sent. */
  tell(responses: AnswerTopic[]): { readonly sessionId: number; readonly responses: AnswerTopic[] }
}

/** The fetch session of one connection, when its client has one. */
export class FetchSessions {
  readonly #kafka: Serving
  #session: FetchSession | undefined
  /** Partitions counted towards those that all sessions may have. */
  #counted = 0

  constructor(kafka: Serving) {
    this.#kafka = kafka
  }

  /**
   * Takes a request in. Errors: KafkaRefusal FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH,
   * FETCH_SESSION_TOPIC_ID_ERROR; the client then opens another session.
   */
  step(request: Request, version: number): Fetching {
    const { sessionId, sessionEpoch, topics } = request
    if (sessionEpoch !== CLOSE_EPOCH && sessionEpoch !== OPEN_EPOCH) return this.#goOn(request, version)
    if (sessionId === this.#session?.id) this.close()
    const session = sessionEpoch === OPEN_EPOCH ? this.#open(topics, version) : undefined
    if (session === undefined) return { topics, tell: responses => ({ sessionId: 0, responses }) }
    const { kept } = session
    return {
      topics: topicsOf(kept),
      tell: responses => {
        newsIn(responses, kept, session)
        return { sessionId: session.id, responses }
      },
    }
  }

  /** Forgets the session. */
  close(): void {
    this.#session = undefined
    this.#count(0)
  }

  #goOn(request: Request, version: number): Fetching {
    const session = this.#continued(request, version)
    this.#change(session, request)
    const { kept } = session
    if (kept.length === 0) this.close()
    const sessionId = kept.length === 0 ? 0 : session.id
    return {
      topics: topicsOf(kept),
      tell: responses => ({ sessionId, responses: newsIn(responses, kept, session) }),
    }
  }

  #open(topics: readonly AskedTopic[], version: number): FetchSession | undefined {
    this.close()
    if (topics.length === 0 || !topics.every(isShort)) return undefined
    const session = new FetchSession(this.#newId(), version >= BY_ID_SINCE)
    session.add(topics)
    if (!this.#count(session.size)) return undefined
    this.#session = session
    return session
  }

  #continued({ sessionId, sessionEpoch }: Request, version: number): FetchSession {
    const session = this.#session
    if (session === undefined || session.id !== sessionId)
      throw new KafkaRefusal('FETCH_SESSION_ID_NOT_FOUND', `There is no fetch session ${sessionId}.`)
    if (session.isById !== version >= BY_ID_SINCE)
      throw new KafkaRefusal(
        'FETCH_SESSION_TOPIC_ID_ERROR',
        `The fetch session has topics by ${session.isById ? 'id' : 'name'}, version ${version} does not.`,
      )
    if (sessionEpoch !== session.epoch)
      throw new KafkaRefusal(
        'INVALID_FETCH_SESSION_EPOCH',
        `The fetch session expects epoch ${session.epoch}, the request says ${sessionEpoch}.`,
      )
    session.epoch = sessionEpoch === EPOCH_MAX ? 1 : sessionEpoch + 1
    return session
  }

  #change(session: FetchSession, { topics, forgottenTopicsData }: Request): void {
    if (topics.every(isShort)) {
      session.add(topics)
      session.forget(forgottenTopicsData)
      if (this.#count(session.size)) return
    }
    this.close()
    throw new KafkaRefusal('FETCH_SESSION_ID_NOT_FOUND', 'The fetch session has become too large.')
  }

  /** Whether all sessions together may have this many partitions in this one. */
  #count(partitions: number): boolean {
    const { limits } = this.#kafka
    const all = this.#kafka.remember(partitions - this.#counted)
    this.#counted = partitions
    if (all <= limits.fetchSessionPartitionsMax || partitions === 0) return true
    this.#kafka.remember(-partitions)
    this.#counted = 0
    return false
  }

  #newId(): number {
    return (this.#kafka.world.randomBytes(4).readUInt32BE(0) % EPOCH_MAX) + 1
  }
}

/** Those of a topic that follow each other are in one entry. */
function topicsOf(kept: readonly Kept[]): AskedTopic[] {
  const topics: (AskedTopic & { readonly partitions: Asked[] })[] = []
  for (const { topic, topicId, asked } of kept) {
    const last = topics.at(-1)
    if (last?.topic === topic && last.topicId === topicId) last.partitions.push(asked)
    else topics.push({ topic, topicId, partitions: [asked] })
  }
  return topics
}

/** Notes what is told of partitions, in the order of `kept`, and gives what the client does not know yet. */
function newsIn(topics: readonly AnswerTopic[], kept: readonly Kept[], session: FetchSession): AnswerTopic[] {
  let at = 0
  const news: AnswerTopic[] = []
  for (const topic of topics) {
    const partitions = topic.partitions.filter(one => isNews(one, kept[at++], session))
    if (partitions.length > 0) news.push({ ...topic, partitions })
  }
  return news
}

function isNews(answer: Answer, kept: Kept | undefined, session: FetchSession): boolean {
  if (kept === undefined) throw new Error('an answer has more partitions than were asked for')
  const { errorCode, logStartOffset = UNTOLD } = answer
  const hasFailed = errorCode !== kafkaErrors.NONE
  // An error is told each time, and after it everything is news.
  const highWatermark = hasFailed ? UNTOLD : answer.highWatermark
  const hasMoved = kept.highWatermark !== highWatermark || kept.logStartOffset !== logStartOffset
  kept.highWatermark = highWatermark
  kept.logStartOffset = logStartOffset
  const hasRecords = answer.records !== null && answer.records.length > 0
  if (hasRecords) session.putLast(kept)
  return hasMoved || hasFailed || hasRecords
}

/** Longer names are no topic's: they are answered, and not remembered. */
function isShort({ topic }: AskedTopic): boolean {
  return topic.length <= TOPIC_NAME_LENGTH_MAX
}
