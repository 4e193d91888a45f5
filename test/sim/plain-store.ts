// The smallest honest store: one file of frames, copied afresh whenever it is opened, everything in memory besides.
// The crash model is tried on it, so that a failure of the model is not taken for one of the file engine, and its
// planted errors show what the model finds when the store itself is right.
//
// frame: bytes u32 | crc u32 | kind u8 | name length u16 | name | payload; bytes and crc cover what follows both

import { crc32c } from '../../src/bytes/crc32c.ts'
import { LogError } from '../../src/log/errors.ts'
import type { Disk, DiskFile } from '../../src/log/file/disk.ts'
import type { Epoch, EpochStart, Log, LogSlice, LogStore, Offset, SegmentInfo } from '../../src/log/log.ts'
import { RecordBatch } from '../../src/log/record/batch.ts'
import { Watchers } from '../../src/log/watchers.ts'

const kinds = { batch: 1, trim: 2, delete: 3, epoch: 4, rewrite: 5 } as const
type Kind = (typeof kinds)[keyof typeof kinds]

interface Waiting {
  readonly frame: Buffer
  readonly done: () => void
  readonly refused: (error: unknown) => void
}

export async function openPlainStore(disk: Disk): Promise<LogStore> {
  const store = new PlainStore(disk)
  await store.recover()
  return store
}

class PlainStore implements LogStore {
  epoch = 0
  readonly failed: Promise<Error>
  readonly isFull = false
  readonly #disk: Disk
  #fail: (reason: Error) => void = () => {}
  #file: DiskFile | undefined
  #end = 0
  #waiting: Waiting[] = []
  #committing: Promise<void> | undefined
  #refusal: LogError | undefined
  readonly #logs = new Map<string, PlainLog>()
  readonly #deleting = new Set<string>()

  constructor(disk: Disk) {
    this.#disk = disk
    this.failed = new Promise(resolve => {
      this.#fail = resolve
    })
  }

  async recover(): Promise<void> {
    const disk = this.#disk
    const names = disk.list('')
    const frames = names.includes('wal') ? [...framesOf(contentOf(disk, 'wal'))] : []
    this.epoch =
      1 +
      Math.max(0, ...frames.filter(one => one.kind === kinds.epoch).map(one => one.payload.readUInt32BE(0)))
    if (names.includes('wal.new')) disk.remove('wal.new')
    this.#file = disk.open('wal.new', 'create')
    this.#write([...frames.map(one => one.bytes), frameOf(kinds.epoch, '', uint(this.epoch))])
    await this.#file.sync()
    disk.rename('wal.new', 'wal')
    await disk.syncFolder('')
    for (const frame of frames) this.#replay(frame)
  }

  async open(name: string): Promise<Log> {
    return this.#log(name)
  }

  /** False once the log's delete was asked for, unless that was refused. */
  has(log: PlainLog): boolean {
    return this.#logs.get(log.name) === log && !this.#deleting.has(log.name)
  }

  async delete(name: string): Promise<void> {
    this.#deleting.add(name)
    const forget = () => this.#logs.delete(name)
    await this.commit(kinds.delete, name, Buffer.alloc(0), forget).finally(() => this.#deleting.delete(name))
  }

  list(): Iterable<string> {
    return [...this.#logs.keys()]
  }

  async close(): Promise<void> {
    while (this.#committing !== undefined) await this.#committing
    this.#file?.close()
    this.#refusal = new LogError('LOG_CLOSED', 'the store is closed')
  }

  /** Resolves when the frame is durable; `apply` is called first. */
  commit(kind: Kind, name: string, payload: Buffer, apply: () => void): Promise<void> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal)
    return new Promise((resolve, refused) => {
      const done = () => {
        apply()
        resolve()
      }
      this.#waiting.push({ frame: frameOf(kind, name, payload), done, refused })
      this.#committing ??= this.#commitAll()
    })
  }

  async #commitAll(): Promise<void> {
    await undefined
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      const refusal = await this.#commitGroup(group.map(one => one.frame))
      for (const one of group) refusal === undefined ? one.done() : one.refused(refusal)
      if (refusal === undefined) continue
      // Whoever waits behind a refused batch counted on its offsets.
      for (const one of this.#waiting.splice(0)) one.refused(refusal)
      for (const log of this.#logs.values()) log.resume()
    }
    this.#committing = undefined
  }

  async #commitGroup(frames: readonly Buffer[]): Promise<LogError | undefined> {
    const before = this.#end
    try {
      this.#write(frames)
      await this.#file?.sync()
      return undefined
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') return this.#failWith(error as Error)
      return this.#undo(before)
    }
  }

  async #undo(before: number): Promise<LogError> {
    try {
      this.#file?.truncate(before)
      this.#end = before
      await this.#file?.sync()
      return new LogError('LOG_DISK_FULL', 'no room is left')
    } catch (error) {
      return this.#failWith(error as Error)
    }
  }

  #failWith(cause: Error): LogError {
    this.#refusal = new LogError('LOG_STORE_FAILED', 'a flush failed', {}, cause)
    this.#fail(this.#refusal)
    return this.#refusal
  }

  #write(frames: readonly Buffer[]): void {
    let bytes = Buffer.concat(frames)
    while (bytes.length > 0) {
      const written = this.#file?.write([bytes], this.#end) ?? 0
      this.#end += written
      bytes = bytes.subarray(written)
    }
  }

  #log(name: string): PlainLog {
    const log = this.#logs.get(name) ?? new PlainLog(this, name)
    this.#logs.set(name, log)
    return log
  }

  #replay({ kind, name, payload }: Frame): void {
    if (kind === kinds.delete) this.#logs.delete(name)
    if (kind === kinds.batch) this.#log(name).place(new RecordBatch(payload))
    if (kind === kinds.rewrite) this.#log(name).keep(payload)
    if (kind === kinds.trim) this.#log(name).moveStart(payload.readUInt32BE(0))
  }
}

class PlainLog implements Log {
  readonly name: string
  readonly epoch: Epoch
  start = 0
  end = 0
  nextOffset = 0
  readonly #store: PlainStore
  readonly #watchers = new Watchers()
  #batches: RecordBatch[] = []
  #sealed = 0

  constructor(store: PlainStore, name: string) {
    this.#store = store
    this.name = name
    this.epoch = store.epoch
  }

  get bytes(): number {
    return this.#batches.reduce((sum, batch) => sum + batch.bytes, 0)
  }

  /** What was sealed, when there is something, and the rest. */
  get segments(): readonly SegmentInfo[] {
    const base = this.#batches[0]?.baseOffset ?? this.start
    const cut = this.#sealed > this.start ? this.#sealed : base
    const one = { bytes: this.bytes, maxTimestamp: -1 }
    const rest = { ...one, base: cut, end: this.end, sealed: false }
    return cut === base ? [rest] : [{ ...one, base, end: cut, sealed: true }, rest]
  }

  get epochs(): readonly EpochStart[] {
    const starts: EpochStart[] = []
    for (const { leaderEpoch, baseOffset } of this.#batches)
      if (starts.at(-1)?.epoch !== leaderEpoch)
        starts.push({ epoch: leaderEpoch, start: Math.max(this.start, baseOffset) })
    return starts
  }

  async append(batch: RecordBatch): Promise<Offset> {
    const base = this.nextOffset
    batch.baseOffset = base
    batch.leaderEpoch = this.epoch
    this.nextOffset = batch.lastOffset + 1
    await this.#store.commit(kinds.batch, this.name, batch.buffer, () => this.place(batch))
    return base
  }

  async trim(before: Offset): Promise<void> {
    if (before <= this.start) return
    await this.#store.commit(kinds.trim, this.name, uint(before), () => this.moveStart(before))
  }

  read(from: Offset, maxBytes: number): LogSlice {
    if (from < this.start || from > this.end)
      throw new LogError('LOG_OFFSET_OUT_OF_RANGE', `${from} is outside of [${this.start}, ${this.end}]`)
    const chunks: Buffer[] = []
    let bytes = 0
    let next = from
    let start = from
    for (const batch of this.#batches) {
      if (batch.lastOffset < from) continue
      if (chunks.length > 0 && bytes + batch.bytes > maxBytes) break
      if (chunks.length === 0) start = batch.baseOffset
      chunks.push(batch.buffer)
      bytes += batch.bytes
      next = batch.lastOffset + 1
    }
    if (chunks.length === 0) next = start = this.end
    return { chunks, bytes, start, next }
  }

  /** The batch is durable. */
  place(batch: RecordBatch): void {
    this.#batches.push(batch)
    this.end = batch.lastOffset + 1
    this.nextOffset = Math.max(this.nextOffset, this.end)
    this.#watchers.notify()
  }

  moveStart(before: Offset): void {
    this.start = Math.max(this.start, before)
    this.#batches = this.#batches.filter(batch => batch.lastOffset >= this.start)
    this.#watchers.notify()
  }

  /** Batches were refused: their offsets are free again. */
  resume(): void {
    this.nextOffset = this.end
  }

  async seek(timestampMs: number): Promise<Offset | undefined> {
    return this.#batches.find(batch => batch.maxTimestamp >= timestampMs)?.baseOffset
  }
  async roll(): Promise<void> {
    if (this.bytes > 0) this.#sealed = this.end
  }

  async rewrite(base: Offset, batches: AsyncIterable<RecordBatch>): Promise<void> {
    const kept: Offset[] = []
    const end = this.#sealed
    for await (const batch of batches) kept.push(batch.baseOffset)
    if (!this.#store.has(this)) throw new LogError('LOG_DELETED', `${this.name} was deleted`)
    const payload = Buffer.concat([base, end, ...kept].map(uint))
    await this.#store.commit(kinds.rewrite, this.name, payload, () => this.keep(payload))
  }

  /** The payload of a rewrite: from, to, and the offsets of the batches that stay. */
  keep(payload: Buffer): void {
    const [base = 0, end = 0, ...kept] = uintsOf(payload)
    this.#batches = this.#batches.filter(({ baseOffset: at }) => at < base || at >= end || kept.includes(at))
  }
  watch(listener: () => void): () => void {
    return this.#watchers.add(listener)
  }
}

interface Frame {
  readonly kind: Kind
  readonly name: string
  readonly payload: Buffer
  readonly bytes: Buffer
}

function frameOf(kind: Kind, name: string, payload: Buffer): Buffer {
  const nameBytes = Buffer.from(name)
  const head = Buffer.alloc(11)
  const body = Buffer.concat([head, nameBytes, payload])
  body.writeUInt32BE(body.length - 8, 0)
  body.writeUInt8(kind, 8)
  body.writeUInt16BE(nameBytes.length, 9)
  body.writeUInt32BE(crc32c(body, 8), 4)
  return body
}

function* framesOf(bytes: Buffer): Generator<Frame> {
  for (let at = 0; at + 11 <= bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at)
    if (end > bytes.length || end < at + 11 || crc32c(bytes, at + 8, end) !== bytes.readUInt32BE(at + 4))
      return
    const from = at + 11 + bytes.readUInt16BE(at + 9)
    const name = bytes.toString('utf8', at + 11, from)
    yield {
      kind: bytes.readUInt8(at + 8) as Kind,
      name,
      payload: Buffer.from(bytes.subarray(from, end)),
      bytes: bytes.subarray(at, end),
    }
    at = end
  }
}

function contentOf(disk: Disk, path: string): Buffer {
  const file = disk.open(path, 'read')
  const bytes = Buffer.alloc(file.size())
  file.read(bytes, 0)
  file.close()
  return bytes
}

function uint(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function uintsOf(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readUInt32BE(at * 4))
}
