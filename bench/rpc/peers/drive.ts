// What every measured client does: it takes orders on stdin, one a line, calls for so long with so many calls in flight, and
// says what came of it. The loop is the same for all, so that ratios are those of the libraries.

import { createInterface } from 'node:readline'

/** What is asked: `{"inFlight":64,"ms":400}`. */
export interface Order {
  readonly inFlight: number
  readonly ms: number
}

/** What came of it. */
export interface Result {
  readonly calls: number
  readonly seconds: number
  /** Processor time of this process, of all its threads, in µs. */
  readonly cpu: number
  /** Latency in µs, of one of the callers. */
  readonly p50: number
  readonly p99: number
}

/** One call: gives the payload back. */
export type Echo = (payload: Buffer) => PromiseLike<Uint8Array>

export const PAYLOAD_BYTES = 100

/** Says what the other side must know, such as an address; it is one line of stdout. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Says `ready`, and carries out orders until stdin ends. */
export async function drive(echo: Echo): Promise<void> {
  say('ready')
  for await (const line of createInterface({ input: process.stdin }))
    say(JSON.stringify(await measure(echo, JSON.parse(line) as Order)))
}

async function measure(echo: Echo, { inFlight, ms }: Order): Promise<Result> {
  // Memory of its own: what goes to a thread takes the whole pool with it otherwise.
  const payload = Buffer.from(new ArrayBuffer(PAYLOAD_BYTES)).fill(0x61)
  const times: number[] = []
  let [calls, isOver] = [0, false]
  const cpuBefore = process.cpuUsage()
  const began = performance.now()
  /** The first caller reads the clock, for all of them. */
  const timed = async (): Promise<void> => {
    for (let now = began; now - began < ms; ) {
      check(await echo(payload))
      calls++
      const then = performance.now()
      times.push(then - now)
      now = then
    }
    isOver = true
  }
  const untimed = async (): Promise<void> => {
    while (!isOver) {
      check(await echo(payload))
      calls++
    }
  }
  await Promise.all([timed(), ...Array.from({ length: inFlight - 1 }, untimed)])
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  times.sort((a, b) => a - b)
  const at = (share: number): number => (times[Math.floor((times.length - 1) * share)] ?? Number.NaN) * 1000
  return { calls, seconds, cpu: user + system, p50: at(0.5), p99: at(0.99) }
}

function check(answer: Uint8Array): void {
  if (answer.length !== PAYLOAD_BYTES) throw new Error(`${answer.length} bytes in place of ${PAYLOAD_BYTES}`)
}
