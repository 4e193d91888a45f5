// What is registered: for a program, a version and a network id one address, and whose it is. Pure.

import { rpcbindLimits } from './limits.ts'
import { type Registration, RPCBIND_PROGRAM } from './programs.ts'
import type { ProgramVersion } from './rpcbind.ts'

/** The owner who may take back what others registered. */
export const SUPERUSER = 'superuser'

export class RegistrationTable {
  readonly #max: number
  /** By program. */
  readonly #programs = new Map<number, Registration[]>()
  #size = 0

  constructor(max: number = rpcbindLimits.registrationsMax) {
    this.#max = max
  }

  /** Rpcbind's own places, which nobody else takes or takes back. */
  addOwn(registration: Registration): void {
    this.#add(registration)
  }

  /** True when it is there now; false when another address is, when the table is full, and for rpcbind's own program. */
  set(registration: Registration): boolean {
    if (registration.program === RPCBIND_PROGRAM) return false
    const there = this.find(registration, registration.netid)
    if (there !== undefined) return there.address === registration.address
    if (this.#size >= this.#max) return false
    this.#add(registration)
    return true
  }

  /** Takes back what the owner has registered, of all networks when `netid` is empty; false when that is nothing. */
  unset({ program, version, netid, owner }: Registration): boolean {
    if (program === RPCBIND_PROGRAM) return false
    const all = this.#programs.get(program) ?? []
    const left = all.filter(one => {
      const isMeant = one.version === version && (netid === '' || one.netid === netid)
      return !(isMeant && (owner === SUPERUSER || owner === one.owner))
    })
    this.#size -= all.length - left.length
    if (left.length === 0) this.#programs.delete(program)
    else this.#programs.set(program, left)
    return left.length < all.length
  }

  /** Exactly this version. */
  find({ program, version }: ProgramVersion, netid: string): Registration | undefined {
    return this.#of(program).find(one => one.version === version && one.netid === netid)
  }

  /** This version, or else the highest that there is: whoever calls it hears which versions it has. */
  findAny(wanted: ProgramVersion, netid: string): Registration | undefined {
    const exact = this.find(wanted, netid)
    if (exact !== undefined) return exact
    const others = this.#of(wanted.program).filter(one => one.netid === netid)
    return others.toSorted((a, b) => b.version - a.version)[0]
  }

  /** Exactly this version, over all networks. */
  findAll({ program, version }: ProgramVersion): readonly Registration[] {
    return this.#of(program).filter(one => one.version === version)
  }

  all(): readonly Registration[] {
    return [...this.#programs.values()].flat()
  }

  #of(program: number): readonly Registration[] {
    return this.#programs.get(program) ?? []
  }

  #add(registration: Registration): void {
    const { program } = registration
    this.#programs.set(program, [...this.#of(program), registration])
    this.#size++
  }
}
