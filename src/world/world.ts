// Time and luck, handed in and never ambient: whoever needs them takes a World, so that tests move time by hand and
// replay by seed. system.ts has the real one, manual.ts one whose clock moves only when told.

/** A timer that has been set. */
export interface Timer {
  /** The function will not be called any more. Idempotent. */
  cancel(): void
}

export interface World {
  /** Wall clock: ms since 1970. May jump. */
  now(): number
  /** Ms since some start, never backwards, with fractions: for measuring and deadlines. */
  monotonic(): number
  /** Calls `run` once, `ms` from now; a delay below 1 counts as 1. The timer does not keep the process alive. */
  after(ms: number, run: () => void): Timer
  /** Unpredictable bytes, fit for secrets and ids. */
  randomBytes(count: number): Buffer
  /** A number in [0, 1): for jitter and choices, not for secrets. */
  random(): number
}

/** A random UUID (RFC 9562 version 4) as 16 bytes. */
export function randomUuid(world: World): Buffer {
  const bytes = world.randomBytes(16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes
}
