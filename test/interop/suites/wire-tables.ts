// The wire tables against upstream's own message definitions, which lie in the jar of Kafka's client library as JSON:
// for every API and every version that we advertise and upstream still defines, the same fields in the same order with
// the same types, nullability, tags and defaults.

import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Api, Message } from '../../../src/heads/kafka/wire/api.ts'
import { apis } from '../../../src/heads/kafka/wire/index.ts'
import { succeed } from '../processes.ts'
import type { Stage } from '../stage.ts'
import { cache, clientsJar } from '../tools.ts'
import { ours, type Shown, theirs, type Upstream } from './shown-fields.ts'

export async function wireTables({ report, tools }: Stage): Promise<void> {
  const jar = clientsJar()
  if (tools.java !== undefined || jar === undefined)
    return report.skipped('wire tables', tools.java ?? 'there is no jar of the client library')
  const definitions = await extracted(jar)
  for (const api of apis)
    for (const kind of ['request', 'response'] as const) {
      const upstream = definitions.get(`${api.key} ${kind}`)
      if (upstream === undefined)
        report.skipped(`wire table ${api.name} ${kind}`, 'upstream does not define it')
      else {
        const [first, last] = common(api, upstream)
        const beyond = versionsOf(api).length - Math.max(0, last - first + 1)
        const more = beyond > 0 ? `, ${beyond} that upstream no longer defines not compared` : ''
        await report.run(`wire table ${api.name} ${kind} ${first}-${last}${more}`, () =>
          compare(api, api[kind], upstream, [first, last]),
        )
      }
    }
}

function compare(
  api: Api,
  message: Message<Api['request']['fields']>,
  upstream: Upstream,
  [first, last]: readonly [number, number],
): void {
  for (let version = first; version <= last; version++) {
    if (version >= api.flexibleSince !== isIn(upstream.flexibleVersions, version))
      throw new Error(`version ${version}: flexible is ${version >= api.flexibleSince}`)
    const [left, right] = [ours(message.fields, version), theirs(upstream, version)]
    const at = right.findIndex((line, n) => !equal(line, left[n]))
    if (at >= 0 || left.length > right.length) {
      const n = at >= 0 ? at : right.length
      throw new Error(`version ${version}: ${JSON.stringify(left[n])} instead of ${JSON.stringify(right[n])}`)
    }
  }
}

/**
 * Upstream declares an empty error message as the default and writes null when there is no error; our tables declare
 * what is written.
 */
function equal(right: Shown, left: Shown | undefined): boolean {
  const isMessage = right.path.endsWith('errorMessage') && right.nullable && right.tag === null
  const expected = isMessage && left?.otherwise === 'null' ? { ...right, otherwise: 'null' } : right
  return JSON.stringify(expected) === JSON.stringify(left)
}

function versionsOf({ versions }: Api): number[] {
  return Array.from({ length: versions.max - versions.min + 1 }, (_, n) => versions.min + n)
}

function common(api: Api, upstream: Upstream): readonly [number, number] {
  const both = versionsOf(api).filter(version => isIn(upstream.validVersions, version))
  return [both[0] ?? 0, both[both.length - 1] ?? -1]
}

function isIn(range: string, version: number): boolean {
  if (range === 'none') return false
  const [from = '0', to = from] = range.endsWith('+') ? [range.slice(0, -1), 'Infinity'] : range.split('-')
  return version >= Number(from) && version <= Number(to)
}

async function extracted(jar: string): Promise<Map<string, Upstream>> {
  const folder = join(cache, 'messages')
  mkdirSync(folder, { recursive: true })
  await succeed({ command: 'jar', args: ['xf', jar, 'common/message'], cwd: folder })
  const files = readdirSync(join(folder, 'common', 'message')).filter(name => name.endsWith('.json'))
  const found = new Map<string, Upstream>()
  for (const file of files) {
    const text = readFileSync(join(folder, 'common', 'message', file), 'utf8').replace(/^\s*\/\/.*$/gm, '')
    const upstream = JSON.parse(text) as Upstream
    if (upstream.apiKey !== undefined) found.set(`${upstream.apiKey} ${upstream.type}`, upstream)
  }
  return found
}
