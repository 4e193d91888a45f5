// `npm run fuzz`: mutated requests of every API and version against brokers in this process.
//
//   npm run fuzz -- --requests 1000000 --seed 7
//
// Ends with 1 when there is a finding, when memory grew, or when something was thrown that nobody caught.

import { parseArgs } from 'node:util'
import { campaign } from './campaign.ts'
import { socketAttack } from './sockets.ts'

/** What memory in use may grow by between the first brokers and the last. */
const GROWTH_BYTES_MAX = 48 * 1024 * 1024
const RSS_BYTES_MAX = 2 * 1024 * 1024 * 1024

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '200000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    'renew-after': { type: 'string', default: '20000' },
    'no-hostile': { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
console.log(`fuzz: ${values.requests} requests, seed ${seed}`)
const stray: string[] = []
process.on('unhandledRejection', error => stray.push(`unhandled rejection: ${String(error)}`))

const began = performance.now()
const outcome = await campaign({
  seed,
  requests: Number(values.requests),
  renewAfter: Number(values['renew-after']),
  hostile: !values['no-hostile'],
  progress: line => console.log(`  ${line}`),
})
const overSockets = await socketAttack(seed, 300)
const findings = [...stray, ...outcome.findings, ...overSockets, ...growth(outcome.inUse, outcome.rssMax)]
/** What was found, without the story that led to it. */
const distinct = [...new Map(findings.map(one => [one.split(';', 1).join(), one])).values()]
for (const one of distinct.slice(0, 40)) console.error(`finding: ${one.slice(0, 2000)}`)
console.log(
  `fuzz: ${outcome.requests} requests in ${((performance.now() - began) / 1000).toFixed(0)} s, ` +
    `${outcome.answered} answered, ${findings.length} findings (${distinct.length} distinct), seed ${seed}`,
)
process.exit(findings.length === 0 ? 0 : 1)

function growth(inUse: readonly number[], rssMax: number): string[] {
  const early = Math.max(...inUse.slice(0, 3))
  const late = inUse.at(-1) ?? 0
  const found: string[] = []
  if (late - early > GROWTH_BYTES_MAX) found.push(`memory in use grew from ${early} to ${late} bytes`)
  if (rssMax > RSS_BYTES_MAX) found.push(`resident memory reached ${rssMax} bytes`)
  return found
}
