// Mutated requests of every Kafka API and version, mutated AMQP frames, mutated calls and replies of ONC RPC, and frames of
// RPC, against brokers, servers and clients in this process.

import { readArguments, refuse, wholeNumber } from '../../tools/arguments.ts'
import { amqpCampaign } from './amqp/campaign.ts'
import { type CampaignOptions, campaign, type Outcome } from './campaign.ts'
import { oncCampaign } from './onc/campaign.ts'
import { rpcCampaign } from './rpc/campaign.ts'
import { socketAttack } from './sockets.ts'

const usage = `npm run fuzz [-- OPTIONS]

Mutated requests against brokers, servers and clients in one process. Ends with 1 when there is a finding, when memory grew,
or when something was thrown that nobody caught.

  --requests N     of each head, 200000 by default; the long form is 1000000
  --seed N         repeats a run; a random one by default
  --head NAME      kafka, amqp, onc or rpc; all of them by default
  --renew-after N  requests after which a head is made anew, 20000 by default
  --no-hostile     without the requests that are made to do harm

  npm run fuzz -- --requests 1000000 --seed 7
`

/** What memory in use may grow by between the first brokers and the last. */
const GROWTH_BYTES_MAX = 48 * 1024 * 1024
const RSS_BYTES_MAX = 2 * 1024 * 1024 * 1024

const { values } = readArguments(usage, {
  requests: { type: 'string', default: '200000' },
  seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
  'renew-after': { type: 'string', default: '20000' },
  head: { type: 'string', default: 'all' },
  'no-hostile': { type: 'boolean', default: false },
})
const seed = wholeNumber(usage, 'seed', values.seed, 0)
const heads: Readonly<Record<string, (options: CampaignOptions) => Promise<Outcome>>> = {
  kafka: campaign,
  amqp: amqpCampaign,
  onc: oncCampaign,
  rpc: rpcCampaign,
}
const wanted = Object.entries(heads).filter(([name]) => values.head === 'all' || values.head === name)
if (wanted.length === 0)
  refuse(usage, `--head is ${values.head}: it must be one of ${Object.keys(heads).join(', ')}, all`)
const options: CampaignOptions = {
  seed,
  requests: wholeNumber(usage, 'requests', values.requests, 1),
  renewAfter: wholeNumber(usage, 'renew-after', values['renew-after'], 1),
  hostile: !values['no-hostile'],
  progress: line => console.log(`  ${line}`),
}
console.log(`fuzz: ${values.requests} requests, seed ${seed}`)
const stray: string[] = []
process.on('unhandledRejection', error => stray.push(`unhandled rejection: ${String(error)}`))

const began = performance.now()
const findings: string[] = []
let requests = 0
let answered = 0
for (const [, attack] of wanted) {
  const outcome = await attack(options)
  findings.push(...outcome.findings, ...growth(outcome.inUse, outcome.rssMax))
  requests += outcome.requests
  answered += outcome.answered
}
if (wanted.some(([name]) => name === 'kafka')) findings.push(...(await socketAttack(seed, 300)))
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
