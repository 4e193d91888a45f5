// How often a procedure runs when the network loses, doubles, delays and reorders what is sent, connections break and the server is
// killed between a call and its answer (onc/model.ts). `POSTHORN_SIM_RUNS` says how many runs there are for all modes together
// (1000), `POSTHORN_SIM_SEED` from which seed; a violation names its seed, and that seed alone repeats it.

import { describe, expect, it } from 'vitest'
import { type Mode, type Outcome, run, Violation } from './onc/model.ts'

const runs = Number(process.env.POSTHORN_SIM_RUNS ?? 1000)
const chosen = process.env.POSTHORN_SIM_SEED
const firstSeed = Number(chosen ?? (process.env.CI ? 1 : Date.now() % 1e9))

const modes: Readonly<Record<string, Mode>> = {
  'UDP, and a server that keeps its answers': { way: 'udp', keeps: true, declared: 'at most once' },
  'UDP, and any other server': { way: 'udp', keeps: false, declared: 'any number of times' },
  'a stream': { way: 'stream', keeps: false, declared: 'at most once' },
  'streams opened anew, and a server that keeps its answers': {
    way: 'reconnecting',
    keeps: true,
    declared: 'at most once',
  },
  'streams opened anew, and any other server': {
    way: 'reconnecting',
    keeps: false,
    declared: 'any number of times',
  },
}
const share = chosen === undefined ? Math.ceil(runs / Object.keys(modes).length) : 1

describe('calls over a bad network', () => {
  it.each(Object.entries(modes))(
    `run as often as is declared of %s, from seed ${firstSeed}`,
    async (title, mode) => {
      const total = await sum(share, mode)
      console.log(`${title}: ${share} runs, ${JSON.stringify(total)}`)
      if (chosen !== undefined) return
      expect(total.kills).toBeGreaterThan(0)
      // A stream that is lost takes its calls with it, and is not opened anew.
      expect(total.succeeded).toBeGreaterThan(mode.way === 'stream' ? 0 : total.failed)
      if (mode.way === 'udp') expect(Math.min(total.lost, total.doubled)).toBeGreaterThan(share)
      if (mode.declared === 'any number of times') expect(total.repeated).toBeGreaterThan(0)
    },
    600_000,
  )

  it('are the same again with the same seed', async () => {
    for (const mode of Object.values(modes)) expect(await run(7, mode)).toEqual(await run(7, mode))
  })

  it.each([
    ['udp', 'no answers kept over UDP'],
    ['reconnecting', 'no answers kept over streams'],
  ] as const)('and a server that is not as declared is caught: %s, %s', async (way, _) => {
    await expect(sum(40, { way, keeps: false, declared: 'at most once' })).rejects.toThrow(Violation)
  })
})

async function sum(count: number, mode: Mode): Promise<Outcome> {
  const total = { calls: 0, succeeded: 0, failed: 0, repeated: 0, kills: 0, cuts: 0, lost: 0, doubled: 0 }
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const one = await run(seed, mode)
    for (const key of Object.keys(total) as (keyof Outcome)[]) total[key] += one[key]
  }
  return total
}
