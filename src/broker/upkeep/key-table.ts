// The last offset of each key, in bounded memory: an open-addressing table of digests in typed arrays. Two keys with
// one digest would lose a record, so a digest has 128 bits of SHA-256: for a billion keys the chance is 2^-69, and nobody
// can make such a pair on purpose. 24 bytes a slot, at most three quarters of the slots used. It begins as large as it
// will probably get, since doubling half a million keys takes 40 ms in one go (2026-11) and half as much again.

import { hash } from 'node:crypto'
import type { Offset } from '../../log/index.ts'

/** Bytes that the table of one cleaning may take: about a million keys. What does not fit waits for the next. */
export const KEY_TABLE_BYTES = 32 * 1024 * 1024

const WORDS = 4
const SLOT_BYTES = WORDS * 4 + 8
const SLOTS_FIRST = 1024
const LOAD_MAX = 0.75

export class KeyTable {
  readonly #slotsMax: number
  readonly #digest = new Uint32Array(WORDS)
  #slots: number
  #words: Uint32Array
  /** One more than the offset; 0 in a free slot, so that fresh pages cost nothing. */
  #offsets: Float64Array
  #size = 0

  /** `maxBytes` below a few hundred count as that: each cleaning must get on by at least one key. */
  constructor(maxBytes: number = KEY_TABLE_BYTES, keysExpected = 0) {
    this.#slotsMax = Math.max(8, Math.floor(maxBytes / SLOT_BYTES))
    this.#slots = Math.min(Math.max(SLOTS_FIRST, Math.ceil(keysExpected / LOAD_MAX)), this.#slotsMax)
    this.#words = new Uint32Array(this.#slots * WORDS)
    this.#offsets = new Float64Array(this.#slots)
  }

  /** Keys held. */
  get size(): number {
    return this.#size
  }

  /** Notes the key's offset over an earlier one. False, and nothing noted, when the key is new and the table full. */
  put(key: Buffer, offset: Offset): boolean {
    this.#digestOf(key)
    let slot = this.#slotOf(this.#digest, 0)
    if (this.#offsets[slot] === 0) {
      if (this.#size + 1 > this.#slots * LOAD_MAX) {
        if (!this.#grow()) return false
        slot = this.#slotOf(this.#digest, 0)
      }
      this.#words.set(this.#digest, slot * WORDS)
      this.#size++
    }
    this.#offsets[slot] = offset + 1
    return true
  }

  /** The last offset of the key; undefined when it is not held. */
  get(key: Buffer): Offset | undefined {
    this.#digestOf(key)
    const held = this.#offsets[this.#slotOf(this.#digest, 0)] ?? 0
    return held === 0 ? undefined : held - 1
  }

  #digestOf(key: Buffer): void {
    const digest = hash('sha256', key, 'buffer')
    for (let i = 0; i < WORDS; i++) this.#digest[i] = digest.readUInt32LE(i * 4)
  }

  /** The slot that holds the digest at `at` of `words`, or the free one where it belongs. */
  #slotOf(words: Uint32Array, at: number): number {
    let slot = (words[at] ?? 0) % this.#slots
    while (this.#offsets[slot] !== 0 && !this.#holds(slot, words, at))
      slot = slot + 1 === this.#slots ? 0 : slot + 1
    return slot
  }

  #holds(slot: number, words: Uint32Array, at: number): boolean {
    for (let i = 0; i < WORDS; i++) if (this.#words[slot * WORDS + i] !== words[at + i]) return false
    return true
  }

  #grow(): boolean {
    if (this.#slots === this.#slotsMax) return false
    const [words, offsets] = [this.#words, this.#offsets]
    this.#slots = Math.min(this.#slots * 2, this.#slotsMax)
    this.#words = new Uint32Array(this.#slots * WORDS)
    this.#offsets = new Float64Array(this.#slots)
    for (const [from, held] of offsets.entries()) {
      if (held === 0) continue
      const slot = this.#slotOf(words, from * WORDS)
      for (let i = 0; i < WORDS; i++) this.#words[slot * WORDS + i] = words[from * WORDS + i] ?? 0
      this.#offsets[slot] = held
    }
    return true
  }
}
