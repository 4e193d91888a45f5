// A disk that loses, tears, refuses and rots, all by a seed, for every promise of the file engine (Disk is its
// interface). Power can be lost between any two steps: each call is one, and a sync is four (the call, its beginning,
// its end, and some turn after its answer), because a program that acknowledges too early is only caught in between.
//
// What the model is stricter in than ext4: names and sectors reach the medium in any order, and a sync of a new file
// does not make its name durable. What it does not have: damage to what was durable before (only `rot` does that),
// sectors written to the wrong place, and disks that lie about flushing (test/sim/planted.test.ts wraps it for that).

import type { Disk, DiskFile, OpenMode } from '../../log/file/disk.ts'
import { Completions } from './completions.ts'
import { Dice } from './dice.ts'
import { systemError } from './failures.ts'
import { SimFile } from './file.ts'
import { Inode } from './inode.ts'
import { type Faults, later, type Medium, never } from './medium.ts'
import { Folder, Names } from './names.ts'
import { type Ending, Steps } from './steps.ts'

export interface SimDiskOptions {
  readonly seed?: number
  /** The step (see `steps`) before which power is lost. Never when left out. */
  readonly crashAt?: number
  /** Bytes that fit. Unbounded when left out. */
  readonly capacity?: number
  readonly faults?: Faults
}

export class SimDisk implements Disk {
  readonly name = 'simulated disk'
  /** How often things go wrong from now on. */
  readonly faults: Faults
  readonly #medium: Medium
  readonly #steps: Steps
  readonly #names: Names

  constructor(options: SimDiskOptions = {}, names = new Names()) {
    const dice = new Dice(options.seed ?? 1)
    this.faults = { ...options.faults }
    this.#steps = new Steps(options.crashAt ?? Number.POSITIVE_INFINITY)
    this.#names = names
    this.#medium = {
      names,
      dice,
      steps: this.#steps,
      completions: new Completions(dice),
      faults: this.faults,
      capacity: options.capacity ?? Number.MAX_SAFE_INTEGER,
      failedSyncs: 0,
      used: names.files().reduce((sum, file) => sum + file.allocated, 0),
    }
  }

  makeFolder(path: string): void {
    this.#enter('makeFolder', path)
    const place = this.#names.place(path, 'mkdir')
    const there = place.folder.live.get(place.name)
    if (there instanceof Inode) throw systemError('EEXIST', 'mkdir', path)
    if (there === undefined && place.name !== '' && place.name !== '.') this.#names.add(place, new Folder())
  }

  list(path: string): string[] {
    this.#enter('list', path)
    return [...this.#names.folder(path, 'scandir').live.keys()]
  }

  open(path: string, mode: OpenMode): DiskFile {
    this.#enter('open', path, mode)
    const place = this.#names.place(path, 'open')
    const there = place.folder.live.get(place.name)
    if (mode === 'create') {
      if (there !== undefined) throw systemError('EEXIST', 'open', path)
      const inode = new Inode()
      this.#names.add(place, inode)
      return new SimFile(this.#medium, inode, path, true)
    }
    if (there === undefined) throw systemError('ENOENT', 'open', path)
    if (there instanceof Folder) throw systemError('EISDIR', 'open', path)
    return new SimFile(this.#medium, there, path, mode === 'write')
  }

  rename(from: string, to: string): void {
    this.#enter('rename', from, to)
    const source = this.#names.place(from, 'rename')
    const target = this.#names.place(to, 'rename')
    const node = source.folder.live.get(source.name)
    if (node === undefined) throw systemError('ENOENT', 'rename', from)
    const replaced = target.folder.live.get(target.name)
    if (replaced === node) return
    if (replaced instanceof Folder) throw systemError('ENOTEMPTY', 'rename', to)
    if (replaced !== undefined) this.#medium.used -= replaced.allocated
    this.#names.rename(source, target, node)
  }

  remove(path: string): void {
    this.#enter('remove', path)
    const place = this.#names.place(path, 'unlink')
    const node = place.folder.live.get(place.name)
    if (node === undefined) throw systemError('ENOENT', 'unlink', path)
    if (node instanceof Folder) throw systemError('EISDIR', 'unlink', path)
    this.#medium.used -= node.allocated
    this.#names.remove(place, node)
  }

  removeFolder(path: string): void {
    this.#enter('removeFolder', path)
    const place = this.#names.place(path, 'rmdir')
    const folder = this.#names.folder(path, 'rmdir')
    if (folder.live.size > 0) throw systemError('ENOTEMPTY', 'rmdir', path)
    this.#names.remove(place, folder)
  }

  syncFolder(path: string): Promise<void> {
    if (!this.#steps.go('syncFolder', path)) return never
    const folder = this.#names.folder(path, 'fsync')
    const mark = this.#names.mark
    return new Promise((resolve, reject) => {
      later(this.#medium, 'syncFolder', path, () => {
        if (this.#medium.dice.chance(this.faults.syncError ?? 0)) {
          this.#medium.failedSyncs++
          return () => reject(systemError('EIO', 'fsync', path))
        }
        this.#names.settle(folder, mark)
        return resolve
      })
    })
  }

  freeBytes(): number {
    this.#enter('freeBytes', '')
    return Math.max(0, this.#medium.capacity - this.#medium.used)
  }

  /** Bytes that fit; may be changed at any time. */
  get capacity(): number {
    return this.#medium.capacity
  }
  set capacity(bytes: number) {
    this.#medium.capacity = bytes
  }

  /** Bytes that files take. */
  get usedBytes(): number {
    return this.#medium.used
  }

  /** Syncs that were answered with an error. */
  get failedSyncs(): number {
    return this.#medium.failedSyncs
  }

  /** Steps done. */
  get steps(): number {
    return this.#steps.count
  }

  /** The step before which power is lost. */
  set crashAt(step: number) {
    this.#steps.crashAt = step
  }

  /** What became of the program that had this disk. Once it is not running, nothing it does counts. */
  get ending(): Ending {
    return this.#steps.ending
  }

  /** Resolves when the program is dead. */
  get ended(): Promise<void> {
    return this.#steps.ended
  }

  /** The last steps, oldest first. */
  get trace(): string[] {
    return this.#steps.trace
  }

  /** Power is lost now. */
  cut(): void {
    this.#steps.end('power lost')
  }

  /** The process dies now; the machine goes on, and with it what was written and not synced. */
  kill(): void {
    this.#steps.end('killed')
  }

  /**
   * The disk that the next process finds: after `kill` all of it, otherwise what survives if power is lost now. This
   * one is not changed, so one crash can be followed by many restarts, each with its own seed. Faults are off.
   */
  restart(seed: number, options: Omit<SimDiskOptions, 'seed'> = {}): SimDisk {
    const names = this.ending === 'killed' ? this.#names.clone() : this.#names.survivor(new Dice(seed))
    return new SimDisk({ capacity: this.capacity, ...options, seed }, names)
  }

  /** Flips bits of the byte at `position`, cached and on the medium. */
  rot(path: string, position: number, mask = 0x10): void {
    const place = this.#names.place(path, 'rot')
    const node = place.folder.live.get(place.name)
    if (!(node instanceof Inode) || position >= node.size) throw systemError('EINVAL', 'rot', path)
    node.rot(position, mask)
  }

  #enter(what: string, path: string, detail = ''): void {
    const { dice } = this.#medium
    this.#steps.must(what, path, detail)
    if (this.#names.isDirty && dice.chance(this.faults.writeBack ?? 0)) this.#names.writeBack(dice)
  }
}
