// The parts of docs/ that are printed from the code, between `<!-- generated: name -->` and `<!-- end -->`. `npm run check`
// fails when a page says something else than the code; `npx tsx tools/docs.ts --write` brings it up to date.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { amqpGapTable, amqpLimitTables, amqpMethodTable, queueSettingTable } from './docs/amqp.ts'
import { commandPages, exitTable } from './docs/commands.ts'
import { errorTables } from './docs/errors.ts'
import { apiTable, gapTable } from './docs/kafka.ts'
import {
  callLimitTables,
  idlLimitTables,
  limitTables,
  managementLimitTables,
  oncLimitTables,
} from './docs/limits.ts'
import { openApiText, routeTable } from './docs/management.ts'
import { metricTable } from './docs/metrics.ts'
import {
  brokerSettingTable,
  configurationTable,
  groupSettingTable,
  topicSettingTable,
} from './docs/settings.ts'

const root = join(import.meta.dirname, '..')

/** What each marked section must hold. */
const sections: Readonly<Record<string, () => string | Promise<string>>> = {
  apis: apiTable,
  gaps: gapTable,
  limits: () => limitTables(root),
  'idl-limits': () => idlLimitTables(root),
  'call-limits': () => callLimitTables(root),
  'onc-limits': () => oncLimitTables(root),
  'topic-settings': topicSettingTable,
  'broker-settings': brokerSettingTable,
  'group-settings': groupSettingTable,
  errors: errorTables,
  commands: commandPages,
  'exit-codes': exitTable,
  configuration: configurationTable,
  metrics: metricTable,
  'management-routes': routeTable,
  'management-limits': () => managementLimitTables(root),
  'amqp-methods': amqpMethodTable,
  'amqp-gaps': amqpGapTable,
  'amqp-limits': () => amqpLimitTables(root),
  'queue-settings': queueSettingTable,
}

/** Every page, and the sections that it must have. */
const pages: Readonly<Record<string, readonly (keyof typeof sections)[]>> = {
  'docs/kafka.md': ['apis', 'gaps', 'limits', 'topic-settings', 'broker-settings', 'group-settings'],
  'docs/amqp.md': ['amqp-methods', 'amqp-gaps', 'amqp-limits', 'queue-settings'],
  'docs/errors.md': ['errors'],
  'docs/cli.md': ['commands'],
  'docs/idl.md': ['idl-limits'],
  'docs/rpc-language.md': ['call-limits'],
  'docs/rpc.md': ['onc-limits'],
  'docs/server.md': ['configuration', 'metrics', 'exit-codes'],
  'docs/management.md': ['management-routes', 'management-limits'],
}

/** Files that are all from the code. */
const files: Readonly<Record<string, () => string>> = { 'docs/management-openapi.json': openApiText }

/** What is not as the code says, a line each; with `write`, it is written instead. */
export async function documentFlaws({ write = false }: { readonly write?: boolean } = {}): Promise<string[]> {
  const flaws: string[] = []
  for (const [page, names] of Object.entries(pages)) {
    const path = join(root, page)
    const before = readFileSync(path, 'utf8')
    let after = before
    for (const name of names) {
      const marked = new RegExp(`(<!-- generated: ${name} -->\n)[^]*?(<!-- end -->)`)
      if (!marked.test(after)) flaws.push(`${page} lacks the section '${name}'`)
      const text = (await sections[name]?.()) ?? ''
      after = after.replace(marked, (_, open: string, close: string) => `${open}\n${text}\n\n${close}`)
    }
    if (after === before) continue
    if (write) writeFileSync(path, after)
    else flaws.push(`${page} is not what the code says: run npx tsx tools/docs.ts --write`)
  }
  for (const [file, text] of Object.entries(files)) {
    const path = join(root, file)
    const wanted = text()
    if (existsSync(path) && readFileSync(path, 'utf8') === wanted) continue
    if (write) writeFileSync(path, wanted)
    else flaws.push(`${file} is not what the code says: run npx tsx tools/docs.ts --write`)
  }
  return flaws
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const flaws = await documentFlaws({ write: process.argv.includes('--write') })
  for (const flaw of flaws) console.error(flaw)
  process.exit(flaws.length === 0 ? 0 : 1)
}
