// One file's bytes on two planes: *live*, what programs see (the page cache), and *durable*, what is on the medium.
// Both are counted in sectors of 512 bytes, the unit that disks write at once. Each sector and the size carry the
// version of their last change on each plane, so a sync settles exactly what it covered, in any order with others.
// Dirty is not the same as not durable: after a failed sync Linux calls the pages clean though they never reached the
// medium (Rebello et al., USENIX ATC 2020), and a later sync leaves them out.

import type { Dice } from './dice.ts'

/** Bytes that the medium writes at once. */
export const SECTOR_BYTES = 512

const DIRTY = 1
const ALLOCATED = 2

/** What a sync covers: the sectors that were dirty at the call, as they were. */
export interface Snapshot {
  readonly first: number
  /** By sector from `first` on; 0 for one that was clean. */
  readonly versions: Uint32Array
  readonly bytes: Buffer
  readonly size: number
  readonly sizeVersion: number
  readonly sizeDirty: boolean
}

export class Inode {
  /** Bytes of allocated sectors: holes take no room. */
  allocated = 0
  #size = 0
  #live: Buffer = Buffer.alloc(0)
  #durable: Buffer = this.#live
  #durableSize = 0
  #liveVersions = new Uint32Array(0)
  #durableVersions = new Uint32Array(0)
  #flags = new Uint8Array(0)
  #version = 0
  #sizeVersion = 0
  #durableSizeVersion = 0
  #sizeDirty = false
  #firstDirty = 0
  #endDirty = 0

  get size(): number {
    return this.#size
  }

  read(into: Buffer, position: number): number {
    if (position >= this.#size) return 0
    return this.#live.copy(into, 0, position, Math.min(this.#size, position + into.length))
  }

  /** Bytes of `length` at `position` that fit when only `room` more may be allocated. */
  fitting(position: number, length: number, room: number): number {
    let left = room
    const end = position + length
    for (let at = position; at < end; ) {
      const sector = Math.floor(at / SECTOR_BYTES)
      if (((this.#flags[sector] ?? 0) & ALLOCATED) === 0) {
        if (left < SECTOR_BYTES) return at - position
        left -= SECTOR_BYTES
      }
      at = (sector + 1) * SECTOR_BYTES
    }
    return length
  }

  write(chunk: Buffer, position: number): void {
    if (chunk.length === 0) return
    const end = position + chunk.length
    this.#reserve(end)
    chunk.copy(this.#live, position)
    this.#touch(Math.floor(position / SECTOR_BYTES), Math.ceil(end / SECTOR_BYTES), true)
    if (end > this.#size) this.#resize(end)
  }

  truncate(size: number): void {
    if (size === this.#size) return
    this.#reserve(size)
    if (size < this.#size) {
      this.#live.fill(0, size, this.#size)
      this.#touch(Math.floor(size / SECTOR_BYTES), Math.ceil(this.#size / SECTOR_BYTES), false)
      this.#free(Math.ceil(size / SECTOR_BYTES), Math.ceil(this.#size / SECTOR_BYTES))
    }
    this.#resize(size)
  }

  /** True when there is something that the medium does not have. */
  get isDirty(): boolean {
    return this.#sizeDirty || this.#firstDirty < this.#endDirty
  }

  /** What a sync that begins now covers. */
  snapshot(): Snapshot {
    const first = this.#firstDirty
    const count = Math.max(0, this.#endDirty - first)
    const versions = new Uint32Array(count)
    for (let at = 0; at < count; at++)
      if (((this.#flags[first + at] as number) & DIRTY) !== 0)
        versions[at] = this.#liveVersions[first + at] as number
    const bytes = Buffer.from(this.#live.subarray(first * SECTOR_BYTES, (first + count) * SECTOR_BYTES))
    return {
      first,
      versions,
      bytes,
      size: this.#size,
      sizeVersion: this.#sizeVersion,
      sizeDirty: this.#sizeDirty,
    }
  }

  /** The snapshot reached the medium. What a later one settled already stays. */
  settle(snapshot: Snapshot): void {
    const { first, versions, bytes } = snapshot
    if (versions.length > 0) this.#unshare()
    for (let at = 0; at < versions.length; at++) {
      const version = versions[at] as number
      if (version <= (this.#durableVersions[first + at] as number)) continue
      bytes.copy(
        this.#durable,
        (first + at) * SECTOR_BYTES,
        at * SECTOR_BYTES,
        Math.min((at + 1) * SECTOR_BYTES, bytes.length),
      )
      this.#durableVersions[first + at] = version
    }
    if (snapshot.sizeDirty && snapshot.sizeVersion > this.#durableSizeVersion) {
      this.#durableSize = snapshot.size
      this.#durableSizeVersion = snapshot.sizeVersion
    }
    this.abandon(snapshot)
  }

  /** A sync of the snapshot failed: its sectors count as clean from now on, durable or not. */
  abandon(snapshot: Snapshot): void {
    const { first, versions } = snapshot
    for (let at = 0; at < versions.length; at++) {
      const sector = first + at
      if (versions[at] === this.#liveVersions[sector])
        this.#flags[sector] = (this.#flags[sector] as number) & ~DIRTY
    }
    if (snapshot.sizeVersion === this.#sizeVersion) this.#sizeDirty = false
    this.#narrow()
  }

  /** The kernel writes something back by itself: some of the dirty sectors, and perhaps the size. */
  writeBack(dice: Dice): void {
    const snapshot = this.snapshot()
    const kept = dice.pick([0, 0.3, 1])
    for (let at = 0; at < snapshot.versions.length; at++)
      if (kept < 1 && !dice.chance(kept)) snapshot.versions[at] = 0
    const sizeToo = snapshot.sizeDirty && dice.chance(0.5)
    this.settle({ ...snapshot, sizeDirty: sizeToo, sizeVersion: sizeToo ? snapshot.sizeVersion : -1 })
  }

  /** Flips bits of one byte on both planes. */
  rot(position: number, mask: number): void {
    this.#unshare()
    this.#live[position] = (this.#live[position] as number) ^ mask
    this.#durable[position] = (this.#durable[position] as number) ^ mask
  }

  /** The same file for another process of the same boot: both planes as they are. */
  clone(): Inode {
    const copy = new Inode()
    copy.allocated = this.allocated
    copy.#size = this.#size
    copy.#live = Buffer.from(this.#live)
    copy.#durable = this.#durable === this.#live ? copy.#live : Buffer.from(this.#durable)
    copy.#durableSize = this.#durableSize
    copy.#liveVersions = this.#liveVersions.slice()
    copy.#durableVersions = this.#durableVersions.slice()
    copy.#flags = this.#flags.slice()
    copy.#version = this.#version
    copy.#sizeVersion = this.#sizeVersion
    copy.#durableSizeVersion = this.#durableSizeVersion
    copy.#sizeDirty = this.#sizeDirty
    copy.#firstDirty = this.#firstDirty
    copy.#endDirty = this.#endDirty
    return copy
  }

  /** What is found of the file after power was lost: what was synced, and of the rest what luck kept. */
  survivor(dice: Dice): Inode {
    const copy = new Inode()
    const size = this.#survivingSize(dice)
    copy.#live = Buffer.from(this.#durable)
    this.#keepSome(copy.#live, dice)
    copy.#live.fill(0, size)
    copy.#durable = copy.#live
    copy.#size = size
    copy.#durableSize = size
    copy.#liveVersions = new Uint32Array(this.#flags.length)
    copy.#durableVersions = new Uint32Array(this.#flags.length)
    copy.#flags = this.#flags.map(flags => flags & ALLOCATED)
    copy.allocated = this.allocated
    copy.#free(Math.ceil(size / SECTOR_BYTES), copy.#flags.length)
    return copy
  }

  /** Growth may be lost, kept, or stopped on the way; so may a cut. */
  #survivingSize(dice: Dice): number {
    if (this.#durableSizeVersion === this.#sizeVersion) return this.#size
    const low = Math.min(this.#size, this.#durableSize)
    const high = Math.max(this.#size, this.#durableSize)
    return dice.pick([this.#durableSize, this.#size, dice.between(low, high)])
  }

  /**
   * Each sector that is not durable is lost, kept or torn. How many differs by file and crash: with one probability
   * for all, a large write would never be found whole.
   */
  #keepSome(onto: Buffer, dice: Dice): void {
    const kept = dice.pick([0, 0.1, 0.5, 0.9, 1])
    const torn = dice.pick([0, 0.1])
    const upTo = dice.chance(0.25) ? dice.between(0, this.#liveVersions.length) : Number.POSITIVE_INFINITY
    for (let sector = 0; sector < this.#liveVersions.length; sector++) {
      if (this.#liveVersions[sector] === this.#durableVersions[sector]) continue
      const from = sector * SECTOR_BYTES
      if (dice.chance(torn)) this.#tear(onto, from, dice)
      else if (sector < upTo && (kept === 1 || dice.chance(kept)))
        this.#live.copy(onto, from, from, from + SECTOR_BYTES)
    }
  }

  /** New bytes before a cut and old ones after it, or the reverse; beyond the durable end sometimes anything. */
  #tear(onto: Buffer, from: number, dice: Dice): void {
    const end = Math.min(from + SECTOR_BYTES, onto.length)
    const cut = dice.between(from, end)
    if (from >= this.#durableSize && dice.chance(0.3))
      for (let at = from; at < end; at++) onto[at] = dice.below(256)
    else if (dice.chance(0.5)) this.#live.copy(onto, from, from, cut)
    else this.#live.copy(onto, cut, cut, end)
  }

  #reserve(bytes: number): void {
    this.#unshare()
    if (bytes <= this.#live.length) return
    const sectors = Math.ceil(Math.max(bytes, this.#live.length * 2, 4096) / SECTOR_BYTES)
    this.#live = grown(this.#live, sectors * SECTOR_BYTES)
    this.#durable = grown(this.#durable, sectors * SECTOR_BYTES)
    this.#liveVersions = copied(new Uint32Array(sectors), this.#liveVersions)
    this.#durableVersions = copied(new Uint32Array(sectors), this.#durableVersions)
    this.#flags = copied(new Uint8Array(sectors), this.#flags)
  }

  /** Both planes are one buffer as long as nothing changes. */
  #unshare(): void {
    if (this.#durable === this.#live) this.#durable = Buffer.from(this.#live)
  }

  #touch(first: number, end: number, allocate: boolean): void {
    const version = ++this.#version
    for (let sector = first; sector < end; sector++) {
      const flags = this.#flags[sector] as number
      if (allocate && (flags & ALLOCATED) === 0) this.allocated += SECTOR_BYTES
      this.#flags[sector] = flags | DIRTY | (allocate ? ALLOCATED : 0)
      this.#liveVersions[sector] = version
    }
    const clean = this.#firstDirty >= this.#endDirty
    this.#firstDirty = clean ? first : Math.min(this.#firstDirty, first)
    this.#endDirty = clean ? end : Math.max(this.#endDirty, end)
  }

  #free(first: number, end: number): void {
    for (let sector = first; sector < end; sector++) {
      const flags = this.#flags[sector] as number
      if ((flags & ALLOCATED) !== 0) this.allocated -= SECTOR_BYTES
      this.#flags[sector] = flags & ~ALLOCATED
    }
  }

  #resize(size: number): void {
    this.#size = size
    this.#sizeVersion = ++this.#version
    this.#sizeDirty = true
  }

  #narrow(): void {
    while (this.#firstDirty < this.#endDirty && ((this.#flags[this.#firstDirty] as number) & DIRTY) === 0)
      this.#firstDirty++
    while (this.#firstDirty < this.#endDirty && ((this.#flags[this.#endDirty - 1] as number) & DIRTY) === 0)
      this.#endDirty--
  }
}

function grown(buffer: Buffer, bytes: number): Buffer {
  const larger = Buffer.alloc(bytes)
  buffer.copy(larger)
  return larger
}

function copied<Array extends Uint32Array | Uint8Array>(into: Array, from: Array): Array {
  into.set(from)
  return into
}
