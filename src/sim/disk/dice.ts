// Luck from a seed: every choice of the simulator comes from one of these, so that a run can be had again. mulberry32,
// kept apart from the World's so that what the program draws does not move what the disk does.

export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0
  }

  /** A number in [0, 1). */
  roll(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000
  }

  /** A whole number in [0, limit); 0 when `limit` is 0. */
  below(limit: number): number {
    return Math.floor(this.roll() * limit)
  }

  /** A whole number in [from, to]. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1)
  }

  /** True once in 1 / `probability` times. Draws nothing when it cannot be true. */
  chance(probability: number): boolean {
    return probability > 0 && this.roll() < probability
  }

  /** One of `items`, which must not be empty. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item
  }

  /** A seed for another set of dice. */
  seed(): number {
    return Math.floor(this.roll() * 0x1_0000_0000)
  }
}
