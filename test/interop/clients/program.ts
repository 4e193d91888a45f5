// A client that is a program of another language: it takes what to do as one JSON argument, records as JSON lines on
// stdin, and answers with JSON lines. A member of a group runs until its stdin ends.

import { createInterface } from 'node:readline'
import type { Client, Codec, Member, ReadRow, Row, Step, Target, TransactionNames } from '../client.ts'
import { launch, succeed } from '../processes.ts'
import { until } from '../report.ts'

export interface ProgramSettings {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly codecs: readonly Codec[]
  /** Whether it has transactions. */
  readonly transactions: boolean
  /** Whether it has an admin client. */
  readonly admin?: boolean
  /** More fields for every order, such as the group protocol. */
  readonly more?: Readonly<Record<string, unknown>>
}

interface Event {
  readonly assigned?: readonly number[]
  readonly value?: string
}

export function programClient(settings: ProgramSettings): Client {
  const order = (target: Target, rest: object) => ({
    command: settings.command,
    args: [...settings.args, JSON.stringify({ ...target, ...settings.more, ...rest })],
  })
  const ask = async <T>(target: Target, rest: object, input = ''): Promise<T[]> =>
    lines<T>((await succeed({ ...order(target, rest), input })).stdout.toString())
  return {
    name: settings.name,
    codecs: settings.codecs,
    free: true,
    async produce(target, topic, codec, rows, idempotent = false) {
      await ask(target, { do: 'produce', topic, codec, idempotent }, jsonLines(rows))
    },
    consume: (target, topics, count, committed = false) =>
      ask<ReadRow>(target, { do: 'consume', topics, count, committed }),
    member: (target, topic, group) => member(order(target, { do: 'member', topic, group })),
    ...(settings.transactions && {
      async transact(target: Target, names: TransactionNames) {
        await ask(target, { do: 'transact', ...names })
      },
    }),
    ...(settings.admin !== false && {
      administer: (target: Target) => ask<Step>(target, { do: 'administer' }),
    }),
  }
}

function member(program: { readonly command: string; readonly args: readonly string[] }): Member {
  const child = launch(program)
  const values: string[] = []
  let assigned: readonly number[] | undefined
  let said = ''
  let ended = false
  child.stderr?.on('data', chunk => {
    said = (said + chunk).slice(-1000)
  })
  child.once('close', () => {
    ended = true
  })
  if (child.stdout !== null)
    createInterface(child.stdout).on('line', line => {
      const event = JSON.parse(line) as Event
      if (event.assigned !== undefined) assigned = event.assigned
      if (event.value !== undefined) values.push(Buffer.from(event.value, 'base64').toString())
    })
  return {
    assigned() {
      if (ended) throw new Error(`the member ended: ${said}`)
      return assigned
    },
    values: () => values,
    async leave() {
      child.stdin?.end('\n')
      await until('the member ends', () => ended || undefined)
    },
  }
}

function jsonLines(rows: readonly Row[]): string {
  return rows.map(row => `${JSON.stringify(row)}\n`).join('')
}

function lines<T>(text: string): T[] {
  return text
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as T)
}
