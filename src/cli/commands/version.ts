// `posthorn version`: what is running, for bug reports and scripts. The number comes from package.json, its only home.

import { readFileSync } from 'node:fs'
import { defineCommand } from '../command.ts'

export const version = defineCommand({
  path: ['version'],
  summary: 'Print the version',
  description: 'Prints the version of posthorn. Bug reports want `posthorn version -o yaml`.',
  examples: [
    { text: 'The version alone', command: 'posthorn version' },
    { text: 'With Node and platform, for programs', command: 'posthorn version --json' },
  ],
  columns: {
    version: { type: 'string', summary: 'Version of posthorn' },
    node: { type: 'string', summary: 'Version of Node.js that runs it' },
    platform: { type: 'string', summary: 'Operating system and processor' },
  },
  result: 'record',
  async run({ output }) {
    const row = {
      version: packageVersion(),
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
    }
    await output.record(row, output.format === 'table' ? { text: `posthorn ${row.version}` } : {})
  },
})

/** The version that package.json states. */
function packageVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
  if (typeof parsed !== 'object' || parsed === null || !('version' in parsed)) return 'unknown'
  return String(parsed.version)
}
