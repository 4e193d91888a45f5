// What the commands have in common that serve something: where they listen, whom they serve, and how they end.

import { timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { CallError, type Declarations, type Server, serve } from '../../../rpc/index.ts'
import { errorCodeOf, parseAddress, type TlsServerOptions } from '../../../transport/index.ts'
import type { World } from '../../../world/index.ts'
import { CommandError, type ExitName } from '../../exit.ts'
import type { Output } from '../../output/output.ts'
import { callFailure } from './failure.ts'

/** Where and for whom something is served. */
export const listenerOptions = {
  listen: {
    type: 'string',
    short: 'l',
    repeated: true,
    valueName: 'address',
    summary: 'Listen there: tcp://, tls://, ipc://, ws://, wss://; default tcp://127.0.0.1:*, a free port',
  },
  credential: {
    type: 'string',
    env: 'POSTHORN_RPC_CREDENTIAL',
    summary: 'Serve only who gives this; better in the environment than on the command line',
  },
  cert: { type: 'string', valueName: 'file', summary: 'TLS: our certificate' },
  key: {
    type: 'string',
    valueName: 'file',
    summary: "TLS: our certificate's key; default: in the file of the certificate",
  },
  clientCa: {
    type: 'string',
    valueName: 'file',
    summary: 'TLS: serve only clients with a certificate of these authorities',
  },
} as const

export const listenerColumns = {
  addresses: { type: 'json', summary: 'Where it listens, with the real ports' },
} as const

interface ListenerSettings {
  readonly options: {
    readonly listen: readonly string[]
    readonly credential: string | undefined
    readonly cert: string | undefined
    readonly key: string | undefined
    readonly clientCa: string | undefined
  }
  readonly output: Output<typeof listenerColumns>
  readonly signal: AbortSignal
  readonly world: World
}

/** What goes with what is served: ends before it, and may have addresses of its own. */
export interface Companion extends AsyncDisposable {
  readonly addresses?: readonly string[]
}

interface Serving {
  /** What it is called for people. */
  readonly name: string
  readonly methods?: Declarations
  /** Where it listens, when nobody says; default a free port of loopback. */
  readonly places?: readonly string[]
  /** Run one after the other when it listens. */
  readonly companions?: readonly ((server: Server, tls: Tls | undefined) => Promise<Companion>)[]
}

export type Tls = Pick<TlsServerOptions, 'clientCertificate'> & {
  readonly cert: Buffer
  readonly key: Buffer
  readonly ca?: Buffer
}

/** Serves until the signal: says where, waits, answers what runs, and ends. */
export async function serveUntil(
  settings: ListenerSettings,
  implementation: object,
  serving: Serving,
): Promise<number> {
  const { options, output, signal, world } = settings
  const { name, methods = {}, places = ['tcp://127.0.0.1:*'], companions = [] } = serving
  const { credential } = options
  const tls = tlsOf(options)
  const began: Companion[] = []
  try {
    await using server = await serve(implementation, options.listen.length === 0 ? places : options.listen, {
      methods,
      ...(credential !== undefined && { admit: given => admitted(given, credential) }),
      ...(tls && { tls }),
      world,
      onFault: (title, error) => output.note(`${title}: ${textOf(error)}`),
    })
    try {
      for (const begin of companions) began.push(await begin(server, tls))
      await announce(settings, name, [...server.addresses, ...began.flatMap(one => one.addresses ?? [])])
      await aborted(signal)
    } finally {
      // A name is given back before its server goes.
      for (const companion of began.reverse()) await companion[Symbol.asyncDispose]()
    }
  } catch (error) {
    throw listenFailure(error) ?? callFailure(error)
  }
  return 0
}

async function announce(
  { options, output }: ListenerSettings,
  name: string,
  addresses: readonly string[],
): Promise<void> {
  if (options.credential === undefined && options.clientCa === undefined && addresses.some(isOpen))
    output.warn('whoever reaches this address can call every method: give --credential or --client-ca')
  if (output.format === 'json' || output.format === 'jsonl') await output.text(JSON.stringify({ addresses }))
  else await output.record({ addresses }, { text: `${name} at ${addresses.join(' and ')}` })
}

function tlsOf({ cert, key, clientCa }: ListenerSettings['options']): Tls | undefined {
  if (cert === undefined) {
    if (key === undefined && clientCa === undefined) return undefined
    throw new CommandError('usage', '--key and --client-ca go with --cert')
  }
  return {
    cert: readFileSync(cert),
    key: readFileSync(key ?? cert),
    ...(clientCa !== undefined && { ca: readFileSync(clientCa), clientCertificate: 'required' as const }),
  }
}

/** What keeps an address from being listened at. */
const listenCodes: Readonly<Record<string, readonly [ExitName, string]>> = {
  EADDRINUSE: ['tryAgain', 'stop the other program, or choose another port'],
  EADDRNOTAVAIL: ['usage', 'choose an address that this machine has, such as 127.0.0.1'],
  EINVAL: ['usage', 'give tls:// and wss:// addresses a certificate: --cert'],
}

function listenFailure(error: unknown): CommandError | undefined {
  const [exit, next] = listenCodes[errorCodeOf(error) ?? ''] ?? []
  return exit === undefined ? undefined : new CommandError(exit, textOf(error), next, error)
}

/** Compared in a time that does not tell how much of it was right. */
function admitted(given: string, wanted: string): void {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)]
  if (one.length !== other.length || !timingSafeEqual(one, other))
    throw new CallError('CALL_REFUSED', given === '' ? 'a credential is needed' : 'the credential is wrong')
}

/** Whether other machines reach it. */
function isOpen(place: string): boolean {
  const address = parseAddress(place.replace(/^grpc /, ''))
  if (!('host' in address)) return false
  return !/^(127\.|localhost$|::1$)/.test(address.host)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
