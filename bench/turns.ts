// Contenders measured in turns, A B C A B C: what else the machine does hits all of them alike. Where one leaves work behind
// for the next (writes on their way to the disk, files that are being removed), A B C C B A hits them alike in that, too.

import { note } from './progress.ts'

interface Turns {
  readonly label: string
  readonly warmUps?: number
  readonly alternates?: boolean
}

/** One measurement of each contender per round; the first `warmUps` rounds are not kept. `alternates`: every other one is backwards. */
export async function inTurns<Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, () => number | Promise<number>>>,
  { label, warmUps = 1, alternates = false }: Turns,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contenders) as Name[]
  const values = Object.fromEntries(names.map(name => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = -warmUps; round < rounds; round++) {
    note(`${label}: ${round < 0 ? 'warm-up' : `round ${round + 1} of ${rounds}`}`)
    for (const name of alternates && round % 2 !== 0 ? names.toReversed() : names) {
      const value = await contenders[name]()
      if (round >= 0) values[name].push(value)
    }
  }
  return values
}
