// One run of `posthorn serve`: configuration, start, the block that says where everything is, waiting, and the end.

import {
  lineReporter,
  loadConfig,
  packageVersion,
  type ReportFormat,
  type ReportLevel,
  start,
} from '../../server/index.ts'
import type { Reporter, World } from '../../world/index.ts'
import type { Context } from '../command.ts'
import type { RowOf } from '../output/columns.ts'
import type { Style, Terminal } from '../terminal.ts'
import { type BannerFacts, banner, dataPath, warnings } from './banner.ts'
import { failure, storeFailure } from './failure.ts'
import { tendHeap } from './heap.ts'
import { collectWhenIdle } from './idle-collection.ts'
import type { serveColumns, serveOptions } from './options.ts'

type ServeContext = Context<typeof serveOptions, readonly [], typeof serveColumns>

/** Runs until the signal or the failure of the store. Returns 0, or throws CommandError. */
export async function runServer(context: ServeContext): Promise<number> {
  const { options, output, signal, world, tty } = context
  const config = await configOf(context)
  if (options.check) {
    output.note('the configuration is right')
    return 0
  }
  using _heap = tendHeap(context.env)
  using _idle = collectWhenIdle(context.world)
  const write = (line: string): void => output.note(line.trimEnd())
  const format = config.log.format ?? (tty.stderr.isTTY ? 'text' : 'json')
  const report = reporter({ format, level: config.log.level }, { terminal: tty.stderr, write, world })
  const broker = await start({ ...config.start, report, world }).catch(error => {
    throw failure(error, dataPath(config.start))
  })
  try {
    for (const warning of warnings(config.start, broker.kafka.listeners))
      format === 'text' ? output.warn(warning) : report.warn(warning)
    await announce(context, {
      version: packageVersion(),
      broker,
      options: config.start,
      paint: tty.stdout.paint,
    })
    const reason = await Promise.race([aborted(signal), broker.failed])
    if (reason !== undefined) throw storeFailure(reason)
    report.info('stopping: requests under way are answered')
  } finally {
    await broker.close().catch(error => report.error('the end was not clean', { error: String(error) }))
  }
  report.info('stopped')
  return 0
}

function configOf({ options, origins, env }: ServeContext) {
  const given = {
    ...options,
    memory: origins.memory === 'default' ? undefined : options.memory,
    allowAnonymous: origins.allowAnonymous === 'default' ? undefined : options.allowAnonymous,
  }
  return loadConfig(given, env).catch(error => {
    throw failure(error, undefined)
  })
}

/** One block for people, one line of JSON for programs that wait for it. */
async function announce({ output }: ServeContext, facts: BannerFacts): Promise<void> {
  const row = rowOf(facts)
  if (output.format === 'json' || output.format === 'jsonl') await output.text(JSON.stringify(row))
  else await output.record(row, { text: banner(facts) })
}

function rowOf({ version, broker, options }: BannerFacts): RowOf<typeof serveColumns> {
  const { storage } = options
  const inFolder = typeof storage === 'object' && 'directory' in storage ? storage : undefined
  return {
    version,
    pid: process.pid,
    listeners: broker.kafka.listeners.map(({ name, host, brokers, tls, sasl }) => ({
      name,
      host,
      brokers,
      tls,
      sasl,
    })),
    amqp: (broker.amqp?.listeners ?? []).map(({ name, host, port, tls }) => ({ name, host, port, tls })),
    http: broker.http?.url ?? null,
    management: broker.management?.url ?? null,
    data: inFolder?.directory ?? null,
    flush: inFolder?.flush ?? null,
  }
}

const styles: Readonly<Record<ReportLevel, Style>> = {
  debug: 'dim',
  info: 'cyan',
  warn: 'yellow',
  error: 'red',
}

function reporter(
  { format, level }: { readonly format: ReportFormat; readonly level: ReportLevel },
  to: { readonly terminal: Terminal; readonly write: (line: string) => void; readonly world: World },
): Reporter {
  return lineReporter({
    format,
    level,
    world: to.world,
    write: to.write,
    paint: (level, text) => to.terminal.paint(styles[level], text),
    ...(format === 'json' && { base: { pid: process.pid } }),
  })
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise(resolve => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}
