// franz-go's own tests: chains of producers and consumers that pass on thousands of records exactly once, with and
// without transactions, by every assignment strategy of both group protocols and in share groups, while members come and
// go. The tests come with the module, and are built into one program. They run against three virtual brokers that keep
// their data on the disk.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from '../broker.ts'
import { buildGo } from '../go-program.ts'
import { execute } from '../processes.ts'
import type { Stage } from '../stage.ts'
import { cache } from '../tools.ts'

const program = join(cache, 'franz-go.test')
const PACKAGE = 'github.com/twmb/franz-go/pkg/kgo'
const TESTS_MS = 150_000
const BROKERS = 3
/** Most of them wait for heartbeats most of the time. */
const TESTS_AT_A_TIME = 6
/** Records that each chain passes on; the tests' own default is 500,000. */
const RECORDS = 3_000
/**
 * The most that may be set. Members that end give back what they have fetched and not handed out. Of so few records that may be
 * the whole rest of a partition, and more of them end one after the other than the default of 5 allows a record: it was
 * given up, and the test waited for it.
 */
const DELIVERIES = 10
/** Those that ask a broker, but for three which look for the internal topic __consumer_offsets: there is none here. */
const tests = [
  ...['TestTxnEtl', 'TestGroupETL', 'TestGroupSimple', 'TestShareGroup.*', 'TestClient_Produce.*'],
  ...[
    'TestIssue.*',
    'TestPause.*',
    'TestConsumeTopicRetrieval.*',
    'TestAddRemovePartitions',
    'TestDirectPartitionPurge',
  ],
  ...[
    'TestPing',
    'TestPooling',
    'TestLookbackMilli',
    'TestConsumeMaxDecompressBatchBytes',
    'TestUnknownGroup.*',
  ],
]
/**
 * What is said of the tests themselves, not of their parts, which have a slash in their names: `--- PASS: TestPing (0.01s)`. What
 * a test prints without an end of line may stand before it.
 */
const VERDICT = /--- (PASS|FAIL|SKIP): (\w+) \(([\d.]+)s\)/g

export async function franzGo({ report }: Stage): Promise<void> {
  const missing = await buildGo({ source: 'go-franz', program, testsOf: PACKAGE })
  if (missing !== undefined) return report.skipped("franz-go's own tests", missing)
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-franz-'))
  const listen = ['--listen', 'kafka=tcp://127.0.0.1:0', '--listen', 'amqp=off', '--listen', 'http=off']
  const settings = ['--set', `group.share.delivery.count.limit=${DELIVERIES}`]
  const broker = await startBroker(['--data', folder, '--brokers', String(BROKERS), ...settings, ...listen])
  try {
    const { code, verdicts, said } = await runTests(broker.listeners.kafka ?? [])
    for (const [name, { verdict, seconds }] of verdicts)
      if (verdict === 'SKIP') report.skipped(`franz-go ${name}`, 'it skips itself')
      else
        await report.run(`franz-go ${name}, ${seconds} s`, () => {
          if (verdict === 'FAIL') throw new Error(said(name))
        })
    await report.run('franz-go: its tests ran to their end', () => {
      if (verdicts.size < tests.length) throw new Error(`only ${verdicts.size} did: ${said('')}`)
      const hasFailed = [...verdicts.values()].some(({ verdict }) => verdict === 'FAIL')
      if (code !== 0 && !hasFailed) throw new Error(`they ended with ${code}: ${said('')}`)
    })
  } finally {
    await broker.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function runTests(seeds: readonly string[]) {
  const done = await execute({
    command: program,
    args: [
      '-test.v',
      `-test.parallel=${TESTS_AT_A_TIME}`,
      `-test.timeout=${TESTS_MS}ms`,
      `-test.run=^(${tests.join('|')})$`,
    ],
    env: {
      KGO_SEEDS: seeds.join(','),
      KGO_TEST_RF: String(BROKERS),
      KGO_TEST_RECORDS: String(RECORDS),
      KGO_TEST_MAX_TOPIC_PARTS: '11',
      KGO_LOG_LEVEL: 'none',
    },
    timeoutMs: TESTS_MS + 10_000,
  })
  const output = done.stdout.toString()
  return {
    code: done.code,
    verdicts: new Map(
      Array.from(output.matchAll(VERDICT), ([, verdict, name, seconds]) => [
        name ?? '',
        { verdict, seconds },
      ]),
    ),
    /** What a test printed, its last part; of all of them without a name. */
    said: (name: string) => (linesOf(output, name) + done.stderr).slice(-1500),
  }
}

/** The lines after `=== RUN` or `=== NAME` of this test, up to the next of another. */
function linesOf(output: string, name: string): string {
  const parts = output.split(/^=== \w+ +/m)
  return parts.filter(part => part.startsWith(name)).join('')
}
