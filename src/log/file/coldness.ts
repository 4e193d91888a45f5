// Whether the page cache answers the reads of a segment, judged by how long they take. Reading on the thread itself is the
// fastest while it does; a read that waits for the disk would hold up everybody else.

/**
 * A read that took longer than this, in ms, came from the disk itself; or the processor was taken away for so long, which looks
 * the same.
 */
const SLOW_MS = 2

/** After so many reads a segment is taken for warm again, however long they took: a busy thread makes them all slow. */
const READS_MAX = 64
/** After so many that were quick, too; twice as many after every mistake. */
const QUICK_READS_MIN = 4

/** What is read from: a segment, or its file. */
interface Readable {
  read(into: Buffer, position: number): number
  readLater(into: Buffer, position: number): Promise<number>
}

const known = new WeakMap<object, Coldness>()

/** That of a segment, the same each time. */
export function coldnessOf(segment: object): Coldness {
  const before = known.get(segment)
  if (before !== undefined) return before
  const made = new Coldness()
  known.set(segment, made)
  return made
}

export class Coldness {
  /** Quick reads that have to come yet; 0 or less while the segment is warm. */
  #left = 0
  /** How many a slow read asks for; and how many the last one did. */
  #next = QUICK_READS_MIN
  #asked = QUICK_READS_MIN

  /** The next read had better not hold up the thread. */
  get isCold(): boolean {
    return this.#left > 0
  }

  /** Reads as is best now, and learns from how long it takes. `monotonic` is ms since some start. */
  read(from: Readable, into: Buffer, position: number, monotonic: () => number): number | Promise<number> {
    const began = monotonic()
    if (this.isCold)
      return from.readLater(into, position).then(got => {
        this.waited(monotonic() - began)
        return got
      })
    const got = from.read(into, position)
    this.heldUp(monotonic() - began)
    return got
  }

  /** A read was answered that held up the thread for so many ms. */
  heldUp(ms: number): void {
    if (ms > SLOW_MS) {
      this.#asked = this.#next
      this.#left = this.#asked
      this.#next = Math.min(READS_MAX, this.#next * 2)
    } else if (this.#next > QUICK_READS_MIN) this.#next--
  }

  /** A read was answered after so many ms, for which nobody was held up. */
  waited(ms: number): void {
    this.#left -= ms > SLOW_MS ? this.#asked / READS_MAX : 1
  }
}
