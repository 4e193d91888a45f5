// How fast a topic exchange routes with ten bindings and with a hundred thousand: `npx tsx bench/routing.ts`.
// Half of the bindings end in `#`, half have two `*`; every message matches one of each. The number of different routing
// keys is the same for all: with a thousand the last routes are remembered, with fifty thousand each is looked up anew.

import { noFields } from '../src/broker/field-value.ts'
import { TopicRouter } from '../src/broker/routing/topic.ts'

const ROUNDS = 9
const MESSAGES = 200_000

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

const cases = [10, 1000, 100_000].flatMap(bindings =>
  [1000, 50_000].map(keys => ({ bindings, keys, router: filled(bindings), rates: [] as number[] })),
)
// In turns, so that what else the machine does hits all of them alike.
for (let round = 0; round < ROUNDS; round++)
  for (const { router, bindings, keys, rates } of cases) rates.push(rate(router, bindings, keys))
for (const { bindings, keys, rates } of cases) {
  const sorted = rates.sort((a, b) => a - b)
  const [median = 0, best = 0] = [sorted[ROUNDS >> 1], sorted.at(-1)]
  const figures = `${Math.round(median / 1000)}k messages/s, best ${Math.round(best / 1000)}k`
  console.log(`${bindings} bindings, messages with ${keys} keys: ${figures}`)
}
