// What rpcbind was asked (GETSTAT, RFC 1833, section 2.2.1): calls of each procedure in each version, and of look-ups and calls
// passed on how many went well. Bounded: programs beyond the limit are not counted one by one.

import { rpcbindLimits } from './limits.ts'
import type { RelayedCall, RpcbindStatistics } from './programs.ts'
import type { ProgramVersion } from './rpcbind.ts'

/** Procedures that are counted: 0 to 12. */
const PROCEDURES = 13
const versions = [2, 3, 4] as const
export type RpcbindVersion = (typeof versions)[number]

interface LookUp extends ProgramVersion {
  readonly netid: string
  success: number
  failure: number
}

interface Relay extends LookUp {
  readonly procedure: number
  indirect: number
}

class VersionCounts {
  readonly calls = new Array<number>(PROCEDURES).fill(0)
  readonly lookUps = new Map<string, LookUp>()
  readonly relays = new Map<string, Relay>()
  set = 0
  unset = 0
}

export class StatisticsBook {
  readonly #counts = new Map(versions.map(version => [version, new VersionCounts()]))

  called(version: RpcbindVersion, procedure: number): void {
    const { calls } = this.#of(version)
    calls[procedure] = (calls[procedure] ?? 0) + 1
  }

  /** A registration was taken, or taken back. */
  changed(version: RpcbindVersion, what: 'set' | 'unset'): void {
    this.#of(version)[what]++
  }

  lookedUp(
    version: RpcbindVersion,
    { program, version: of }: ProgramVersion,
    netid: string,
    found: boolean,
  ): void {
    const { lookUps } = this.#of(version)
    const fresh = (): LookUp => ({ program, version: of, netid, success: 0, failure: 0 })
    const count = counted(lookUps, `${program} ${of} ${netid}`, fresh)
    if (count !== undefined) count[found ? 'success' : 'failure']++
  }

  relayed(version: RpcbindVersion, call: RelayedCall, netid: string, went: RelayCount): void {
    const { program, version: of, procedure } = call
    const fresh = (): Relay => ({
      program,
      version: of,
      procedure,
      netid,
      success: 0,
      failure: 0,
      indirect: 0,
    })
    const count = counted(this.#of(version).relays, `${program} ${of} ${procedure} ${netid}`, fresh)
    if (count === undefined) return
    count[went.isAnswered ? 'success' : 'failure']++
    if (went.isIndirect) count.indirect++
  }

  /** Of versions 2, 3 and 4, in this order. */
  all(): readonly RpcbindStatistics[] {
    return versions.map(version => {
      const { calls, set, unset, lookUps, relays } = this.#of(version)
      return { calls, set, unset, lookUps: [...lookUps.values()], relays: [...relays.values()] }
    })
  }

  #of(version: RpcbindVersion): VersionCounts {
    const counts = this.#counts.get(version)
    if (counts === undefined) throw new TypeError(`version ${version} is not counted`)
    return counts
  }
}

/** How a call that was passed on went. */
export interface RelayCount {
  readonly isAnswered: boolean
  /** By INDIRECT of version 4, and not by broadcast. */
  readonly isIndirect: boolean
}

function counted<T>(map: Map<string, T>, key: string, fresh: () => T): T | undefined {
  const there = map.get(key)
  if (there !== undefined || map.size >= rpcbindLimits.statisticsMax) return there
  const made = fresh()
  map.set(key, made)
  return made
}
