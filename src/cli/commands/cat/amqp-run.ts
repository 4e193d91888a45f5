// `posthorn cat` with an AMQP URL: which of the shared options hold, and what they mean there.

import type { AmqpContext } from '../../amqp/options.ts'
import type { Context } from '../../command.ts'
import { CommandError } from '../../exit.ts'
import type { ArgumentSpec } from '../../option.ts'
import { parseAmqpTarget, read, write } from './amqp.ts'
import { parseFormat } from './format.ts'
import type { catOptions } from './options.ts'
import type { recordColumns } from './row.ts'

type CatContext = Context<
  typeof catOptions,
  readonly (ArgumentSpec & { name: 'url'; required: true })[],
  typeof recordColumns
>

/** Options that only mean something to Kafka: refused, not ignored. */
const foreign = [
  'brokers',
  'tls',
  'mechanism',
  'partition',
  'group',
  'uncommitted',
  'keyDelimiter',
  'codec',
  'null',
  'property',
] as const
const HEARTBEAT_MS = 60_000

/** Reads or writes, as `produces` says. Errors: CommandError. */
export async function catAmqp(context: CatContext, produces: boolean): Promise<void> {
  const { options, origins, output, stdin, env, world, signal } = context
  const { url } = context.arguments
  const given = foreign.find(key => origins[key] === 'flag')
  if (given !== undefined)
    throw new CommandError('usage', `--${given.replace(/[A-Z]/g, '-$&').toLowerCase()} is for Kafka only`)
  const { path: target } = parseAmqpTarget(url)
  const { ca, insecure, passwordFile, timeout, user } = options
  const own: AmqpContext = {
    env,
    world,
    signal,
    options: {
      url,
      vhost: undefined,
      ca: origins.ca === 'flag' ? ca : env.POSTHORN_AMQP_CA,
      insecure,
      user: origins.user === 'flag' ? user : env.POSTHORN_AMQP_USER,
      passwordFile,
      heartbeat: HEARTBEAT_MS,
      timeout,
    },
  }
  const name = target.to === 'queue' ? target.queue : `${target.exchange} with key '${target.routingKey}'`
  if (produces) {
    const { delimiter, header: headers } = options
    const count = await write(own, { target, delimiter, headers, stdin })
    output.note(`stored ${count} ${count === 1 ? 'message' : 'messages'} in ${name}`)
    return
  }
  const { from, count, exit: untilEnd } = options
  const format = parseFormat(options.format)
  const start = origins.from === 'flag' ? from : undefined
  await read(own, { target, from: start, count, untilEnd, format, output })
}
