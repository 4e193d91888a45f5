// What keeps partitions in shape while nobody asks: old segments are sealed and forgotten, idle producers forgotten,
// compacted topics cleaned. One partition at a time for the whole broker, in slices that let requests through.
//
//   every log.retention.check.interval.ms: seal, forget segments, forget producers (producer.id.expiration.ms)
//   every log.cleaner.backoff.ms:          seal and clean compacted topics, the dirtiest first

import type { Timer, World } from '../../world/index.ts'
import type { Partition } from '../partition/partition.ts'
import type { Settings } from '../settings.ts'
import type { TopicSettings } from '../topics/settings.ts'
import type { Topics } from '../topics/topics.ts'
import { CleanedPositions } from './cleaned.ts'
import { type CleaningPlan, planCleaning } from './cleaning-plan.ts'
import { clean } from './compaction.ts'
import { Interrupted, Pace } from './pace.ts'
import { retain, rollWhenOld } from './retention.ts'
import { SegmentTimes } from './segment-times.ts'

/** What could not be done; it is tried again later. */
export interface UpkeepFailure {
  readonly task: 'retention' | 'compaction' | 'bookkeeping'
  readonly topic?: string
  readonly partition?: number
  readonly error: unknown
}

/** What was done since the start. */
export interface UpkeepFigures {
  segmentsRemoved: number
  bytesRemoved: number
  cleanings: number
  /** Bytes that partitions lost by compaction. */
  bytesCleaned: number
  failures: number
  /** End of the last round of each task, ms since 1970; undefined before the first. */
  lastRetentionAt?: number
  lastCompactionAt?: number
}

export interface UpkeepParts {
  readonly world: World
  readonly topics: Topics
  readonly settings: Settings
  /** Hears of every failure; the other partitions are gone on with. */
  readonly onFailure?: (failure: UpkeepFailure) => void
  /** Bytes for the table of keys of a cleaning. */
  readonly keyTableBytes?: number
}

interface Place {
  readonly partition: Partition
  readonly settings: TopicSettings
}

export class Upkeep {
  /** How far partitions are cleaned: a section of the metadata log. */
  readonly cleaned = new CleanedPositions()
  readonly #parts: UpkeepParts
  readonly #times = new SegmentTimes()
  readonly #pace: Pace
  readonly #timers = new Map<string, Timer>()
  /** Partitions whose cleaning failed, and when (ms since 1970) it may be tried again. */
  #resting = new WeakMap<Partition, number>()
  readonly #figures: UpkeepFigures = {
    segmentsRemoved: 0,
    bytesRemoved: 0,
    cleanings: 0,
    bytesCleaned: 0,
    failures: 0,
  }
  #working: Promise<void> = Promise.resolve()
  #pending = new Set<string>()
  #stopped = false

  constructor(parts: UpkeepParts) {
    this.#parts = parts
    this.#pace = new Pace(parts.world)
  }

  get figures(): Readonly<UpkeepFigures> {
    return this.#figures
  }

  /** Sets the timers. They read their interval each time, so that a changed setting is followed. */
  start(): void {
    this.#repeat('log.retention.check.interval.ms', () => this.#retainAll())
    this.#repeat('log.cleaner.backoff.ms', () => this.#compactAll())
  }

  /** Ends what is under way at its next slice; resolves when nothing is. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#pace.stop()
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
    await this.#working
  }

  /** One round of everything, after what is under way; for tests and for administrators in a hurry. */
  runNow(): Promise<void> {
    return this.#queue('now', async () => {
      await this.#retainAll()
      await this.#compactAll()
    })
  }

  #repeat(interval: string, work: () => Promise<void>): void {
    if (this.#stopped) return
    const timer = this.#parts.world.after(this.#parts.settings.number(interval), () => {
      this.#repeat(interval, work)
      if (!this.#pending.has(interval)) void this.#queue(interval, work)
    })
    this.#timers.set(interval, timer)
  }

  /** One round after the other. Never rejects. */
  #queue(name: string, work: () => Promise<void>): Promise<void> {
    this.#pending.add(name)
    this.#working = this.#working.then(async () => {
      await this.#attempt({ task: 'bookkeeping' }, work)
      this.#pending.delete(name)
    })
    return this.#working
  }

  async #retainAll(): Promise<void> {
    const { world, settings } = this.#parts
    for (const { partition, settings: rules } of this.#places()) {
      await this.#pace.spent(0)
      await this.#attempt(placed('retention', partition), async () => {
        partition.producers.expire(world.now() - settings.number('producer.id.expiration.ms'))
        await this.#retain({ partition, settings: rules })
      })
    }
    this.#figures.lastRetentionAt = world.now()
  }

  async #retain({ partition, settings }: Place): Promise<void> {
    const { log } = partition
    const nowMs = this.#parts.world.now()
    await rollWhenOld(partition, settings, this.#times, nowMs)
    const newest = (segment: (typeof log.segments)[number]) => this.#times.newest(log, segment, nowMs)
    const { segments, bytes } = await retain(partition, { settings, nowMs, newest })
    this.#figures.segmentsRemoved += segments
    this.#figures.bytesRemoved += bytes
    this.#times.prune(log)
  }

  async #compactAll(): Promise<void> {
    const { topics, world } = this.#parts
    await this.cleaned.keepOnly(topicId => topics.byId(topicId) !== undefined)
    const due: (Place & { readonly ratio: number })[] = []
    for (const place of this.#places()) {
      if (!place.settings.compacts) continue
      await this.#pace.spent(0)
      await this.#attemptCleaning(place, async () => {
        await rollWhenOld(place.partition, place.settings, this.#times, world.now())
        const plan = await this.#plan(place)
        if (plan !== undefined) due.push({ ...place, ratio: plan.ratio })
      })
    }
    due.sort((a, b) => b.ratio - a.ratio)
    for (const place of due) {
      await this.#pace.spent(0)
      await this.#attemptCleaning(place, () => this.#clean(place))
    }
    this.#figures.lastCompactionAt = world.now()
  }

  async #clean(place: Place): Promise<void> {
    const plan = await this.#plan(place)
    if (plan === undefined) return
    const { world, keyTableBytes } = this.#parts
    const { partition, settings } = place
    const { to, bytesFreed } = await clean(partition, plan, {
      settings,
      nowMs: world.now(),
      pace: this.#pace,
      ...(keyTableBytes === undefined ? {} : { keyTableBytes }),
    })
    await this.cleaned.set(partition, to)
    this.#figures.cleanings++
    this.#figures.bytesCleaned += bytesFreed
  }

  #plan({ partition, settings }: Place): Promise<CleaningPlan | undefined> {
    return planCleaning(partition, {
      settings,
      cleanedTo: this.cleaned.get(partition),
      times: this.#times,
      nowMs: this.#parts.world.now(),
    })
  }

  /** A partition that failed would fail again after reading as much: it rests for one retention interval. */
  async #attemptCleaning({ partition }: Place, work: () => Promise<void>): Promise<void> {
    const { world, settings } = this.#parts
    if (world.now() < (this.#resting.get(partition) ?? 0)) return
    if (await this.#attempt(placed('compaction', partition), work)) this.#resting.delete(partition)
    else this.#resting.set(partition, world.now() + settings.number('log.retention.check.interval.ms'))
  }

  /** False when it failed. That was reported, unless the reason is that it was told to stop or the topic is gone. */
  async #attempt(what: Omit<UpkeepFailure, 'error'>, work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      const isGone = what.topic !== undefined && this.#parts.topics.get(what.topic) === undefined
      if (error instanceof Interrupted || isGone) return false
      this.#figures.failures++
      this.#parts.onFailure?.({ ...what, error })
      return false
    }
  }

  *#places(): Generator<Place> {
    for (const topic of this.#parts.topics.list())
      for (const partition of topic.partitions) yield { partition, settings: topic.settings }
  }
}

function placed(task: UpkeepFailure['task'], { topic, index }: Partition): Omit<UpkeepFailure, 'error'> {
  return { task, topic, partition: index }
}
