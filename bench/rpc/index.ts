// Posthorn's RPC against others and against bare sockets: all contenders alive at the same time, measured in turns by
// windows of 0.4 s, one call after the other and 64 in flight. Ratios say more than figures, for the machine is shared.

import { loadavg } from 'node:os'
import type { Benchmark, BenchOptions, Outcome, Table, Target } from '../outcome.ts'
import { scratch } from '../places.ts'
import { note } from '../progress.ts'
import { median, medianRatio } from '../statistics.ts'
import { inTurns } from '../turns.ts'
import { codec } from './codec.ts'
import { type Contender, contenders, type Ends, endsOf } from './contenders.ts'
import { compileC, packages, prepare } from './packages.ts'
import { type Pair, startPair, type Window } from './pair.ts'

const WINDOW_MS = 400
const MANY = 64
const depths = [1, MANY] as const
type Depth = (typeof depths)[number]
const CODEC_ROUNDS_PER_RUN = 4
/** Each contender runs alone first: its first second is that of a compiler that still works. */
const WARM_UP_MS = { quick: 1500, full: 4000 } as const
const WARM_UPS = 1

interface Running {
  readonly contender: Contender
  readonly ends: Ends
  readonly pair: Pair
}

type Windows = ReadonlyMap<`${Contender} ${Depth}`, readonly Window[]>

export const rpc: Benchmark = {
  name: 'rpc',
  async run(options) {
    const folder = scratch('rpc')
    const running: Running[] = []
    try {
      await prepare()
      const c = await compileC(folder.path)
      for (const contender of contenders) {
        const ends = endsOf(contender, c ?? '')
        if (ends.needsC && c === undefined) continue
        note(`starting ${ends.title}`)
        const pair = await startPair(ends)
        running.push({ contender, ends, pair })
        const ms = options.quick ? WARM_UP_MS.quick : WARM_UP_MS.full
        for (const inFlight of depthsOf(ends)) await pair.measure({ inFlight, ms: ms / 2 })
      }
      return await compare(running, options)
    } finally {
      for (const { pair } of running) await pair.close()
      folder.release()
    }
  },
}

async function compare(
  running: readonly Running[],
  { quick, runs = quick ? 5 : 15 }: BenchOptions,
): Promise<Outcome> {
  const loadBefore = loadavg()[0]
  const windows = await measureAll(running, runs)
  const { table, targets } = await codec(runs * CODEC_ROUNDS_PER_RUN)
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  return {
    title: 'Remote procedure call',
    method: [
      `Echoes of 100 bytes over loopback, both ends processes of their own (or a worker thread of the caller's), on built code. ${versions.join(', ')}; libtirpc of Debian with the stubs of rpcgen at -O2.`,
      'The bare echoes have a length before the bytes and a promise for each call, and are answered in order. Joined: the frames of a turn are buffers that are concatenated and written at once; packed: they are put into one large buffer to begin with.',
      `Windows of ${WINDOW_MS / 1000} s, all contenders in turns, ${runs} rounds after ${WARM_UPS} that is not counted; medians, and ratios are medians of pairs of one round.`,
      `Load average ${loadBefore?.toFixed(1)} at the beginning, ${loadavg()[0]?.toFixed(1)} at the end.`,
    ],
    tables: [callTable('One call after the other', running, windows, 1), manyTable(running, windows), table],
    targets: [...targetsOf(windows), ...targets],
  }
}

async function measureAll(running: readonly Running[], runs: number): Promise<Windows> {
  const windows = new Map<`${Contender} ${Depth}`, Window[]>()
  const turns = running.flatMap(({ contender, ends, pair }) =>
    depthsOf(ends).map(inFlight => {
      const key = `${contender} ${inFlight}` as const
      const kept: Window[] = []
      windows.set(key, kept)
      const turn = async (): Promise<number> => {
        const window = await pair.measure({ inFlight, ms: WINDOW_MS })
        kept.push(window)
        return window.calls
      }
      return [key, turn] as const
    }),
  )
  await inTurns(runs, Object.fromEntries(turns), { label: 'calls', warmUps: WARM_UPS })
  for (const kept of windows.values()) kept.splice(0, WARM_UPS)
  return windows
}

function depthsOf({ blocks }: Ends): readonly Depth[] {
  return blocks ? [1] : depths
}

function rates(windows: Windows, contender: Contender, depth: Depth): number[] {
  return (windows.get(`${contender} ${depth}`) ?? []).map(({ calls, seconds }) => calls / seconds)
}

function manyTable(running: readonly Running[], windows: Windows): Table {
  const able = running.filter(({ ends }) => !ends.blocks)
  return callTable(`${MANY} calls in flight`, able, windows, MANY)
}

function callTable(title: string, running: readonly Running[], windows: Windows, depth: Depth): Table {
  const bare = depth === 1 ? 'plain' : 'joined'
  return {
    title,
    columns: [
      '',
      'calls/s',
      'best',
      `/ ${bare} echo`,
      'p50 µs',
      'p99 µs',
      'caller µs/call',
      'server µs/call',
    ],
    rows: running.map(({ contender, ends }) => {
      const of = windows.get(`${contender} ${depth}`) ?? []
      const mine = rates(windows, contender, depth)
      const middle = (value: (one: Window) => number): number => median(of.map(value))
      const serverCpu = of.reduce((sum, one) => sum + one.serverCpu, 0)
      const calls = of.reduce((sum, one) => sum + one.calls, 0)
      return [
        ends.title,
        median(mine).toFixed(0),
        Math.max(...mine).toFixed(0),
        medianRatio(mine, rates(windows, bare, depth)).toFixed(2),
        middle(one => one.p50).toFixed(0),
        middle(one => one.p99).toFixed(0),
        middle(one => one.cpu / one.calls).toFixed(1),
        ends.server === undefined ? 'in caller' : (serverCpu / calls).toFixed(1),
      ]
    }),
    note: 'Processor time of the caller is that of its process with all its threads; p50 and p99 are those of one caller.',
  }
}

const aims = { joined: 0.6, plain: 0.8, grpc: 40 } as const

function targetsOf(windows: Windows): Target[] {
  const reach = (title: string, a: Contender, b: Contender, depth: Depth, bound: number): Target => ({
    name: title,
    value: medianRatio(rates(windows, a, depth), rates(windows, b, depth)),
    bound,
    must: 'reach',
    unit: '',
  })
  return (['native', 'onc'] as const).flatMap(ours => {
    const name = ours === 'native' ? 'Posthorn RPC' : 'ONC RPC'
    return [
      reach(`${MANY} in flight, ${name} / joined echo`, ours, 'joined', MANY, aims.joined),
      reach(`${MANY} in flight, ${name} / grpc-js`, ours, 'grpc', MANY, aims.grpc),
      reach(`one after the other, ${name} / plain echo`, ours, 'plain', 1, aims.plain),
    ]
  })
}
