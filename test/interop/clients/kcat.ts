// kcat (librdkafka) as a client: records as lines of text when it writes, lengths before contents when it reads.

import type { Client, Member, ReadRow, Row, Target } from '../client.ts'
import { codecs } from '../client.ts'
import { launch, succeed } from '../processes.ts'
import { until } from '../report.ts'

const FORMAT = '%t %p %o %K %S %k%s%h\\n'
const NEWLINE = 0x0a

export const kcat: Client = {
  name: 'kcat',
  codecs,
  free: false,
  async produce(target, topic, codec, rows, idempotent = false) {
    const headers = rows[0]?.headers.flatMap(([name, value]) => ['-H', `${name}=${text(value)}`]) ?? []
    const input = rows.map(row => `${text(row.key)}\x01${text(row.value)}\n`).join('')
    const options = [
      ...['-P', '-t', topic, '-K', '\\x01', '-z', codec, ...headers, '-X', 'message.timeout.ms=8000'],
      // All that it writes is one transaction; it has no way to abort one.
      ...(idempotent ? ['-X', `transactional.id=${topic}`] : []),
    ]
    await succeed({ command: 'kcat', args: [...connection(target), ...options], input })
  },
  async consume(target, topics, count, committed = false) {
    const rows: ReadRow[] = []
    const level = committed ? 'read_committed' : 'read_uncommitted'
    for (const topic of topics) {
      const done = await succeed({
        command: 'kcat',
        args: [
          ...connection(target),
          ...['-C', '-t', topic, '-o', 'beginning', '-e', '-q', '-f', FORMAT],
          ...['-X', `isolation.level=${level}`, '-X', 'check.crcs=true'],
        ],
      })
      rows.push(...parsed(done.stdout))
    }
    if (rows.length < count) throw new Error(`kcat read ${rows.length} records of ${count}`)
    return rows
  },
  member,
}

/** What every call begins with. */
export function connection({ bootstrap, security }: Target): string[] {
  if (security === undefined) return ['-b', bootstrap]
  const { mechanism, username, password, ca } = security
  const settings = [
    'security.protocol=SASL_SSL',
    `sasl.mechanisms=${mechanism}`,
    `sasl.username=${username}`,
    `sasl.password=${password}`,
    `ssl.ca.location=${ca}`,
  ]
  return ['-b', bootstrap, ...settings.flatMap(setting => ['-X', setting])]
}

function member(target: Target, topic: string, group: string): Member {
  const settings = ['auto.offset.reset=earliest', 'heartbeat.interval.ms=300', 'session.timeout.ms=6000']
  const child = launch({
    command: 'kcat',
    args: [
      ...connection(target),
      ...settings.flatMap(setting => ['-X', setting]),
      ...['-u', '-f', '%s\\n', '-G', group, topic],
    ],
  })
  let assigned: readonly number[] | undefined
  let isOver = false
  let out = ''
  let err = ''
  child.stdout?.on('data', chunk => {
    out += chunk
  })
  child.stderr?.on('data', chunk => {
    err += chunk
    const [last] = [...err.matchAll(/rebalanced \(memberid [^)]*\): assigned: (.*)\n/g)].reverse()
    if (last?.[1] !== undefined)
      assigned = [...last[1].matchAll(/\[(\d+)\]/g)].map(([, n]) => Number(n)).sort()
  })
  child.once('close', () => {
    isOver = true
  })
  return {
    assigned: () => assigned,
    values: () => out.split('\n').slice(0, -1),
    async leave() {
      child.kill('SIGTERM')
      await until('kcat leaves', () => isOver || undefined)
    },
  }
}

function parsed(bytes: Buffer): ReadRow[] {
  const rows: ReadRow[] = []
  for (let at = 0; at < bytes.length; ) {
    const words: string[] = []
    while (words.length < 5) {
      const end = bytes.indexOf(' ', at)
      words.push(bytes.toString('latin1', at, end))
      at = end + 1
    }
    const [topic = '', partition, offset, keyLength, valueLength] = words
    const take = (length: number): string | null => {
      if (length < 0) return null
      at += length
      return bytes.toString('base64', at - length, at)
    }
    const key = take(Number(keyLength))
    const value = take(Number(valueLength))
    const end = bytes.indexOf(NEWLINE, at)
    rows.push({
      ...{ topic, partition: Number(partition), offset: Number(offset), key, value },
      headers: headersOf(bytes.toString('latin1', at, end)),
    })
    at = end + 1
  }
  return rows
}

function headersOf(line: string): Row['headers'] {
  if (line === '') return []
  return line.split(',').map(one => {
    const [name = '', value = ''] = one.split('=', 2)
    return [name, Buffer.from(value, 'latin1').toString('base64')] as const
  })
}

function text(base64: string | null | undefined): string {
  return Buffer.from(base64 ?? '', 'base64').toString()
}
