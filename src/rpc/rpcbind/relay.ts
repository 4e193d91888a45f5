// Calls that rpcbind passes on to programs of its machine (CALLIT, BCAST, INDIRECT), so that a broadcast reaches programs whose
// ports nobody knows. To the program such a call seems to come from the machine itself, so by default only procedure 0 is
// passed on, which does nothing but answer.

import { errorCodeOf, formatAddress } from '../../transport/index.ts'
import { OncError } from '../onc/errors.ts'
import { openOnc } from '../onc/open.ts'
import { plainKind, xdrType } from '../xdr/type.ts'
import { rpcbindLimits } from './limits.ts'
import { type RelayedCall, RPCBIND_PROGRAM } from './programs.ts'
import { parseUniversalAddress } from './universal-address.ts'

/** All that is left of the message, as it is. */
const rest = xdrType<Buffer>(
  plainKind('rest', {
    read: from => from.take(from.remaining),
    write: (to, value) => to.raw(value),
  }),
)

export class Relay {
  readonly #isAllowed: (call: RelayedCall) => boolean
  #running = 0

  constructor(isAllowed: (call: RelayedCall) => boolean = call => call.procedure === 0) {
    this.#isAllowed = isAllowed
  }

  /** Nobody gets registrations in by this: to rpcbind itself they would seem to come from its own machine. */
  isAllowed(call: RelayedCall): boolean {
    return (call.program !== RPCBIND_PROGRAM || call.procedure === 0) && this.#isAllowed(call)
  }

  /** Calls the program at its universal address, by UDP. Undefined when that failed, or too many calls run. */
  async pass(call: RelayedCall, address: string, signal: AbortSignal): Promise<Buffer | undefined> {
    const place = parseUniversalAddress(address)
    if (place === undefined || this.#running >= rpcbindLimits.relaysMax) return undefined
    this.#running++
    try {
      await using connection = await openOnc(
        { scheme: 'udp', host: localHost(place.host), port: place.port },
        { signal, timeoutMs: rpcbindLimits.relayMs },
      )
      const { program, version, procedure: number } = call
      const name = `program ${program} at ${formatAddress({ scheme: 'udp', ...place })}`
      const procedures = { relayed: { number, argument: rest, result: rest } }
      return await connection
        .client({ name, program, version, procedures })
        .relayed(Buffer.from(call.argument), { signal })
    } catch (error) {
      // Whatever the program or the way to it did: the caller hears nothing, or only that it failed.
      if (error instanceof OncError || errorCodeOf(error) !== undefined || signal.aborted) return undefined
      throw error
    } finally {
      this.#running--
    }
  }
}

function localHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  return host === '::' ? '::1' : host
}
