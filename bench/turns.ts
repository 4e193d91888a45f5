// Contenders measured in turns, A B C A B C: what else the machine does hits all of them alike.

import { note } from './progress.ts'

/** One measurement of each contender per round; the first `warmUps` rounds are not kept. */
export async function inTurns<Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, () => number | Promise<number>>>,
  { label, warmUps = 1 }: { readonly label: string; readonly warmUps?: number },
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contenders) as Name[]
  const values = Object.fromEntries(names.map(name => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = -warmUps; round < rounds; round++) {
    note(`${label}: ${round < 0 ? 'warm-up' : `round ${round + 1} of ${rounds}`}`)
    for (const name of names) {
      const value = await contenders[name]()
      if (round >= 0) values[name].push(value)
    }
  }
  return values
}
