// The metrics of a broker that has just started, as it says them itself.

import { start } from '../../src/server/index.ts'
import { code, table } from './table.ts'

export async function metricTable(): Promise<string> {
  await using broker = await start({ http: true })
  const page = await (await fetch(`${broker.http?.url}/metrics`)).text()
  const kinds = new Map([...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, kind]) => [name, kind]))
  return table(
    ['metric', 'kind', 'what it is'],
    [...page.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name = '', help = '']) => [
      code(name),
      kinds.get(name) ?? '',
      help,
    ]),
  )
}
