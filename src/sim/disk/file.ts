// An open file of the simulated disk. It stays with its bytes when the name goes, as on any Unix.

import type { DiskFile } from '../../log/file/disk.ts'
import { systemError } from './failures.ts'
import type { Inode, Snapshot } from './inode.ts'
import { later, type Medium, never } from './medium.ts'

export class SimFile implements DiskFile {
  readonly #medium: Medium
  readonly #inode: Inode
  readonly #path: string
  readonly #writable: boolean
  #open = true

  constructor(medium: Medium, inode: Inode, path: string, writable: boolean) {
    this.#medium = medium
    this.#inode = inode
    this.#path = path
    this.#writable = writable
  }

  size(): number {
    this.#enter('size')
    return this.#inode.size
  }

  read(into: Buffer, position: number): number {
    this.#enter('read', position)
    return this.#readNow(into, position)
  }

  readLater(into: Buffer, position: number): Promise<number> {
    const { steps, completions } = this.#medium
    if (!steps.go('readLater', this.#path, position)) return never
    return new Promise((resolve, reject) => {
      completions.add(() => {
        if (!steps.go('readLater answers', this.#path, position)) return
        try {
          resolve(this.#readNow(into, position))
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  write(buffers: readonly Buffer[], position: number): number {
    const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0)
    this.#enter('write', `${position}+${length}`)
    this.#mustBeWritable('write')
    const taken = this.#howMuchIsTaken(position, length)
    let at = 0
    for (const buffer of buffers) {
      if (at >= taken) break
      this.#allocating(() => this.#inode.write(buffer.subarray(0, taken - at), position + at))
      at += buffer.length
    }
    return taken
  }

  truncate(size: number): void {
    this.#enter('truncate', size)
    this.#mustBeWritable('ftruncate')
    this.#allocating(() => this.#inode.truncate(size))
  }

  sync(): Promise<void> {
    const { steps, dice, faults } = this.#medium
    if (!steps.go('sync', this.#path)) return never
    if (!this.#open) return Promise.reject(systemError('EBADF', 'fdatasync', this.#path))
    const snapshot = this.#inode.snapshot()
    return new Promise((resolve, reject) => {
      later(this.#medium, 'sync', this.#path, () => {
        if (dice.chance(faults.syncError ?? 0)) return this.#failSync(snapshot, reject)
        this.#inode.settle(snapshot)
        if (dice.chance(0.2)) this.#inode.writeBack(dice)
        return resolve
      })
    })
  }

  close(): void {
    this.#enter('close')
    this.#open = false
  }

  /** Some of it may have reached the medium; all of it counts as clean. */
  #failSync(snapshot: Snapshot, reject: (error: Error) => void): () => void {
    if (this.#medium.dice.chance(0.5)) this.#inode.writeBack(this.#medium.dice)
    this.#inode.abandon(snapshot)
    this.#medium.steps.note('sync fails', this.#path)
    this.#medium.failedSyncs++
    return () => reject(systemError('EIO', 'fdatasync', this.#path))
  }

  #readNow(into: Buffer, position: number): number {
    this.#mustBeOpen('read')
    if (this.#medium.dice.chance(this.#medium.faults.readError ?? 0))
      throw systemError('EIO', 'read', this.#path)
    return this.#inode.read(into, position)
  }

  #howMuchIsTaken(position: number, length: number): number {
    const { capacity, used, dice, faults } = this.#medium
    const fitting = this.#inode.fitting(position, length, capacity - used)
    if (fitting === 0 && length > 0) throw systemError('ENOSPC', 'write', this.#path)
    if (fitting > 1 && dice.chance(faults.shortWrite ?? 0)) return dice.between(1, fitting - 1)
    return fitting
  }

  #allocating(change: () => void): void {
    const before = this.#inode.allocated
    change()
    this.#medium.used += this.#inode.allocated - before
  }

  #enter(what: string, detail: string | number = ''): void {
    const { steps, dice, faults } = this.#medium
    steps.must(what, this.#path, detail)
    this.#mustBeOpen(what)
    if (this.#inode.isDirty && dice.chance(faults.writeBack ?? 0)) this.#inode.writeBack(dice)
  }

  #mustBeOpen(syscall: string): void {
    if (!this.#open) throw systemError('EBADF', syscall, this.#path)
  }

  #mustBeWritable(syscall: string): void {
    if (!this.#writable) throw systemError('EBADF', syscall, this.#path)
  }
}
