// The options by which every command reaches a Kafka cluster, and what they mean. A password is never taken from the
// command line, where any other user of the machine could read it.

import { readFileSync } from 'node:fs'
import type { Context } from '../command.ts'
import { CommandError } from '../exit.ts'
import type { OptionSpecs, OptionValues } from '../option.ts'
import { type Client, type ClientSettings, connect } from './client.ts'
import type { Address, TlsSettings } from './dial.ts'
import { mechanisms, type SaslSettings } from './login.ts'

export const connectionOptions = {
  brokers: {
    type: 'string',
    short: 'b',
    valueName: 'host:port,...',
    env: 'POSTHORN_KAFKA_BROKERS',
    default: '127.0.0.1:9092',
    summary: 'Brokers to ask first; they name the others',
  },
  tls: { type: 'boolean', env: 'POSTHORN_KAFKA_TLS', summary: 'Connect with TLS' },
  ca: {
    type: 'string',
    valueName: 'file',
    env: 'POSTHORN_KAFKA_CA',
    summary: 'Trust the authorities in this PEM file (implies --tls)',
  },
  insecure: { type: 'boolean', summary: 'Take any certificate (implies --tls): for tests only' },
  user: { type: 'string', env: 'POSTHORN_KAFKA_USER', summary: 'Log in as this user' },
  passwordFile: {
    type: 'string',
    valueName: 'file',
    summary: 'Read the password from this file (otherwise from POSTHORN_KAFKA_PASSWORD)',
  },
  mechanism: {
    type: 'choice',
    choices: mechanisms,
    default: 'SCRAM-SHA-512',
    env: 'POSTHORN_KAFKA_MECHANISM',
    summary: 'How to log in (SASL)',
  },
  timeout: {
    type: 'duration',
    default: '30s',
    summary: 'Give up when a request has not succeeded after this long',
  },
} as const satisfies OptionSpecs

const KAFKA_PORT = 9092
const PORT_MAX = 65_535

type ConnectionContext = Pick<Context, 'env' | 'world' | 'signal'> & {
  readonly options: OptionValues<typeof connectionOptions>
}

/** Runs `use` with a connected client and closes it, however that ends. */
export async function withClient<T>(
  context: ConnectionContext,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await connect(settingsOf(context))
  try {
    return await use(client)
  } finally {
    await client.close()
  }
}

/** What the options say. Throws CommandError (usage, config). */
export function settingsOf({ options, env, world, signal }: ConnectionContext): ClientSettings {
  const { brokers, ca, insecure, timeout } = options
  const tls: TlsSettings = { ...(ca !== undefined && { ca: contentOf(ca, '--ca') }), insecure }
  const sasl = saslOf(options, env)
  return {
    bootstrap: parseBrokers(brokers),
    world,
    signal,
    timeoutMs: timeout,
    ...((options.tls || insecure || ca !== undefined) && { tls }),
    ...(sasl && { sasl }),
  }
}

/** Addresses of `host:port,host:port`; the port is 9092 unless given. Throws CommandError (usage). */
export function parseBrokers(text: string): Address[] {
  const addresses = text
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
    .map(parseAddress)
  if (addresses.length === 0)
    throw new CommandError('usage', '--brokers names no broker', '--brokers 127.0.0.1:9092')
  return addresses
}

function parseAddress(text: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:/@\s]+))(?::(\d+))?$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = match?.[3] === undefined ? KAFKA_PORT : Number(match[3])
  if (host === undefined || port < 1 || port > PORT_MAX)
    throw new CommandError('usage', `'${text}' is no broker address: write host:port, or [::1]:9092 for IPv6`)
  return { host, port }
}

function saslOf(
  { user, passwordFile, mechanism }: ConnectionContext['options'],
  env: ConnectionContext['env'],
): SaslSettings | undefined {
  if (user === undefined) return undefined
  const password =
    passwordFile === undefined
      ? env.POSTHORN_KAFKA_PASSWORD
      : contentOf(passwordFile, '--password-file')
          .toString('utf8')
          .replace(/\r?\n$/, '')
  if (password === undefined)
    throw new CommandError(
      'usage',
      `there is no password for user ${user}: give --password-file, or set POSTHORN_KAFKA_PASSWORD`,
    )
  return { mechanism, user, password }
}

function contentOf(path: string, flag: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new CommandError('config', `${flag} cannot be read: ${message}`, undefined, error)
  }
}
