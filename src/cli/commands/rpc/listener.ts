// What the commands have in common that serve something: where they listen, whom they serve, and how they end.

import { timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { CallError, type ServeOptions, type Server, serve } from '../../../rpc/index.ts'
import { parseAddress } from '../../../transport/index.ts'
import type { World } from '../../../world/index.ts'
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

/**
 * Serves until the signal: says where, waits, answers what runs, and ends. `began` runs when it listens, and what it gives
 * before the end.
 */
export async function serveUntil(
  { options, output, signal, world }: ListenerSettings,
  implementation: object,
  more: ServeOptions & { readonly name: string; began?(server: Server): Promise<AsyncDisposable> },
): Promise<number> {
  const { name, began, ...rest } = more
  const places = options.listen.length === 0 ? ['tcp://127.0.0.1:*'] : options.listen
  try {
    await using server = await serve(implementation, places, {
      ...rest,
      ...settingsOf(options),
      world,
      onFault: (title, error) =>
        output.note(`${title}: ${error instanceof Error ? error.message : String(error)}`),
    })
    await using _registration = await began?.(server)
    if (options.credential === undefined && options.clientCa === undefined && places.some(isOpen))
      output.warn('whoever reaches this address can call every method: give --credential or --client-ca')
    const { addresses } = server
    if (output.format === 'json' || output.format === 'jsonl')
      await output.text(JSON.stringify({ addresses }))
    else await output.record({ addresses }, { text: `${name} at ${addresses.join(' ')}` })
    await aborted(signal)
  } catch (error) {
    throw callFailure(error)
  }
  return 0
}

function settingsOf({ credential, cert, key, clientCa }: ListenerSettings['options']): ServeOptions {
  return {
    ...(credential !== undefined && { admit: given => admitted(given, credential) }),
    ...(cert !== undefined && {
      tls: {
        cert: readFileSync(cert),
        key: readFileSync(key ?? cert),
        ...(clientCa !== undefined && { ca: readFileSync(clientCa), clientCertificate: 'required' as const }),
      },
    }),
  }
}

/** Compared in a time that does not tell how much of it was right. */
function admitted(given: string, wanted: string): void {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)]
  if (one.length !== other.length || !timingSafeEqual(one, other))
    throw new CallError('CALL_REFUSED', given === '' ? 'a credential is needed' : 'the credential is wrong')
}

/** Whether other machines reach it. */
function isOpen(place: string): boolean {
  const address = parseAddress(place)
  if (!('host' in address)) return false
  return !/^(127\.|localhost$|::1$)/.test(address.host)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
