// Whom rpcinfo asks, and how the command ends when that fails.

import { OncError, type OncErrorCode, type OncOpenOptions, type Rpcbind } from '../../../rpc/index.ts'
import { connectLocalRpcbind, connectRpcbind, localPlaces } from '../../../rpc/rpcbind/connect.ts'
import { ourself } from '../../../rpc/rpcbind/register.ts'
import { AddressError, errorCodeOf } from '../../../transport/index.ts'
import { CommandError, type ExitName } from '../../exit.ts'

/** What all modes of the command share. */
export interface Asking extends OncOpenOptions {
  /** Address of rpcbind, when it is not at port 111 of the host. */
  readonly rpcbind?: string
}

const exitOfCode: Readonly<Partial<Record<OncErrorCode, ExitName>>> = {
  RPC_NOT_REGISTERED: 'notFound',
  RPC_PROGRAM_UNAVAILABLE: 'notFound',
  RPC_PROGRAM_MISMATCH: 'notFound',
  RPC_PROCEDURE_UNAVAILABLE: 'notFound',
  RPC_AUTH_ERROR: 'noPermission',
  RPC_TIMEOUT: 'tryAgain',
  RPC_SYSTEM_ERROR: 'tryAgain',
}

/** The exit that a failed call or connection asks for; undefined for what nobody foresaw. */
export function exitOfFailure(error: unknown): ExitName | undefined {
  if (error instanceof AddressError) return 'usage'
  if (error instanceof OncError) return exitOfCode[error.code] ?? 'unreachable'
  return errorCodeOf(error) === undefined ? undefined : 'unreachable'
}

/** Asks rpcbind of a host, or of this machine. Errors: CommandError. */
export async function withRpcbind<T>(
  host: string | undefined,
  asking: Asking,
  ask: (rpcbind: Rpcbind) => Promise<T>,
): Promise<T> {
  const place = asking.rpcbind ?? (host === undefined ? undefined : `tcp://${bracketed(host)}:111`)
  try {
    const credential = ourself()
    await using rpcbind = await (place === undefined
      ? connectLocalRpcbind({ ...asking, credential })
      : connectRpcbind(place, asking))
    return await ask(rpcbind)
  } catch (error) {
    const exit = exitOfFailure(error)
    if (exit === undefined || !(error instanceof Error)) throw error
    const where = place ?? localPlaces.join(' or ')
    const isOurs = error instanceof OncError || error instanceof AddressError
    const message = isOurs ? error.message : `no rpcbind at ${where}: ${error.message}`
    throw new CommandError(exit, message, undefined, error)
  }
}

/** A host as an address has it. */
export function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
