// How fast a topic exchange routes with ten bindings and with a hundred thousand: `npx tsx bench/routing.ts`.
// Half of the bindings are plain keys, a quarter end in `#`, a quarter have a `*`; every message matches two of them.

import { noFields } from '../src/broker/field-value.ts'
import { TopicRouter } from '../src/broker/routing/topic.ts'

const ROUNDS = 5
const MESSAGES = 400_000
const KEYS = 1000

function filled(bindings: number): TopicRouter<string> {
  const router = new TopicRouter<string>()
  for (let n = 0; n < bindings; n += 2) {
    router.bind(key(n / 2), noFields, `queue ${n}`)
    router.bind(n % 4 === 0 ? `shop.orders.${n / 2}.#` : `shop.*.${n / 2}.placed`, noFields, `queue ${n + 1}`)
  }
  return router
}

function key(n: number): string {
  return `shop.orders.${n}.placed`
}

/** Messages a second. */
function rate(router: TopicRouter<string>, bindings: number): number {
  const keys = Array.from({ length: KEYS }, (_, n) => key((n * 7919) % (bindings / 2)))
  const into = new Set<string>()
  const began = performance.now()
  for (let n = 0; n < MESSAGES; n++) {
    into.clear()
    router.route({ routingKey: keys[n % KEYS] ?? '', headers: noFields }, into)
  }
  if (into.size !== 2) throw new Error(`a message went to ${into.size} queues, not 2`)
  return MESSAGES / ((performance.now() - began) / 1000)
}

for (const bindings of [10, 1000, 100_000]) {
  const router = filled(bindings)
  const rates = Array.from({ length: ROUNDS }, () => rate(router, bindings)).sort((a, b) => a - b)
  const median = rates[Math.floor(ROUNDS / 2)] ?? 0
  console.log(`${bindings} bindings: ${Math.round(median / 1000)}k messages/s (median of ${ROUNDS})`)
}
