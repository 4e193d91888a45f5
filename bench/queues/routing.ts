// How fast a topic exchange routes with ten bindings and with a hundred thousand. Half of the bindings end in `#`, half
// have two `*`; every message matches one of each. The number of different routing keys is the same for all. With a
// thousand the last routes are remembered; with fifty thousand they are where the bindings are many, and are looked up
// anew where they are few; where no key comes twice nothing is remembered, and the bindings' nodes are out of the caches.

import { noFields } from '../../src/broker/field-value.ts'
import { TopicRouter } from '../../src/broker/routing/topic.ts'
import type { Table, Target } from '../outcome.ts'
import { note } from '../progress.ts'
import { median, medianRatio, spread } from '../statistics.ts'

const MESSAGES = 200_000
const FEW = 10
const MANY = 100_000
const RATIO_MIN = 0.5
const keyCounts = [1000, 50_000, MESSAGES] as const
/** The bound is for publishers that repeat their keys; the last column is shown beside it. */
const repeated = keyCounts.filter(count => count < MESSAGES)

interface Case {
  readonly bindings: number
  readonly keyCount: number
  readonly router: TopicRouter<string>
  readonly rates: number[]
}

export async function routing(
  rounds: number,
): Promise<{ readonly table: Table; readonly targets: Target[] }> {
  note('routing')
  const cases = [FEW, 1000, MANY].flatMap(bindings =>
    keyCounts.map((keyCount): Case => ({ bindings, keyCount, router: filled(bindings), rates: [] })),
  )
  // In turns, so that what else the machine does hits all of them alike.
  for (let round = 0; round < rounds; round++) {
    for (const { router, bindings, keyCount, rates } of cases) rates.push(rate(router, bindings, keyCount))
    await new Promise(resolve => setImmediate(resolve))
  }
  const ratesOf = (bindings: number, keyCount: number): number[] =>
    cases.find(one => one.bindings === bindings && one.keyCount === keyCount)?.rates ?? []
  return {
    table: {
      title: 'Thousand messages a second through a topic exchange',
      columns: ['bindings', ...keyCounts.map(count => `${count} routing keys`), 'spread'],
      rows: [FEW, 1000, MANY].map(bindings => [
        String(bindings),
        ...keyCounts.map(count => (median(ratesOf(bindings, count)) / 1000).toFixed(0)),
        `${(Math.max(...keyCounts.map(count => spread(ratesOf(bindings, count)))) * 100).toFixed(0)} %`,
      ]),
      note: `${rounds} rounds of ${MESSAGES} messages; every message goes to two queues.`,
    },
    targets: repeated.map(count => ({
      name: `routing, ${MANY} bindings / ${FEW}, ${count} keys`,
      value: medianRatio(ratesOf(MANY, count), ratesOf(FEW, count)),
      bound: RATIO_MIN,
      must: 'reach',
      unit: '',
    })),
  }
}

function filled(bindings: number): TopicRouter<string> {
  const router = new TopicRouter<string>()
  for (let n = 0; n < bindings / 2; n++) {
    router.bind(`shop.orders.${n}.#`, noFields, `one queue ${n}`)
    router.bind(`shop.*.${n}.placed.*`, noFields, `other queue ${n}`)
  }
  return router
}

/** Messages a second. */
function rate(router: TopicRouter<string>, bindings: number, keyCount: number): number {
  const keys = Array.from(
    { length: keyCount },
    (_, n) => `shop.orders.${(n * 7919) % (bindings / 2)}.placed.${n}`,
  )
  const into = new Set<string>()
  const began = performance.now()
  for (let n = 0; n < MESSAGES; n++) {
    into.clear()
    router.route({ routingKey: keys[n % keyCount] ?? '', headers: noFields }, into)
  }
  if (into.size !== 2) throw new Error(`a message went to ${into.size} queues, not 2`)
  return MESSAGES / ((performance.now() - began) / 1000)
}
