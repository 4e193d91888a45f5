// What rpcbind answers where it listens: the three versions over one table. A desk is one place to listen at; look-ups are for
// the transport by which they come, as RFC 1833 has it.

import type { World } from '../../world/index.ts'
import { type OncCall, type OncService, service } from '../onc/service.ts'
import { isNetid, type Netid, netidOfNumber, networks, protocolNumbers } from './netid.ts'
import {
  type AddressEntry,
  type Mapping,
  PORTMAP_V2,
  type Registration,
  type RelayedCall,
  RPCBIND_V3,
  RPCBIND_V4,
} from './programs.ts'
import { reachable } from './reachable.ts'
import type { Relay } from './relay.ts'
import type { ProgramVersion } from './rpcbind.ts'
import type { RpcbindVersion, StatisticsBook } from './statistics.ts'
import { type RegistrationTable, SUPERUSER } from './table.ts'
import { parseUniversalAddress, universalAddress } from './universal-address.ts'

export interface DeskParts {
  readonly table: RegistrationTable
  readonly book: StatisticsBook
  readonly relay: Relay
  readonly world: World
  /** Of the place where it listens. */
  readonly netid: Netid
}

/** The services of a desk. */
export function deskServices(parts: DeskParts): readonly OncService[] {
  const desk = new Desk(parts)
  return [
    service(PORTMAP_V2, {
      SET: (mapping, call) => desk.setPort(mapping, call),
      UNSET: (mapping, call) => desk.unsetPorts(mapping, call),
      GETPORT: (mapping, call) => desk.port(mapping, call),
      DUMP: (_, call) => desk.mappings(call),
      CALLIT: async (wanted, call) => {
        const { address, result } = await desk.relayed(wanted, call)
        return { port: parseUniversalAddress(address)?.port ?? 0, result }
      },
    }),
    service(RPCBIND_V3, handlers(desk)),
    service(RPCBIND_V4, {
      ...handlers(desk),
      GETVERSADDR: (wanted, call) => desk.address(wanted, call, true),
      INDIRECT: (wanted, call) => desk.relayed(wanted, call),
      GETADDRLIST: (wanted, call) => desk.addresses(wanted, call),
      GETSTAT: (_, call) => desk.statistics(call),
    }),
  ]
}

function handlers(desk: Desk) {
  return {
    SET: (wanted: Registration, call: OncCall) => desk.set(wanted, call),
    UNSET: (wanted: Registration, call: OncCall) => desk.unset(wanted, call),
    GETADDR: (wanted: Registration, call: OncCall) => desk.address(wanted, call, false),
    DUMP: (_: undefined, call: OncCall) => desk.all(call),
    BCAST: (wanted: RelayedCall, call: OncCall) => desk.relayed(wanted, call),
    GETTIME: (_: undefined, call: OncCall) => desk.time(call),
  }
}

const INDIRECT = 10
const IPV4_PORTS = ['tcp', 'udp'] as const

class Desk {
  readonly #parts: DeskParts

  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  setPort({ program, version, protocol, port }: Mapping, call: OncCall): boolean {
    this.#count(call)
    const netid = netidOfNumber(protocol)
    if (netid === undefined || port < 1 || port > 0xffff) return false
    const address = universalAddress({ host: '0.0.0.0', port })
    return this.#set({ program, version, netid, address, owner: '' }, call)
  }

  /** Version 2 takes back both transports at once, whatever the mapping says of them. */
  unsetPorts(mapping: Mapping, call: OncCall): boolean {
    this.#count(call)
    const done = IPV4_PORTS.map(netid => this.#unset({ ...mapping, netid, address: '', owner: '' }, call))
    return done.includes(true)
  }

  port(wanted: Mapping, call: OncCall): number {
    this.#count(call)
    const netid = netidOfNumber(wanted.protocol)
    const found = netid && this.#parts.table.findAny(wanted, netid)
    this.#countLookUp(call, wanted, netid ?? '', found !== undefined)
    return found === undefined ? 0 : (parseUniversalAddress(found.address)?.port ?? 0)
  }

  mappings(call: OncCall): readonly Mapping[] {
    this.#count(call)
    return this.#parts.table.all().flatMap(one => mappingOf(one))
  }

  set(wanted: Registration, call: OncCall): boolean {
    this.#count(call)
    return isNetid(wanted.netid) && isAddress(wanted.address, wanted.netid) && this.#set(wanted, call)
  }

  unset(wanted: Registration, call: OncCall): boolean {
    this.#count(call)
    return this.#unset(wanted, call)
  }

  address(wanted: Registration, call: OncCall, isExact: boolean): string {
    this.#count(call)
    const { table, netid } = this.#parts
    const found = isExact ? table.find(wanted, netid) : table.findAny(wanted, netid)
    this.#countLookUp(call, wanted, netid, found !== undefined)
    return found === undefined ? '' : reachableAddress(found, call)
  }

  addresses(wanted: Registration, call: OncCall): readonly AddressEntry[] {
    this.#count(call)
    const found = this.#parts.table.findAll(wanted).flatMap(one => entryOf(one, call))
    this.#countLookUp(call, wanted, this.#parts.netid, found.length > 0)
    return found
  }

  all(call: OncCall): readonly Registration[] {
    this.#count(call)
    return this.#parts.table.all()
  }

  time(call: OncCall): number {
    this.#count(call)
    return Math.floor(this.#parts.world.now() / 1000)
  }

  statistics(call: OncCall) {
    this.#count(call)
    return this.#parts.book.all()
  }

  /** Without an answer when it fails: a broadcast must not be answered by all who cannot help. INDIRECT says that it failed. */
  async relayed(wanted: RelayedCall, call: OncCall): Promise<{ address: string; result: Buffer }> {
    this.#count(call)
    const { relay, table, book } = this.#parts
    const isIndirect = call.version === 4 && call.procedure === INDIRECT
    const found = table.find(wanted, 'udp')
    const isPassed = found !== undefined && relay.isAllowed(wanted)
    const result = isPassed ? await relay.pass(wanted, found.address, call.signal) : undefined
    book.relayed(versionOf(call), wanted, 'udp', { isAnswered: result !== undefined, isIndirect })
    if (found !== undefined && result !== undefined) return { address: reachableAddress(found, call), result }
    if (isIndirect)
      throw new Error(`program ${wanted.program}, procedure ${wanted.procedure}: the call was not passed on`)
    call.withhold()
    return { address: '', result: Buffer.alloc(0) }
  }

  #set(registration: Registration, call: OncCall): boolean {
    if (!this.#isFromHere(call)) return false
    const isTaken = this.#parts.table.set({ ...registration, owner: ownerOf(call) })
    if (isTaken) this.#parts.book.changed(versionOf(call), 'set')
    return isTaken
  }

  #unset(registration: Registration, call: OncCall): boolean {
    if (!this.#isFromHere(call)) return false
    const isGone = this.#parts.table.unset({ ...registration, owner: ownerOf(call) })
    if (isGone) this.#parts.book.changed(versionOf(call), 'unset')
    return isGone
  }

  /** Only programs of this machine are registered, and only it can say which those are. */
  #isFromHere({ peer }: OncCall): boolean {
    const address = peer.address.replace(/^::ffff:/, '')
    return this.#parts.netid === 'local' || address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address)
  }

  #count(call: OncCall): void {
    this.#parts.book.called(versionOf(call), call.procedure)
  }

  #countLookUp(call: OncCall, wanted: ProgramVersion, netid: string, found: boolean): void {
    this.#parts.book.lookedUp(versionOf(call), wanted, netid, found)
  }
}

function versionOf({ version }: OncCall): RpcbindVersion {
  if (version === 2 || version === 3 || version === 4) return version
  throw new TypeError(`there is no version ${version}`)
}

/** AUTH_SYS is what the caller says of itself: this keeps people of one machine from mistakes, not from malice. */
function ownerOf({ credential }: OncCall): string {
  if (credential.kind !== 'sys') return 'unknown'
  return credential.uid === 0 ? SUPERUSER : String(credential.uid)
}

function isAddress(address: string, netid: Netid): boolean {
  if (netid === 'local') return address !== ''
  const place = parseUniversalAddress(address)
  return place !== undefined && place.port > 0 && place.host.includes(':') === netid.endsWith('6')
}

function reachableAddress({ address }: Registration, { peer }: OncCall): string {
  const place = parseUniversalAddress(address)
  if (place === undefined) return address
  return universalAddress({ host: reachable(place.host, peer.address), port: place.port })
}

function mappingOf({ program, version, netid, address }: Registration): Mapping[] {
  const port = parseUniversalAddress(address)?.port
  if (port === undefined || (netid !== 'tcp' && netid !== 'udp')) return []
  return [{ program, version, protocol: protocolNumbers[netid], port }]
}

function entryOf(registration: Registration, call: OncCall): AddressEntry[] {
  const { netid } = registration
  if (!isNetid(netid)) return []
  const { protocol, family, semantics } = networks[netid]
  const address = reachableAddress(registration, call)
  return [{ address, netid, semantics, family, protocol: protocol === 'local' ? '-' : protocol }]
}
