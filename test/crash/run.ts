// The broker as a process under load, killed with SIGKILL at a random moment, started again on the same data, and held to
// everything that it had acknowledged, however it flushes: what was written survives the process.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs, { logLevel } from 'kafkajs'
import { type Client, connect } from '../../src/cli/kafka/client.ts'
import { systemWorld } from '../../src/world/index.ts'
import { readArguments, refuse, wholeNumber } from '../../tools/arguments.ts'
import { type BrokerProcess, interruptStart, startBroker } from '../interop/broker.ts'
import { guard } from '../interop/processes.ts'
import { AmqpLoad } from './amqp.ts'
import { Epoch } from './epoch.ts'
import { Luck } from './luck.ts'
import { Violations } from './violations.ts'

const usage = `npm run test:crash [-- OPTIONS]

Kills a broker under load with SIGKILL, starts it again, and holds it to all that it had acknowledged. Prints a line per round.
Ends with 1 when a promise was broken, or the broker was not ready in time.

  --rounds N    10 by default; the long form is 200
  --seed N      repeats a run; a random one by default
  --flush MODE  always (the default), interval or never

  npm run test:crash -- --rounds 200
`

const flushes: readonly string[] = ['always', 'interval', 'never']

const EPOCH_ROUNDS = 5
/** Ms in which a killed broker must be ready again. */
const READY_MS = 60_000
const LOAD_MS = { min: 200, max: 1800 }
/** Ms after which a client gives up; long enough to outlive a restart. */
const CLIENT_MS = 30_000
const ROUND_MS_MAX = 60_000

interface Life {
  readonly broker: BrokerProcess
  readonly client: Client
  readonly kafka: kafkajs.Kafka
}

async function main(): Promise<number> {
  const { values } = readArguments(usage, {
    rounds: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    flush: { type: 'string', default: 'always' },
  })
  const rounds = wholeNumber(usage, 'rounds', values.rounds, 1)
  const seed = wholeNumber(usage, 'seed', values.seed, 0)
  if (!flushes.includes(values.flush))
    refuse(usage, `--flush is ${values.flush}: it must be one of ${flushes.join(', ')}`)
  guard(rounds * ROUND_MS_MAX)
  console.log(`seed ${seed}, ${rounds} rounds`)
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-crash-'))
  const violations = new Violations()
  const acked = await play({ folder, flush: values.flush, rounds }, new Luck(seed), violations).catch(
    error => {
      violations.add(`the run broke off: ${error instanceof Error ? error.message : error}`)
      return 'an unknown number'
    },
  )
  const verdict = violations.count === 0 ? '' : `; the data are kept in ${folder}`
  if (violations.count === 0) rmSync(folder, { recursive: true, force: true })
  console.log(
    `${rounds} rounds, ${acked} acknowledged, ${violations.count} violations (seed ${seed})${verdict}`,
  )
  return violations.count === 0 ? 0 : 1
}

/** Gives how many records and offsets were acknowledged. */
async function play(
  { folder, flush, rounds }: { readonly folder: string; readonly flush: string; readonly rounds: number },
  luck: Luck,
  violations: Violations,
): Promise<number> {
  let port = 0
  let before = 0
  let epoch: Epoch | undefined
  let amqpPort = 0
  const amqp = ['amqp-a', 'amqp-b'].map(name => new AmqpLoad(name, luck))
  let client: Client | undefined
  for (let round = 0; round <= rounds; round++) {
    const args = [
      ...['--data', folder, '--flush', flush],
      ...['--listen', `kafka=tcp://127.0.0.1:${port}`, '--listen', 'http=off'],
      ...['--listen', `amqp=tcp://127.0.0.1:${amqpPort}`],
    ]
    const began = performance.now()
    if (round > 0 && luck.chance(0.2)) await interruptStart(args, luck.whole(50, 400))
    const life: Life = await begin(args, client)
    client = life.client
    port = Number(life.broker.listeners.kafka?.[0]?.split(':')[1])
    amqpPort = life.broker.amqp.amqp ?? 0
    for (const load of amqp) await load.verify(amqpPort, violations)
    await epoch?.verify(life.client, life.kafka, violations)
    const verified = performance.now()
    if (round < rounds) {
      if (round % EPOCH_ROUNDS === 0) {
        before += epoch?.acked ?? 0
        epoch = await Epoch.open(round / EPOCH_ROUNDS, luck, life.client, life.kafka)
        await epoch.verify(life.client, life.kafka, violations)
      }
      const gone = killed(life.broker, luck.whole(LOAD_MS.min, LOAD_MS.max))
      await Promise.all([epoch?.load(life.client, gone), ...amqp.map(load => load.load(gone))])
    }
    const figures = [
      `round ${round}`,
      `ready in ${Math.round(life.broker.startMs)} ms`,
      `verified in ${Math.round(verified - began - life.broker.startMs)} ms`,
      `${before + (epoch?.acked ?? 0)} acknowledged, ${amqp.reduce((sum, load) => sum + load.acked, 0)} confirmed by queues`,
      `${violations.count} violations`,
    ]
    console.log(figures.join(', '))
    if (round === rounds) await life.broker.stop()
  }
  await client?.close()
  return before + (epoch?.acked ?? 0)
}

async function begin(args: readonly string[], known: Client | undefined): Promise<Life> {
  const broker = await startBroker(args, READY_MS)
  const [address = ''] = broker.listeners.kafka ?? []
  const [host = '', port] = address.split(':')
  const settings = { world: systemWorld, signal: new AbortController().signal, timeoutMs: CLIENT_MS }
  const client = known ?? (await connect({ ...settings, bootstrap: [{ host, port: Number(port) }] }))
  const retry = { retries: 3, initialRetryTime: 30, maxRetryTime: 200 }
  const kafka = new kafkajs.Kafka({
    brokers: [address],
    logLevel: logLevel.NOTHING,
    retry,
    requestTimeout: 8000,
  })
  return { broker, client, kafka }
}

/** Resolves when the broker is gone. */
async function killed(broker: BrokerProcess, afterMs: number): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, afterMs))
  await broker.kill()
}

process.exit(await main())
