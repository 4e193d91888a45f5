// Other people's programs against the built broker, over real sockets of loopback.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readArguments, refuse } from '../../tools/arguments.ts'
import { guard } from './processes.ts'
import { Report } from './report.ts'
import { openStage, type Stage } from './stage.ts'
import { administration } from './suites/admin.ts'
import { administered } from './suites/amqp/administered.ts'
import { amqp } from './suites/amqp.ts'
import { catchingUp } from './suites/catching-up.ts'
import { consoleTools } from './suites/console.ts'
import { crossReading } from './suites/cross.ts'
import { crossAmqp } from './suites/cross-amqp.ts'
import { franzGo } from './suites/franz-go.ts'
import { groups } from './suites/groups.ts'
import { grpc } from './suites/grpc.ts'
import { idl } from './suites/idl.ts'
import { logins } from './suites/logins.ts'
import { management } from './suites/management.ts'
import { nanomsg } from './suites/nanomsg.ts'
import { nfs } from './suites/nfs.ts'
import { onc } from './suites/onc.ts'
import { rabbitHole } from './suites/rabbit-hole.ts'
import { rpcbind } from './suites/rpcbind.ts'
import { shareGroups } from './suites/share.ts'
import { transactions } from './suites/transactions.ts'
import { virtualBrokers } from './suites/virtual-brokers.ts'
import { wireTables } from './suites/wire-tables.ts'
import { zeromq } from './suites/zeromq.ts'
import { findTools } from './tools.ts'

/** Beside what installing takes the first time. */
const LIMIT_MS = 15 * 60_000

const suites: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  wire: wireTables,
  cross: crossReading,
  'catching-up': catchingUp,
  logins,
  groups,
  share: shareGroups,
  transactions,
  admin: administration,
  console: consoleTools,
  brokers: virtualBrokers,
  'franz-go': franzGo,
  management,
  'rabbit-hole': rabbitHole,
  nanomsg,
  idl,
  onc,
  rpcbind,
  nfs,
  grpc,
  amqp,
  'amqp-admin': administered,
  zeromq,
  'cross-amqp': crossAmqp,
}

const usage = `npm run test:interop [-- SUITE [TEXT]]

Other people's programs against the built broker. Prints a line for each case and the sum; ends with 1 when a case failed.

  SUITE  one of ${Object.keys(suites)
    .join(', ')
    .replace(/(.{90,110}), /g, '$1,\n         ')}; or all
  TEXT   only the cases whose title contains it

  npm run test:interop -- groups kafkajs
`

async function main(): Promise<number> {
  const [suite = 'all', only] = readArguments(usage, {}, 2).positionals
  if (suite !== 'all' && suites[suite] === undefined) refuse(usage, `there is no suite ${suite}`)
  guard(LIMIT_MS)
  const report = new Report(only)
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-interop-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const stage = await openStage(report, await findTools(), folder)
  for (const [name, run] of Object.entries(suites)) {
    if (suite !== 'all' && suite !== name) continue
    console.log(`# ${name}`)
    await run(stage)
  }
  await report.run('the broker ends cleanly when it is told to', async () => {
    const code = await stage.broker.stop()
    if (code !== 0) throw new Error(`it ended with ${code}: ${stage.broker.said()}`)
  })
  return report.end()
}

process.exit(await main())
