// Limits out of the files that hold them: the name, the value as it is written, and the comment above it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { code, table } from './table.ts'

/** Files of limits, by what they bound. */
const files = [
  ['Connections, requests, fetches', 'src/heads/kafka/limits.ts'],
  ['Groups', 'src/broker/groups/limits.ts'],
  ['Topics and partitions', 'src/broker/topics/topics.ts'],
  ['Transactions', 'src/broker/transactions/machine.ts'],
  ['Transactional ids', 'src/broker/transactions/holders.ts'],
  ['Logins, users and access control', 'src/auth/limits.ts'],
  ['Quotas', 'src/broker/access/quotas.ts'],
  ['Inflating batches', 'src/broker/partition/admission.ts'],
  ['Virtual brokers', 'src/server/listeners.ts'],
  ['Memory storage', 'src/log/memory/store.ts'],
] as const

const declared =
  /\/\*\* ((?:[^*]|\*(?!\/))+?) ?\*\/\s+(?:export const )?([A-Z][A-Z_]+|[a-z][A-Za-z]+)(?::| =) ([\d_]+(?: \* [\d_]+)*(?: - 1)?),?\n/g

export function limitTables(root: string): string {
  return limitTablesOf(root, files)
}

/** A table for each of the files, which are relative to `root`. */
export function limitTablesOf(
  root: string,
  from: readonly (readonly [title: string, file: string])[],
): string {
  return from
    .map(([title, file]) => {
      const rows = [...readFileSync(join(root, file), 'utf8').matchAll(declared)].map(
        ([, comment = '', name = '', value = '']) => [
          code(name),
          amount(value),
          comment.replace(/\s*\n\s*\*\s*/g, ' ').trim(),
        ],
      )
      if (rows.length === 0) throw new Error(`no limits were found in ${file}`)
      return `**${title}**\n\n${table(['limit', 'value', 'what it is'], rows)}`
    })
    .join('\n\n')
}

/** '64 * 1024 * 1024' and '100_000' as a number with groups of three. */
function amount(written: string): string {
  const [product = '', less] = written.split(' - ')
  const value = product.split(' * ').reduce((all, one) => all * Number(one.replaceAll('_', '')), 1)
  return (value - Number(less ?? 0)).toLocaleString('en-US')
}
