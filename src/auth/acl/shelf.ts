// The entries of one resource type, arranged so that a decision looks only at those that can matter: literal patterns
// by name, prefixed patterns by prefix (asked once for each distinct prefix length up to the name's), and within a
// pattern by principal. Ten thousand entries cost a decision a few map look-ups.

import { type AclBinding, WILDCARD } from './binding.ts'

/** The entries of one pattern, by principal. */
export type PatternEntries = ReadonlyMap<string, readonly AclBinding[]>

type Patterns = Map<string, Map<string, AclBinding[]>>

export class Shelf {
  readonly #literal: Patterns = new Map()
  readonly #prefixed: Patterns = new Map()
  /** How many patterns have a prefix of that length. */
  readonly #prefixLengths = new Map<number, number>()
  readonly #byPrincipal = new Map<string, Set<AclBinding>>()

  /** Adds an entry that is not there yet. */
  add(binding: AclBinding): void {
    const patterns = this.#patterns(binding)
    const { resourceName, principal } = binding
    if (binding.patternType === 'prefixed' && !patterns.has(resourceName))
      this.#countLength(resourceName.length, 1)
    const entries = patterns.get(resourceName) ?? new Map<string, AclBinding[]>()
    patterns.set(resourceName, entries)
    const ofPrincipal = entries.get(principal) ?? []
    ofPrincipal.push(binding)
    entries.set(principal, ofPrincipal)
    const all = this.#byPrincipal.get(principal) ?? new Set()
    this.#byPrincipal.set(principal, all.add(binding))
  }

  /** Removes an entry that was added: the same object. */
  remove(binding: AclBinding): void {
    const patterns = this.#patterns(binding)
    const entries = patterns.get(binding.resourceName)
    const left = entries?.get(binding.principal)?.filter(one => one !== binding)
    if (entries === undefined || left === undefined) return
    if (left.length > 0) entries.set(binding.principal, left)
    else entries.delete(binding.principal)
    if (entries.size === 0) {
      patterns.delete(binding.resourceName)
      if (binding.patternType === 'prefixed') this.#countLength(binding.resourceName.length, -1)
    }
    const all = this.#byPrincipal.get(binding.principal)
    all?.delete(binding)
    if (all?.size === 0) this.#byPrincipal.delete(binding.principal)
  }

  /** The entries of every pattern that covers a resource of that name. */
  covering(name: string): PatternEntries[] {
    const found: PatternEntries[] = []
    const exact = this.#literal.get(name)
    if (exact !== undefined) found.push(exact)
    const wildcard = name === WILDCARD ? undefined : this.wildcard()
    if (wildcard !== undefined) found.push(wildcard)
    for (const length of this.#prefixLengths.keys()) {
      if (length > name.length) continue
      const prefixed = this.#prefixed.get(name.slice(0, length))
      if (prefixed !== undefined) found.push(prefixed)
    }
    return found
  }

  /** The entries for all names. */
  wildcard(): PatternEntries | undefined {
    return this.#literal.get(WILDCARD)
  }

  /** All entries that name that principal. */
  ofPrincipal(principal: string): Iterable<AclBinding> {
    return this.#byPrincipal.get(principal) ?? []
  }

  #patterns({ patternType }: AclBinding): Patterns {
    return patternType === 'literal' ? this.#literal : this.#prefixed
  }

  #countLength(length: number, by: 1 | -1): void {
    const count = (this.#prefixLengths.get(length) ?? 0) + by
    if (count === 0) this.#prefixLengths.delete(length)
    else this.#prefixLengths.set(length, count)
  }
}
