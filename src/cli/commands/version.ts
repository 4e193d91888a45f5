// `posthorn version`: what is running, for bug reports and scripts. The number comes from package.json, its only home.

import { packageVersion } from '../../server/version.ts'
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
