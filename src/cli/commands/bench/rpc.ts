// `posthorn bench rpc`: how many calls a second a server of `serve` answers, one after the other and many in flight, and how
// long one takes.

import { CallError, type Connected, connect, type Server, serve } from '../../../rpc/index.ts'
import { AddressError, parseAddress } from '../../../transport/index.ts'
import { defineCommand } from '../../command.ts'
import { CommandError, type ExitName } from '../../exit.ts'
import { callLoad, type Method } from './rpc-load.ts'

/** Calls that wait are bounded by the connection, too: 10,000 unless it is told otherwise. */
const IN_FLIGHT_MAX = 10_000
const SIZE_MAX = 8 * 2 ** 20

export const benchRpc = defineCommand({
  path: ['bench', 'rpc'],
  summary: 'Measure how many calls a second a server of `serve` answers',
  description:
    'Calls one method with a Buffer as its only argument, again and again, over one connection. Without an address it measures a server of its own in the same process, over loopback TCP: both ends then share one thread. This process shares the machine with a server beside it; the column cpu says how much of a processor it took, and near 1 it is this program that is measured.',
  examples: [
    { text: 'A server and a client in this process', command: 'posthorn bench rpc' },
    {
      text: 'A server that offers echo, with 1 KB, and up to 1,000 calls in flight',
      command: 'posthorn bench rpc tcp://127.0.0.1:4000 --bytes 1kB --in-flight 1,64,1000',
    },
    {
      text: 'Another method, for a script',
      command: 'posthorn bench rpc ws://host:80 --method store.put -o json',
    },
  ],
  arguments: [{ name: 'address', summary: 'Where it serves: tcp, tls, ipc, ws or wss' }],
  options: {
    method: {
      type: 'string',
      short: 'm',
      default: 'echo',
      summary: 'The method; dots lead into what it is in',
    },
    bytes: { type: 'bytes', short: 's', default: 100, summary: 'Bytes of the argument' },
    inFlight: {
      type: 'string',
      default: '1,64',
      valueName: 'counts',
      summary: 'Calls in flight, one measurement for each number',
    },
    seconds: { type: 'number', short: 'z', default: 2, min: 0.001, summary: 'Seconds of each measurement' },
    warmup: { type: 'number', default: 0.5, min: 0, summary: 'Seconds of calls before what counts' },
    credential: { type: 'string', summary: 'Who calls, where the server asks' },
  },
  columns: {
    inFlight: { type: 'integer', summary: 'Calls in flight' },
    calls: { type: 'integer', summary: 'Calls that were answered' },
    elapsed: { type: 'duration', summary: 'Time that it took' },
    callsPerSecond: { type: 'number', summary: 'Calls per second', header: 'CALLS/S' },
    p50: { type: 'number', summary: 'Latency that half of the calls do not exceed, in ms', header: 'P50 MS' },
    p99: { type: 'number', summary: 'The same for 99 %, in ms' },
    max: { type: 'number', summary: 'The longest, in ms' },
    cpu: { type: 'number', summary: 'Processors that this program took meanwhile' },
  },
  async run({ arguments: { address }, options, world, signal, output, progress }) {
    const depths = depthsOf(options.inFlight)
    if (options.bytes > SIZE_MAX) throw new CommandError('usage', `--bytes: at most ${SIZE_MAX}`)
    const payload = Buffer.alloc(options.bytes, 'posthorn ')
    const { method, credential } = options
    let server: Server | undefined
    let api: Connected<object> | undefined
    try {
      if (address !== undefined) parseAddress(address)
      else server = await serve({ echo: (payload: Uint8Array) => payload })
      const at = address ?? server?.address ?? ''
      api = await connect<object>(at, { world, signal, ...(credential !== undefined && { credential }) })
      const call = methodOf(api, method)
      const rows = []
      for (const inFlight of depths) {
        using _ = progress.begin({ label: `${inFlight} in flight` })
        const load = { call, payload, inFlight, world, signal }
        if (options.warmup > 0) await callLoad({ ...load, ms: options.warmup * 1000 })
        const found = await callLoad({ ...load, ms: options.seconds * 1000 })
        const { calls, elapsed, latencies, cpu } = found
        rows.push({
          inFlight,
          calls,
          elapsed: rounded(elapsed),
          callsPerSecond: Math.round((calls * 1000) / Math.max(elapsed, 0.001)),
          p50: rounded(latencies.percentileMs(0.5)),
          p99: rounded(latencies.percentileMs(0.99)),
          max: rounded(latencies.maxMs),
          cpu: rounded(cpu),
        })
      }
      signal.throwIfAborted()
      await output.rows(rows)
    } catch (error) {
      throw told(error, address, signal)
    } finally {
      await api?.[Symbol.asyncDispose]()
      await server?.close()
    }
  },
})

function depthsOf(text: string): number[] {
  return text.split(',').map(word => {
    const depth = Number(word)
    if (Number.isInteger(depth) && depth >= 1 && depth <= IN_FLIGHT_MAX) return depth
    throw new CommandError('usage', `--in-flight: "${word}" is no whole number from 1 to ${IN_FLIGHT_MAX}`)
  })
}

/** What is at the dotted name; that it is there only the first call finds out. */
function methodOf(api: object, name: string): Method {
  const found = name
    .split('.')
    .reduce((at: object, part) => (at as Readonly<Record<string, object>>)[part] as object, api)
  return found as Method
}

const exitsOf: Partial<Record<CallError['code'], ExitName>> = {
  CALL_UNREACHABLE: 'unreachable',
  CALL_CONNECTION_LOST: 'unreachable',
  CALL_REFUSED: 'noPermission',
  CALL_TIMEOUT: 'tryAgain',
  CALL_DRAINING: 'tryAgain',
}

/** The sentence for what ended it. A method that throws does so for what it was given. */
function told(error: unknown, address: string | undefined, signal: AbortSignal): unknown {
  if (error instanceof CommandError || signal.aborted || !(error instanceof Error)) return error
  if (error instanceof AddressError) return new CommandError('usage', error.message, undefined, error)
  const where = address ?? 'the server in this process'
  const exit = error instanceof CallError ? (exitsOf[error.code] ?? 'notFound') : 'notFound'
  return new CommandError(exit, `${where}: ${error.message}`, undefined, error)
}

function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
