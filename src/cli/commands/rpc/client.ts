// What all commands have that call a server of `serve`: where it is, who calls, and how long is waited.

import { readFileSync } from 'node:fs'
import {
  type AddressSource,
  type Connected,
  type ConnectOptions,
  connect,
  named,
  type Registry,
  type Remote,
} from '../../../rpc/index.ts'
import type { World } from '../../../world/index.ts'
import { CommandError } from '../../exit.ts'
import { callFailure } from './failure.ts'

/** The argument of all of them. */
export const addressArgument = {
  name: 'address',
  summary: 'Where the server is: tcp://host:port, ipc:///file, tls://, ws://, wss://; a name with --registry',
  required: true,
} as const

/** How a server is reached. */
export const clientOptions = {
  registry: {
    type: 'string',
    valueName: 'address',
    env: 'POSTHORN_RPC_REGISTRY',
    summary: 'ADDRESS is a name that this registry knows',
  },
  credential: {
    type: 'string',
    env: 'POSTHORN_RPC_CREDENTIAL',
    summary: 'Who calls, as the server asks for it; better in the environment than on the command line',
  },
  timeout: { type: 'duration', short: 't', default: '30s', summary: 'Wait so long for an answer' },
  ca: {
    type: 'string',
    valueName: 'file',
    summary: "TLS: authorities that the server's certificate is checked against",
  },
  cert: { type: 'string', valueName: 'file', summary: 'TLS: our certificate' },
  key: { type: 'string', valueName: 'file', summary: "TLS: our certificate's key" },
  insecure: { type: 'boolean', short: 'k', summary: "TLS: don't check the server's certificate" },
} as const

interface ClientSettings {
  readonly options: {
    readonly registry: string | undefined
    readonly credential: string | undefined
    readonly timeout: number
    readonly ca: string | undefined
    readonly cert: string | undefined
    readonly key: string | undefined
    readonly insecure: boolean
  }
  readonly signal: AbortSignal
  readonly world: World
}

/** Connects, runs, and closes, whatever comes of it. Errors: CommandError, and what `run` throws. */
export async function withServer<Api, T>(
  settings: ClientSettings,
  address: string,
  run: (server: Connected<Api>) => Promise<T>,
  more: ConnectOptions = {},
): Promise<T> {
  const { options, world } = settings
  const { registry, credential = '', timeout: timeoutMs } = options
  const common = { ...more, world, timeoutMs, tls: tlsOf(options) }
  try {
    if (registry === undefined) {
      await using server = await reached<Api>(settings, address, { ...common, credential })
      return await run(server)
    }
    await using names = await reached<Registry>(settings, registry, common)
    const place = named(names as Remote<Registry>, address, { world })
    await using server = await reached<Api>(settings, place, { ...common, credential })
    return await run(server)
  } catch (error) {
    throw callFailure(error)
  }
}

/** Connects, in the time that a call has. Afterwards lost connections are made anew without that limit. */
async function reached<Api>(
  { options, signal, world }: ClientSettings,
  place: string | AddressSource,
  how: ConnectOptions,
): Promise<Connected<Api>> {
  const late = new AbortController()
  const where = typeof place === 'string' ? place : 'the name'
  const timer = world.after(options.timeout, () =>
    late.abort(
      new CommandError('tryAgain', `${where} did not take a connection within ${options.timeout} ms`),
    ),
  )
  try {
    return await connect<Api>(place, { ...how, signal: AbortSignal.any([signal, late.signal]) })
  } catch (error) {
    if (late.signal.aborted) throw late.signal.reason
    signal.throwIfAborted()
    throw error
  } finally {
    timer.cancel()
  }
}

function tlsOf({ ca, cert, key, insecure }: ClientSettings['options']) {
  return {
    insecure,
    ...(ca !== undefined && { ca: readFileSync(ca) }),
    ...(cert !== undefined && { cert: readFileSync(cert) }),
    ...((key ?? cert) !== undefined && { key: readFileSync(key ?? cert ?? '') }),
  }
}
