// The options by which every command reaches an AMQP broker, and what they mean. A password may stand in the URL, as all
// AMQP clients have it; other users of the machine can read a command line, so there are a file and a variable for it too.

import { readFileSync } from 'node:fs'
import type { Context } from '../command.ts'
import { CommandError } from '../exit.ts'
import { holdProcess } from '../kafka/alive.ts'
import type { OptionSpecs, OptionValues } from '../option.ts'
import { addressText, reach } from '../reach.ts'
import type { Channel } from './channel.ts'
import { Connection } from './connection.ts'
import { limits } from './limits.ts'
import { type AmqpUrl, parseAmqpUrl } from './url.ts'

export const amqpOptions = {
  url: {
    type: 'string',
    short: 'u',
    valueName: 'amqp[s]://...',
    env: 'POSTHORN_AMQP_URL',
    default: 'amqp://127.0.0.1:5672/%2F',
    summary: 'Broker and virtual host, user and password (guest unless given)',
  },
  vhost: { type: 'string', valueName: 'name', summary: 'Virtual host, in place of that of the URL' },
  ca: {
    type: 'string',
    valueName: 'file',
    env: 'POSTHORN_AMQP_CA',
    summary: 'Trust the authorities in this PEM file',
  },
  insecure: { type: 'boolean', summary: 'Take any certificate: for tests only' },
  user: {
    type: 'string',
    env: 'POSTHORN_AMQP_USER',
    summary: 'Log in as this user, in place of that of the URL',
  },
  passwordFile: {
    type: 'string',
    valueName: 'file',
    summary: 'Read the password from this file (otherwise from POSTHORN_AMQP_PASSWORD, or the URL)',
  },
  heartbeat: { type: 'duration', default: '60s', summary: 'Ask for heartbeats this far apart; 0 for none' },
  timeout: {
    type: 'duration',
    default: '30s',
    summary: 'Give up when an answer has not come after this long',
  },
} as const satisfies OptionSpecs

export type AmqpContext = Pick<Context, 'env' | 'world' | 'signal'> & {
  readonly options: OptionValues<typeof amqpOptions>
}

/** A broker and who asks it. */
export interface AmqpTarget extends AmqpUrl {
  readonly user: string
  readonly password: string
}

const GUEST = 'guest'
const HINT = 'is the broker running there? name another with --url amqp://host:port/vhost'

/** What the options say. Throws CommandError (usage, config). */
export function amqpTarget({ options, env }: Pick<AmqpContext, 'options' | 'env'>): AmqpTarget {
  const url = parseAmqpUrl(options.url)
  const user = options.user ?? url.user ?? GUEST
  const own = user === url.user ? url.password : undefined
  const password =
    options.passwordFile === undefined
      ? (env.POSTHORN_AMQP_PASSWORD ?? own)
      : fileText(options.passwordFile, '--password-file')
  if (password === undefined && user !== GUEST)
    throw new CommandError(
      'usage',
      `there is no password for user ${user}: give --password-file, or set POSTHORN_AMQP_PASSWORD`,
    )
  return { ...url, vhost: options.vhost ?? url.vhost, user, password: password ?? GUEST }
}

/** Connects and shakes hands. Errors: ConnectionFault, AmqpFault, CommandError; the signal's reason. */
export async function connectAmqp(context: AmqpContext): Promise<Connection> {
  const { options, world, signal } = context
  const target = amqpTarget(context)
  const { host, port, user, password, vhost } = target
  const { ca, insecure } = options
  const tls = target.tls ? { ...(ca !== undefined && { ca: fileBytes(ca, '--ca') }), insecure } : undefined
  const { connectMs } = limits
  const stream = await reach({ host, port }, { world, signal, connectMs, hint: HINT, ...(tls && { tls }) })
  const heartbeat = Math.ceil(options.heartbeat / 1000)
  const name = addressText({ host, port })
  return Connection.open(stream, {
    name,
    world,
    timeoutMs: options.timeout,
    user,
    password,
    vhost,
    heartbeat,
  })
}

/** What a command does with its connection. */
export interface Session {
  readonly connection: Connection
  readonly channel: Channel
  /** From now on the signal ends nothing here: for commands that wind down properly. */
  outliveSignal(): void
}

/** Runs `use` with a connection and a channel, and closes them, however that ends; the signal ends them at once. */
export async function withAmqp<T>(context: AmqpContext, use: (session: Session) => Promise<T>): Promise<T> {
  const { signal } = context
  const release = holdProcess()
  try {
    const connection = await connectAmqp(context)
    const abort = (): void => connection.abort(asError(signal.reason))
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    const outliveSignal = (): void => signal.removeEventListener('abort', abort)
    try {
      return await use({ connection, channel: await connection.channel(), outliveSignal })
    } finally {
      outliveSignal()
      await connection.close()
    }
  } finally {
    release()
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}

function fileText(path: string, flag: string): string {
  return fileBytes(path, flag)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}

function fileBytes(path: string, flag: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new CommandError('config', `${flag} cannot be read: ${message}`, undefined, error)
  }
}
