// For tests: bytes that no honest writer sends. Random ones, and messages of every kind with bytes changed, cut out and
// doubled. A decoder gives a value or a WireError; anything else is thrown on.

import { Reader, WireError, Writer } from '../../bytes/index.ts'
import { ValueReader, ValueWriter } from './index.ts'

/** Reads `runs` hostile messages from a seed; gives how many of them were values. */
export function hostile(runs: number, seed: number): number {
  const luck = lucky(seed)
  const messages = samples()
  let values = 0
  for (let run = 0; run < runs; run++) {
    const message =
      run % 4 === 0 ? noise(luck) : changed(messages[luck(messages.length)] ?? noise(luck), luck)
    if (survives(message)) values++
  }
  return values
}

type Luck = (below: number) => number

/** Xorshift, for a seed that can be repeated. */
function lucky(seed: number): Luck {
  let state = seed | 1
  return below => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

function survives(message: Buffer): boolean {
  try {
    const reader = new ValueReader(new Reader(message))
    while (reader.from.remaining > 0) reader.read()
    return true
  } catch (error) {
    if (error instanceof WireError) return false
    throw new Error(`not a WireError for ${message.toString('hex')}`, { cause: error })
  }
}

function noise(luck: Luck): Buffer {
  const bytes = Buffer.alloc(luck(40))
  for (let n = 0; n < bytes.length; n++) bytes[n] = luck(3) === 0 ? 0xc0 + luck(0x24) : luck(256)
  return bytes
}

function changed(message: Buffer, luck: Luck): Buffer {
  let bytes = Buffer.from(message)
  for (let n = luck(4); n >= 0; n--) {
    const at = luck(bytes.length + 1)
    const kind = luck(4)
    if (kind === 0) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + luck(4))])
    else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), noise(luck), bytes.subarray(at)])
    else if (at < bytes.length) bytes[at] = kind === 2 ? luck(256) : 0xc0 + luck(0x24)
  }
  return bytes
}

function samples(): Buffer[] {
  const memory = new ArrayBuffer(16)
  const cycle: unknown[] = [
    { a: 1, b: 'text' },
    { a: 2, b: 'é€' },
  ]
  cycle.push(
    cycle,
    new Map<unknown, unknown>([
      [cycle, 1],
      ['k', cycle],
    ]),
  )
  const holes: unknown[] = [1]
  holes[5] = 2
  return [
    cycle,
    Object.assign(holes, { extra: 1 }),
    [memory, new Int16Array(memory, 2, 3), new DataView(memory), new Float64Array(2)],
    [new Uint8Array(3), new Set([1, -5, 1e300, 10n ** 30n, -1n]), new Date(5), /a(b)/gi],
    new TypeError('message', { cause: { code: 5 } }),
    new AggregateError([new Error('a'), new DOMException('b', 'AbortError')], 'c'),
    [Object(1), Object('s'), undefined, null, true, 'x'.repeat(70), '\ud800'],
    JSON.parse('{"__proto__": {"constructor": 1}, "toString": 2}') as unknown,
  ].map(value => {
    const to = new Writer()
    new ValueWriter(to).write(value)
    return Buffer.concat(to.finish())
  })
}
