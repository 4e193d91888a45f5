// Heartbeats (specification section 4.2.7): whatever travels counts as a sign of life; the frame is sent only when nothing else
// was for half an interval, and a peer that was silent for two intervals is gone. Times are handed in.

/** What is due. */
export type Pulse = 'none' | 'beat' | 'dead'

export class Heartbeat {
  readonly #intervalMs: number
  #sentAt: number
  #receivedAt: number

  /** `intervalSeconds` as agreed upon, 0 for none. */
  constructor(intervalSeconds: number, nowMs: number) {
    this.#intervalMs = intervalSeconds * 1000
    this.#sentAt = nowMs
    this.#receivedAt = nowMs
  }

  sent(nowMs: number): void {
    this.#sentAt = nowMs
  }
  received(nowMs: number): void {
    this.#receivedAt = nowMs
  }

  /** What to do at this time: nothing, send a heartbeat, or give the peer up. */
  at(nowMs: number): Pulse {
    if (this.#intervalMs === 0) return 'none'
    if (nowMs >= this.#deadAt) return 'dead'
    return nowMs >= this.#beatAt ? 'beat' : 'none'
  }

  /** When to ask again, ms; undefined for never. */
  get wakeAt(): number | undefined {
    return this.#intervalMs === 0 ? undefined : Math.min(this.#beatAt, this.#deadAt)
  }

  get #beatAt(): number {
    return this.#sentAt + this.#intervalMs / 2
  }
  get #deadAt(): number {
    return this.#receivedAt + this.#intervalMs * 2
  }
}
