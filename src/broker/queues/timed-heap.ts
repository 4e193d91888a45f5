// Values by the time when they are due, the earliest first.

export class TimedHeap<T> {
  #times: number[] = []
  #values: T[] = []

  get size(): number {
    return this.#times.length
  }
  /** The earliest time; Infinity when there is none. */
  get next(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY
  }

  push(time: number, value: T): void {
    const times = this.#times
    let at = times.length
    times.push(time)
    this.#values.push(value)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((times[parent] as number) <= time) break
      this.#move(parent, at)
      at = parent
    }
    this.#place(at, time, value)
  }

  /** Takes the earliest away when its time has come. */
  takeDue(now: number): T | undefined {
    const first = this.#times[0]
    return first === undefined || first > now ? undefined : this.pop()
  }

  /** Takes the earliest away. */
  pop(): T | undefined {
    const times = this.#times
    const first = this.#values[0]
    const time = times.pop()
    const value = this.#values.pop() as T
    if (time === undefined || times.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= times.length) break
      if (child + 1 < times.length && (times[child + 1] as number) < (times[child] as number)) child++
      if ((times[child] as number) >= time) break
      this.#move(child, at)
      at = child
    }
    this.#place(at, time, value)
    return first
  }

  /** All of them, in no order, with their times. */
  *entries(): Generator<readonly [time: number, value: T]> {
    for (let at = 0; at < this.#times.length; at++) yield [this.#times[at] as number, this.#values[at] as T]
  }

  clear(): void {
    this.#times = []
    this.#values = []
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from] as number
    this.#values[to] = this.#values[from] as T
  }
  #place(at: number, time: number, value: T): void {
    this.#times[at] = time
    this.#values[at] = value
  }
}
