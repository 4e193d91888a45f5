// Limits out of the files that hold them: the name, the value as it is written, and the comment above it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { callLimits, valueLimits } from '../../src/rpc/index.ts'
import { code, table } from './table.ts'

type Files = readonly (readonly [title: string, file: string])[]

/** Files of limits, by what they bound. */
const brokerFiles: Files = [
  ['Connections, requests, fetches', 'src/heads/kafka/limits.ts'],
  ['Groups', 'src/broker/groups/limits.ts'],
  ['Share groups', 'src/broker/share/limits.ts'],
  ['Topics and partitions', 'src/broker/topics/topics.ts'],
  ['Transactions', 'src/broker/transactions/machine.ts'],
  ['Transactional ids', 'src/broker/transactions/holders.ts'],
  ['Logins, users and access control', 'src/auth/limits.ts'],
  ['Quotas', 'src/broker/access/quotas.ts'],
  ['Inflating batches', 'src/broker/partition/admission.ts'],
  ['Virtual brokers', 'src/server/listeners.ts'],
  ['Memory storage', 'src/log/memory/store.ts'],
]

const idlFiles: Files = [
  ['A message in XDR', 'src/rpc/xdr/limits.ts'],
  ['What is in it', 'src/bytes/reader.ts'],
  ['A source', 'src/rpc/idl/limits.ts'],
]

const oncFiles: Files = [
  ['Calls', 'src/rpc/onc/limits.ts'],
  ['rpcbind', 'src/rpc/rpcbind/limits.ts'],
]

const managementFiles: Files = [
  ['The API', 'src/server/management/limits.ts'],
  ['Every HTTP listener', 'src/transport/http.ts'],
]

const declared =
  /\/\*\* ((?:[^*]|\*(?!\/))+?) ?\*\/\s+(?:export const )?([A-Z][A-Z_]+|[a-z][A-Za-z]+)(?::| =) ([\d_]+(?: \* [\d_]+)*(?: - 1)?),?\n/g

/** Limits of the broker. */
export function limitTables(root: string): string {
  return limitTablesOf(root, brokerFiles)
}

/** Limits of XDR and of the compiler. */
export function idlLimitTables(root: string): string {
  return limitTablesOf(root, idlFiles)
}

/** Limits of ONC RPC. */
export function oncLimitTables(root: string): string {
  return limitTablesOf(root, oncFiles)
}

/** Limits of the management API. */
export function managementLimitTables(root: string): string {
  return limitTablesOf(root, managementFiles)
}

/** Limits of calls in the language, and of the values that they carry. */
export function callLimitTables(root: string): string {
  return [
    `**A connection and its calls**\n\n${commentedTable(root, 'src/rpc/engine/limits.ts', callLimits)}`,
    `**The values of one message**\n\n${commentedTable(root, 'src/rpc/value/limits.ts', { ...valueLimits })}`,
  ].join('\n\n')
}

/** Values as they are, each with the comment above its name, or above the first of its group. */
function commentedTable(root: string, file: string, limits: Readonly<Record<string, number>>): string {
  const comments = new Map<string, string>()
  let comment = ''
  for (const line of readFileSync(join(root, file), 'utf8').split('\n')) {
    comment = /^\s*\/\*\* (.+?) \*\/$/.exec(line)?.[1] ?? comment
    const name = /^\s*(?:readonly )?(\w+): /.exec(line)?.[1]
    if (name !== undefined && !comments.has(name)) comments.set(name, comment)
  }
  const rows = Object.entries(limits).map(([name, value]) => {
    const about = comments.get(name)
    if (about === undefined) throw new Error(`the limit ${name} of ${file} has no comment`)
    return [code(name), value.toLocaleString('en-US'), about]
  })
  return table(['limit', 'value', 'what it is'], rows)
}

/** A table for each of the files, which are relative to `root`. */
export function limitTablesOf(root: string, files: Files): string {
  return files
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
