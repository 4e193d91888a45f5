// An open file that is closed only when nobody waits for it any more. A flush or a read on the thread pool names its file
// by a number, and the system gives that number to the next file as soon as it is free: a log that is trimmed or deleted
// while it is read would be answered with another's bytes.

import type { DiskFile } from './disk.ts'

export class OpenFile implements DiskFile {
  readonly #file: DiskFile
  #waiting = 0
  #isClosing = false

  constructor(file: DiskFile) {
    this.#file = file
  }

  size(): number {
    return this.#file.size()
  }
  read(into: Buffer, position: number): number {
    return this.#file.read(into, position)
  }
  readLater(into: Buffer, position: number): Promise<number> {
    return this.#during(this.#file.readLater(into, position))
  }
  write(buffers: readonly Buffer[], position: number): number {
    return this.#file.write(buffers, position)
  }
  truncate(size: number): void {
    this.#file.truncate(size)
  }
  sync(): Promise<void> {
    return this.#during(this.#file.sync())
  }

  /** Keeps it open until the answer is called. */
  hold(): () => void {
    this.#waiting++
    let isHeld = true
    return () => {
      if (isHeld) this.#left()
      isHeld = false
    }
  }

  /** Closes now, or after the last answer. Idempotent. */
  close(): void {
    if (this.#isClosing) return
    this.#isClosing = true
    if (this.#waiting === 0) this.#file.close()
  }

  async #during<Answer>(answer: Promise<Answer>): Promise<Answer> {
    this.#waiting++
    try {
      return await answer
    } finally {
      this.#left()
    }
  }

  #left(): void {
    this.#waiting--
    if (this.#isClosing && this.#waiting === 0) this.#file.close()
  }
}
