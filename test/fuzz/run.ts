// `npm run fuzz`: mutated requests of every Kafka API and version, mutated AMQP frames, and mutated calls and replies of ONC RPC, against
// brokers and servers in this process.
//
//   npm run fuzz -- --requests 1000000 --seed 7
//   npm run fuzz -- --head amqp            frames of AMQP only; or kafka, or onc; default is all of them
//
// Ends with 1 when there is a finding, when memory grew, or when something was thrown that nobody caught.

import { parseArgs } from 'node:util'
import { amqpCampaign } from './amqp/campaign.ts'
import { type CampaignOptions, campaign, type Outcome } from './campaign.ts'
import { oncCampaign } from './onc/campaign.ts'
import { socketAttack } from './sockets.ts'

/** What memory in use may grow by between the first brokers and the last. */
const GROWTH_BYTES_MAX = 48 * 1024 * 1024
const RSS_BYTES_MAX = 2 * 1024 * 1024 * 1024

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '200000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    'renew-after': { type: 'string', default: '20000' },
    head: { type: 'string', default: 'all' },
    'no-hostile': { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
const heads: Readonly<Record<string, (options: CampaignOptions) => Promise<Outcome>>> = {
  kafka: campaign,
  amqp: amqpCampaign,
  onc: oncCampaign,
}
const wanted = Object.entries(heads).filter(([name]) => values.head === 'all' || values.head === name)
if (wanted.length === 0) throw new Error(`--head ${values.head}: write kafka, amqp, onc or all`)
console.log(`fuzz: ${values.requests} requests, seed ${seed}`)
const stray: string[] = []
process.on('unhandledRejection', error => stray.push(`unhandled rejection: ${String(error)}`))

const began = performance.now()
const options: CampaignOptions = {
  seed,
  requests: Number(values.requests),
  renewAfter: Number(values['renew-after']),
  hostile: !values['no-hostile'],
  progress: line => console.log(`  ${line}`),
}
const findings: string[] = []
let requests = 0
let answered = 0
for (const [, attack] of wanted) {
  const outcome = await attack(options)
  findings.push(...outcome.findings, ...growth(outcome.inUse, outcome.rssMax))
  requests += outcome.requests
  answered += outcome.answered
}
if (values.head === 'all' || values.head === 'kafka') findings.push(...(await socketAttack(seed, 300)))
findings.push(...stray)
/** What was found, without the story that led to it. */
const distinct = [...new Map(findings.map(one => [one.split(';', 1).join(), one])).values()]
for (const one of distinct.slice(0, 40)) console.error(`finding: ${one.slice(0, 2000)}`)
console.log(
  `fuzz: ${requests} requests in ${((performance.now() - began) / 1000).toFixed(0)} s, ` +
    `${answered} answered, ${findings.length} findings (${distinct.length} distinct), seed ${seed}`,
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
