// The XDR codec against hand-written code, in a process of its own.

import type { Table, Target } from '../outcome.ts'
import { outputOf } from '../programs.ts'
import { note } from '../progress.ts'
import { median, medianRatio } from '../statistics.ts'
import { node } from './contenders.ts'

interface Round {
  readonly encode: number
  readonly encodeByHand: number
  readonly decode: number
  readonly decodeByHand: number
  readonly bytes: number
}

const RATIO_MAX = 1.1

/** Measures so many rounds. */
export async function codec(rounds: number): Promise<{ readonly table: Table; readonly targets: Target[] }> {
  note(`codec: ${rounds} rounds`)
  const said = await outputOf(node('codec', [String(rounds)]))
  const lines = said
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Round)
  const of = (name: keyof Round): number[] => lines.map(line => line[name])
  const ratios = {
    encode: medianRatio(of('encode'), of('encodeByHand')),
    decode: medianRatio(of('decode'), of('decodeByHand')),
  }
  const row = (title: string, ours: keyof Round, hand: keyof Round, ratio: number): string[] => [
    title,
    ...[ours, hand].map(name => median(of(name)).toFixed(0)),
    ratio.toFixed(2),
  ]
  return {
    table: {
      title: `XDR, a record of ${lines[0]?.bytes} bytes, ns of processor time`,
      columns: ['', 'xdr.struct', 'by hand', 'ratio'],
      rows: [
        row('encode', 'encode', 'encodeByHand', ratios.encode),
        row('decode', 'decode', 'decodeByHand', ratios.decode),
      ],
      note: 'Two ints, a bool, a double, four strings, two structs of two ints, 16 bytes. By hand: straight-line code with light checks (bench/rpc/peers/codec.ts).',
    },
    targets: (['encode', 'decode'] as const).map(name => ({
      name: `XDR, ${name}, xdr.struct / by hand`,
      value: ratios[name],
      bound: RATIO_MAX,
      must: 'stay within',
      unit: '',
    })),
  }
}
