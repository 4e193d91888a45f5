// The process as the API shows it: RabbitMQ's one node of a cluster of one. What of a node's fields has no meaning here
// (processes of Erlang, its garbage collector) is left out.

import { statfs } from 'node:fs/promises'
import { availableParallelism, hostname, totalmem } from 'node:os'
import type { Amqp } from '../../heads/amqp091/index.ts'
import type { World } from '../../world/index.ts'
import type { Served } from '../health.ts'
import { packageVersion } from '../version.ts'
import { MemoryWatermark } from './memory-watermark.ts'

/** RabbitMQ's version whose routes and shapes these are; clients compare it. */
export const API_VERSION = '3.10.8'

/** A listener with what the API says of it. */
export interface ListenerFacts {
  readonly name: string
  /** `amqp`, `amqp/ssl`, `kafka`, `kafka/ssl`, `http`, `https`. */
  readonly protocol: string
  readonly host: string
  readonly port: number
  readonly tls: boolean
  /** PEM. */
  readonly certificate?: string | Buffer
}

export interface NodeParts {
  readonly served: Served
  readonly world: World
  /** What the API says instead of its own version, when the AMQP head was told to. */
  readonly rabbitVersion?: string
  /** What is listened on, with the certificates. */
  readonly listeners: () => readonly ListenerFacts[]
}

export class ManagementNode {
  readonly name: string
  readonly watermark: MemoryWatermark
  /** Messages that came and went by this API. */
  readonly counts = { published: 0, fetched: 0 }
  readonly #parts: NodeParts

  constructor(parts: NodeParts) {
    this.#parts = parts
    this.name = `posthorn@${hostname().split('.', 1)[0]}`
    this.watermark = new MemoryWatermark(parts.world, {
      residentBytes: () => process.memoryUsage.rss(),
      totalBytes: totalmem(),
      changed: isLow => this.amqp?.setMemoryAlarm(isLow),
    })
  }

  get amqp(): Amqp | undefined {
    return this.#parts.served.amqp
  }
  get isReady(): boolean {
    return this.#parts.served.life.phase.at === 'ready'
  }
  get isDiskFull(): boolean {
    return this.#parts.served.store?.isFull === true
  }
  get rabbitVersion(): string {
    return this.#parts.rabbitVersion ?? API_VERSION
  }
  get version(): string {
    return packageVersion()
  }
  get listeners(): readonly ListenerFacts[] {
    return this.#parts.listeners()
  }
  get uptimeMs(): number {
    return Math.floor(process.uptime() * 1000)
  }
  get processors(): number {
    return availableParallelism()
  }
  get residentBytes(): number {
    return process.memoryUsage.rss()
  }

  /** Free bytes of the disk that the folder is on; undefined without one. */
  async diskFree(): Promise<number | undefined> {
    const path = this.#parts.served.broker?.dataPath ?? 'memory'
    if (path === 'memory') return undefined
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  }

  close(): void {
    this.watermark.close()
  }
}
