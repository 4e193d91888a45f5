// `posthorn rpc ping`: whether a server answers, and how fast, as ping(8) says it.

import { health } from '../../../rpc/index.ts'
import type { World } from '../../../world/index.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'
import { sleep } from '../../kafka/patience.ts'
import type { RowOf } from '../../output/columns.ts'
import { addressArgument, clientOptions, withServer } from './client.ts'

const columns = {
  seq: { type: 'integer', summary: 'Number of the call, from 1' },
  status: { type: 'string', summary: 'serving, draining, or the code of what went wrong' },
  ms: { type: 'number', summary: 'Round trip in ms; null without an answer', nullable: true },
} as const

type Row = RowOf<typeof columns>

export const rpcPing = defineCommand({
  path: ['rpc', 'ping'],
  summary: 'Ask whether a server answers, and measure round trips',
  description:
    'Calls the health of the server, which every server offers, over one connection: the time is that of a whole call. It goes on until Ctrl-C, or for -c calls; then it says how many were answered and how fast on stderr. The exit code is 0 when the last call was answered by a server that serves, 75 when that server is about to close, and 69 when there was no answer.',
  examples: [
    { text: 'Five calls', command: 'posthorn rpc ping tcp://127.0.0.1:4000 -c 5' },
    { text: 'In a health check', command: 'posthorn rpc ping tcp://127.0.0.1:4000 -c 1 -t 1s -o off' },
  ],
  arguments: [addressArgument],
  options: {
    ...clientOptions,
    count: { type: 'integer', short: 'c', min: 1, summary: 'End after so many calls; default: go on' },
    interval: { type: 'duration', short: 'i', default: '1s', summary: 'From one call to the next' },
  },
  columns,
  async run(context) {
    const { options, output, signal, world } = context
    const { count = Number.POSITIVE_INFINITY, interval } = options
    const seen: Row[] = []
    await withServer(context, context.arguments.address, async server => {
      const tally = new Tally()
      const rows = pings({ ask: () => health(server), count, interval, signal, world }, tally)
      await output.rows(rows, { live: true })
      output.note(tally.text())
      seen.push(...(tally.last === undefined ? [] : [tally.last]))
    })
    const [last] = seen
    if (last?.status === 'draining') throw new CommandError('tryAgain', 'the server is about to close')
    if (last?.ms === null) throw new CommandError('unreachable', `no answer: ${last.status}`)
  },
})

interface Pinging {
  ask(): Promise<{ readonly status: string }>
  readonly count: number
  /** Ms. */
  readonly interval: number
  readonly signal: AbortSignal
  readonly world: World
}

async function* pings({ ask, count, interval, signal, world }: Pinging, tally: Tally): AsyncGenerator<Row> {
  for (let seq = 1; !signal.aborted; seq++) {
    const began = world.monotonic()
    const row = await ask().then(
      ({ status }) => ({ seq, status, ms: rounded(world.monotonic() - began) }),
      error => ({ seq, status: codeOf(error), ms: null }),
    )
    tally.add(row)
    yield row
    if (seq === count) return
    // Ctrl-C is the usual end.
    await sleep(world, Math.max(0, interval - (world.monotonic() - began)), signal).catch(() => {})
  }
}

/** What ping(8) says at the end; nothing is kept for each call. */
class Tally {
  last: Row | undefined
  #calls = 0
  #answered = 0
  #sum = 0
  #squares = 0
  #min = Number.POSITIVE_INFINITY
  #max = 0

  add(row: Row): void {
    this.last = row
    this.#calls++
    if (row.ms === null) return
    this.#answered++
    this.#sum += row.ms
    this.#squares += row.ms * row.ms
    this.#min = Math.min(this.#min, row.ms)
    this.#max = Math.max(this.#max, row.ms)
  }

  text(): string {
    const lost = `${this.#calls} ${this.#calls === 1 ? 'call' : 'calls'}, ${this.#answered} answered`
    if (this.#answered === 0) return lost
    const mean = this.#sum / this.#answered
    const deviation = Math.sqrt(Math.max(0, this.#squares / this.#answered - mean * mean))
    const numbers = [this.#min, mean, this.#max, deviation].map(ms => ms.toFixed(3))
    return `${lost}; min/avg/max/mdev ${numbers.join('/')} ms`
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
