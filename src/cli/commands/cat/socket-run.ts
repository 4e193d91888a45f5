// `posthorn cat` with an endpoint of ZeroMQ or nanomsg: which of the shared options hold, and what they mean there.

import { readFileSync } from 'node:fs'
import type { Context } from '../../command.ts'
import { CommandError } from '../../exit.ts'
import type { ArgumentSpec } from '../../option.ts'
import { isForPeople } from '../../output/format.ts'
import { printRaw, printRows } from './consume.ts'
import { unescaped } from './escapes.ts'
import { parseFormat } from './format.ts'
import type { catOptions } from './options.ts'
import type { CatRecord, recordColumns } from './row.ts'
import type { CatSocket, SocketPart, SocketPattern } from './socket.ts'
import { type SocketMessage, type Talk, talk } from './socket-talk.ts'
import { parseSocketTarget, type SocketEndpoint, type SocketTarget } from './socket-target.ts'
import { splitAt } from './split-at.ts'
import { records } from './splitter.ts'

type CatContext = Context<
  typeof catOptions,
  readonly (ArgumentSpec & { name: 'url'; required: true })[],
  typeof recordColumns
>

/** Options that mean nothing to a socket: refused, not ignored. */
const foreign = [
  'brokers',
  'tls',
  'mechanism',
  'partition',
  'from',
  'exit',
  'group',
  'uncommitted',
  'header',
  'codec',
  'null',
  'property',
] as const
/** What stands between the parts of a message when it is printed, unless it is said. */
const PARTS_DELIMITER = '\\t'

/** Sends and receives as the pattern has it. Errors: CommandError; those of the socket. */
export async function catSocket(context: CatContext): Promise<void> {
  const { options, origins, output, signal } = context
  const target = parseSocketTarget(context.arguments.url)
  const pattern = await patternOf(target)
  checkOptions(context, target, pattern)
  const format = parseFormat(origins.format === 'flag' ? options.format : '%m\\n', {
    partsDelimiter: unescaped(options.keyDelimiter ?? PARTS_DELIMITER),
  })
  const socket = openSocket(context, pattern)
  const halt = (): void => socket.abort()
  signal.addEventListener('abort', halt, { once: true })
  let sent = 0
  try {
    for (const endpoint of target.endpoints) await attach(socket, endpoint)
    const task = taskOf(context, socket, pattern, () => sent++)
    const received = recordsOf(talk(task), context.arguments.url, context)
    await (isForPeople(output.format) ? printRaw(received, format, output) : printRows(received, output))
    await socket.close()
  } catch (error) {
    if (!signal.aborted) throw understood(error)
  } finally {
    signal.removeEventListener('abort', halt)
    socket.abort()
  }
  if (sent > 0) output.note(`sent ${sent} ${sent === 1 ? 'message' : 'messages'}`)
}

async function patternOf({ family, pattern: name }: SocketTarget): Promise<SocketPattern> {
  const patterns =
    family === 'zmq' ? (await import('./zmq.ts')).zmqPatterns : (await import('./sp.ts')).spPatterns
  const pattern = Object.hasOwn(patterns, name) ? patterns[name] : undefined
  if (pattern !== undefined) return pattern
  const known = Object.keys(patterns).join(', ')
  throw new CommandError('usage', `${family} has no pattern '${name}': it has ${known}`)
}

function checkOptions(
  { options, origins }: CatContext,
  { family, pattern: name, endpoints }: SocketTarget,
  { part, subscribes, isMultipart }: SocketPattern,
): void {
  const refuse = (text: string): never => {
    throw new CommandError('usage', text)
  }
  const given = foreign.find(key => origins[key] === 'flag')
  if (given !== undefined) refuse(`--${given} is not for sockets`)
  if (options.subscribe.length > 0 && subscribes !== true)
    refuse(`--subscribe goes with sub and dish, not ${name}`)
  if (name === 'dish' && options.subscribe.length === 0)
    refuse('a dish hears nothing: name a group with --subscribe')
  if (options.produce && (part === 'receives' || part === 'answers')) refuse(`${name} does not produce`)
  if (options.consume && (part === 'sends' || part === 'asks')) refuse(`${name} does not consume`)
  if (!isMultipart && options.keyDelimiter !== undefined)
    refuse(`a message of ${name} has one part: no --key-delimiter`)
  const isZmqClient = family === 'zmq' && endpoints.every(({ how }) => how === 'connect')
  for (const key of ['user', 'serverKey'] as const)
    if (origins[key] === 'flag' && !isZmqClient)
      refuse(`--${key === 'user' ? 'user' : 'server-key'} is for connecting with ZeroMQ`)
}

function openSocket({ options, origins, env, output }: CatContext, pattern: SocketPattern): CatSocket {
  const { subscribe, timeout, insecure, serverKey, user, passwordFile } = options
  const login =
    user === undefined || origins.user !== 'flag'
      ? undefined
      : {
          user,
          password: passwordFile === undefined ? (env.POSTHORN_ZMQ_PASSWORD ?? '') : lineIn(passwordFile),
        }
  const ca = origins.ca === 'flag' && options.ca !== undefined ? readFileSync(options.ca, 'utf8') : undefined
  return pattern.open({
    subscriptions: subscribe.length > 0 ? subscribe.map(unescaped) : [''],
    timeoutMs: origins.timeout === 'flag' ? timeout : undefined,
    ca,
    insecure,
    login,
    serverKey,
    warn: line => output.warn(line),
  })
}

function lineIn(file: string): string {
  return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
}

async function attach(socket: CatSocket, { how, address }: SocketEndpoint): Promise<void> {
  try {
    await (how === 'bind' ? socket.bind(address) : socket.connect(address))
  } catch (error) {
    const { message, code } = error as Error & { readonly code?: unknown }
    const isTheirs = ['EADDRINUSE', 'EADDRNOTAVAIL', 'ENODEV', 'ENOENT'].includes(String(code))
    const exit = code === 'EACCES' ? 'noPermission' : isTheirs ? 'unreachable' : 'usage'
    throw new CommandError(exit, `cannot ${how} ${address}: ${message}`, undefined, error)
  }
}

function taskOf(context: CatContext, socket: CatSocket, { part }: SocketPattern, onSent: () => void): Talk {
  const { options, stdin, signal, tty } = context
  const { count = Number.POSITIVE_INFINITY, consume, produce, delimiter, keyDelimiter } = options
  const halves = produce ? 'send' : consume || (tty.stdin && part === 'both') ? 'receive' : 'both'
  const isEcho = part === 'answers' && tty.stdin
  const stopped = new AbortController()
  const source = records(stdin, unescaped(delimiter), AbortSignal.any([signal, stopped.signal]))
  const messages = isEcho || !hasOutput(part, halves) ? undefined : partsOf(source, keyDelimiter)
  return { socket, part, halves, messages, count, onSent, stop: () => stopped.abort() }
}

/** Standard input is not touched where nothing is sent. */
function hasOutput(part: SocketPart, halves: Talk['halves']): boolean {
  return part !== 'receives' && !(part === 'both' && halves === 'receive')
}

async function* partsOf(
  source: AsyncIterable<Buffer>,
  keyDelimiter: string | undefined,
): AsyncGenerator<SocketMessage> {
  const between = keyDelimiter === undefined ? undefined : unescaped(keyDelimiter)
  if (between?.length === 0) throw new CommandError('usage', '--key-delimiter must not be empty')
  for await (const record of source) yield between === undefined ? [record] : splitAt(record, between)
}

/** A message as a record: the first of several parts is its key, the last its value. */
async function* recordsOf(
  batches: AsyncIterable<readonly SocketMessage[]>,
  topic: string,
  { world }: CatContext,
): AsyncGenerator<readonly CatRecord[]> {
  for await (const batch of batches) {
    const timestamp = world.now()
    yield batch.map(parts => ({
      ...{ topic, partition: 0, offset: -1, timestamp, headers: [], parts },
      key: parts.length > 1 ? (parts[0] ?? null) : null,
      value: parts.at(-1) ?? null,
    }))
  }
}

/** Failures of a socket by the exit that scripts know. */
function understood(error: unknown): unknown {
  if (error instanceof CommandError || !(error instanceof Error) || !('code' in error)) return error
  if (error.code === 'EAGAIN' || error.code === 'ETIMEDOUT')
    return new CommandError('tryAgain', 'nothing could be sent or received for --timeout', undefined, error)
  if (error.code === 'EHOSTUNREACH')
    return new CommandError('unreachable', 'no peer has this routing id', undefined, error)
  return error
}
