// The calls of rpcbind (RFC 1833) over a connection that is there, in the best version that the other side has: 4, 3, or 2,
// which is all that an old portmapper knows. The version is found out by the first call.

import type { OncConnection } from '../onc/connection.ts'
import { OncError } from '../onc/errors.ts'
import type { ArgumentOf, CallOptions, Program, ResultOf } from '../program.ts'
import { netidOfNumber, type Protocol, protocolNumbers } from './netid.ts'
import {
  type AddressEntry,
  type Mapping,
  PORTMAP_V2,
  type Registration,
  RPCBIND_V3,
  RPCBIND_V4,
  type RpcbindStatistics,
} from './programs.ts'
import { parseUniversalAddress, universalAddress } from './universal-address.ts'

/** A version of a program: a descriptor is one, too. */
export interface ProgramVersion {
  readonly program: number
  readonly version: number
}

export interface LookUpOptions extends CallOptions {
  /** The transport of the program. Default: that of the connection to rpcbind. */
  readonly protocol?: Protocol
}

/** Where a call was passed on to, and what it gave. */
export interface Relayed<R> {
  /** Universal address of the program. */
  readonly address: string
  readonly result: R
}

type Version = 2 | 3 | 4
type Ways<T> = Readonly<Partial<Record<Version, () => Promise<T>>>>

/** Answers that say: ask in an older version. */
const olderCodes: readonly string[] = [
  'RPC_PROGRAM_MISMATCH',
  'RPC_PROGRAM_UNAVAILABLE',
  'RPC_PROCEDURE_UNAVAILABLE',
]

export class Rpcbind implements AsyncDisposable {
  readonly #connection: OncConnection
  readonly #protocol: Protocol
  /** The highest version that the other side may have. */
  #version: Version = 4

  /** `protocol` is what the connection goes over: look-ups in versions 3 and 4 are for that one. */
  constructor(connection: OncConnection, protocol: Protocol) {
    this.#connection = connection
    this.#protocol = protocol
  }

  /**
   * The universal address of a program, undefined when it is not registered. When only another version of the program is,
   * the address is that one's: calling there says which versions there are. Errors: OncError, the signal's reason.
   */
  async lookUp(
    wanted: ProgramVersion,
    { protocol = this.#protocol, ...options }: LookUpOptions = {},
  ): Promise<string | undefined> {
    const found =
      protocol === this.#protocol
        ? await this.#lookUpHere(wanted, protocol, options)
        : await this.#lookUpThere(wanted, protocol, options)
    return found === '' ? undefined : found
  }

  /** As `lookUp`, of exactly this version. From version 4 on. */
  async lookUpVersion(wanted: ProgramVersion, options: CallOptions = {}): Promise<string | undefined> {
    const found = await this.#ask({ 4: () => this.#v4.GETVERSADDR(query(wanted), options) })
    return found === '' ? undefined : found
  }

  /** All ways to exactly this version of a program. From version 4 on. */
  addresses(wanted: ProgramVersion, options: CallOptions = {}): Promise<readonly AddressEntry[]> {
    return this.#ask({ 4: () => this.#v4.GETADDRLIST(query(wanted), options) })
  }

  /** All that is registered. */
  list(options: CallOptions = {}): Promise<readonly Registration[]> {
    return this.#ask({
      4: () => this.#v4.DUMP(options),
      3: () => this.#v3.DUMP(options),
      2: async () => (await this.mappings(options)).flatMap(one => registrationOf(one)),
    })
  }

  /** What is registered for TCP and UDP over IPv4, as version 2 says it. */
  mappings(options: CallOptions = {}): Promise<readonly Mapping[]> {
    return this.#v2.DUMP(options)
  }

  /**
   * Registers a program: false when rpcbind refuses, mostly because another address is registered for it. Machines take
   * this only from themselves. Version 2 takes only `tcp` and `udp`.
   */
  register(registration: Registration, options: CallOptions = {}): Promise<boolean> {
    return this.#ask({
      4: () => this.#v4.SET(registration, options),
      3: () => this.#v3.SET(registration, options),
      2: async () => {
        const mapping = mappingOf(registration)
        return mapping !== undefined && this.#v2.SET(mapping, options)
      },
    })
  }

  /**
   * Takes a registration back, of all transports when `netid` is not given (version 2 does so always): false when there was
   * none, or it belongs to somebody else.
   */
  unregister(
    { program, version, netid = '' }: ProgramVersion & { readonly netid?: string },
    options: CallOptions = {},
  ): Promise<boolean> {
    const registration = { ...query({ program, version }), netid }
    return this.#ask({
      4: () => this.#v4.UNSET(registration, options),
      3: () => this.#v3.UNSET(registration, options),
      2: () => this.#v2.UNSET({ program, version, protocol: 0, port: 0 }, options),
    })
  }

  /** The clock of the machine: seconds since 1970. From version 3 on. */
  time(options: CallOptions = {}): Promise<number> {
    return this.#ask({ 4: () => this.#v4.GETTIME(options), 3: () => this.#v3.GETTIME(options) })
  }

  /** What was asked so far, in versions 2, 3 and 4. From version 4 on. */
  statistics(options: CallOptions = {}): Promise<readonly RpcbindStatistics[]> {
    return this.#ask({ 4: () => this.#v4.GETSTAT(options) })
  }

  /**
   * Has rpcbind call a procedure on its machine. Many refuse, or do so only for procedure 0. Before version 4 a call that
   * fails there has no answer and times out here.
   */
  async relay<G extends Program, K extends keyof G['procedures'] & string>(
    { program, version, procedures }: G,
    name: K,
    argument: ArgumentOf<G['procedures'][K]>,
    options: CallOptions = {},
  ): Promise<Relayed<ResultOf<G['procedures'][K]>>> {
    const procedure = procedures[name]
    if (procedure === undefined) throw new TypeError(`there is no procedure ${name}`)
    const call = {
      program,
      version,
      procedure: procedure.number,
      argument: procedure.argument.encode(argument),
    }
    const { address, result } = await this.#ask({
      4: () => this.#v4.INDIRECT(call, options),
      3: () => this.#v3.BCAST(call, options),
      2: async () => {
        const { port, result: bytes } = await this.#v2.CALLIT(call, options)
        return { address: universalAddress({ host: '0.0.0.0', port }), result: bytes }
      },
    })
    return { address, result: procedure.result.decode(result) as ResultOf<G['procedures'][K]> }
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #lookUpHere(wanted: ProgramVersion, protocol: Protocol, options: CallOptions): Promise<string> {
    return this.#ask({
      4: () => this.#v4.GETADDR(query(wanted), options),
      3: () => this.#v3.GETADDR(query(wanted), options),
      ...this.#portWay(wanted, protocol, options),
    })
  }

  #lookUpThere(wanted: ProgramVersion, protocol: Protocol, options: CallOptions): Promise<string> {
    return this.#ask({
      4: async () => {
        const entries = await this.#v4.GETADDRLIST(query(wanted), options)
        return entries.find(one => isOf(one.netid, protocol))?.address ?? ''
      },
      3: async () => {
        const isWanted = ({ program, version, netid }: Registration) =>
          program === wanted.program && version === wanted.version && isOf(netid, protocol)
        return (await this.#v3.DUMP(options)).find(isWanted)?.address ?? ''
      },
      ...this.#portWay(wanted, protocol, options),
    })
  }

  #portWay({ program, version }: ProgramVersion, protocol: Protocol, options: CallOptions): Ways<string> {
    if (protocol === 'local') return {}
    const mapping = { program, version, protocol: protocolNumbers[protocol], port: 0 }
    return {
      2: async () => {
        const port = await this.#v2.GETPORT(mapping, options)
        return port === 0 ? '' : universalAddress({ host: '0.0.0.0', port })
      },
    }
  }

  get #v2() {
    return this.#connection.client(PORTMAP_V2)
  }
  get #v3() {
    return this.#connection.client(RPCBIND_V3)
  }
  get #v4() {
    return this.#connection.client(RPCBIND_V4)
  }

  /** Asks in the highest version that there is a way for, and in the next one when that is not there. */
  async #ask<T>(ways: Ways<T>): Promise<T> {
    let refused: OncError | undefined
    for (const version of [4, 3, 2] as const) {
      const way = ways[version]
      if (version > this.#version || way === undefined) continue
      try {
        return await way()
      } catch (error) {
        if (!(error instanceof OncError) || !olderCodes.includes(error.code)) throw error
        refused = error
        if (error.code === 'RPC_PROGRAM_MISMATCH' && version > 2) this.#version = (version - 1) as Version
      }
    }
    throw refused ?? new OncError('RPC_PROGRAM_MISMATCH', `rpcbind has only version ${this.#version}`)
  }
}

function query({ program, version }: ProgramVersion): Registration {
  return { program, version, netid: '', address: '', owner: '' }
}

function isOf(netid: string, protocol: Protocol): boolean {
  return netid === protocol || netid === `${protocol}6`
}

function registrationOf({ program, version, protocol, port }: Mapping): Registration[] {
  const netid = netidOfNumber(protocol)
  if (netid === undefined) return []
  return [{ program, version, netid, address: universalAddress({ host: '0.0.0.0', port }), owner: '' }]
}

/** Undefined for what version 2 cannot say. */
function mappingOf({ program, version, netid, address }: Registration): Mapping | undefined {
  const place = parseUniversalAddress(address)
  if (place === undefined || (netid !== 'tcp' && netid !== 'udp')) return undefined
  return { program, version, protocol: protocolNumbers[netid], port: place.port }
}
