// The one scope of names (RFC 4506, 6.4): constants, members of enums, types, programs. Beside it what XDR knows by
// itself, and what only a C header says.

import type { Name, Value } from '../grammar/syntax.ts'
import { evaluate, parseExpression } from '../preprocess/expression.ts'
import { cursor } from '../preprocess/preprocessor.ts'
import { Abandoned, type Diagnostics } from '../source/diagnostic.ts'
import type { Place } from '../source/source.ts'
import type { Token } from '../source/token.ts'

export type Entry =
  | { readonly kind: 'const'; readonly value: Value }
  | { readonly kind: 'text' }
  /** `after` is the member before, for those without a value of their own. */
  | {
      readonly kind: 'member'
      readonly of: string
      readonly value: Value | undefined
      readonly after: string | undefined
    }
  | { readonly kind: 'type' }
  | { readonly kind: 'program' }

const kinds: Readonly<Record<Entry['kind'], string>> = {
  const: 'constant',
  text: 'constant',
  member: 'member of an enum',
  type: 'type',
  program: 'program',
}

/** TRUE and FALSE of RFC 4506, 4.4, and what C calls null. */
const builtIn: Readonly<Record<string, bigint>> = { TRUE: 1n, FALSE: 0n, true: 1n, false: 0n }

/** Text is looked up nearest first, so far and no further. */
const DISTANCE_MAX = 2

export class Names {
  readonly #entries = new Map<string, { readonly entry: Entry; readonly place: Place }>()
  readonly #numbers = new Map<string, Value>()
  readonly #values = new Map<string, bigint | undefined>()
  readonly #external: ReadonlyMap<string, readonly Token[]>
  readonly #diagnostics: Diagnostics
  readonly #underWay = new Set<string>()
  readonly #unknown = new Set<string>()

  constructor(external: ReadonlyMap<string, readonly Token[]>, diagnostics: Diagnostics) {
    this.#external = external
    this.#diagnostics = diagnostics
  }

  declare({ text, place }: Name, entry: Entry): void {
    const first = this.#entries.get(text)
    if (first === undefined) this.#entries.set(text, { entry, place })
    else
      this.#diagnostics.error(place, `there is a ${kinds[first.entry.kind]} '${text}' already`, {
        message: 'it is declared here',
        place: first.place,
      })
  }

  /** A number that a program, version or procedure gives its name, as rpcgen's #define does. Any number of times. */
  declareNumber({ text }: Name, value: Value): void {
    if (!this.#numbers.has(text)) this.#numbers.set(text, value)
  }

  get(name: string): Entry | undefined {
    return this.#entries.get(name)?.entry
  }

  /** Whether it is a type; says what it is, or what is like it, when it is not. */
  expectType({ text, place }: Name): boolean {
    const entry = this.get(text)
    if (entry?.kind === 'type') return true
    if (entry !== undefined) this.#diagnostics.error(place, `'${text}' is a ${kinds[entry.kind]}, not a type`)
    else if (!this.#unknown.has(text)) {
      this.#unknown.add(text)
      this.#diagnostics.error(place, `there is no type '${text}'${this.#suggestion(text, ['type'])}`)
    }
    return false
  }

  /** The value of an expression, or undefined when it has none, which was reported. */
  valueOf(value: Value): bigint | undefined {
    return evaluate(value, (name, place) => this.#lookup(name, place), this.#diagnostics)
  }

  /** The value of a member of an enum. */
  memberValue(name: string): bigint | undefined {
    if (this.#values.has(name)) return this.#values.get(name)
    const entry = this.get(name)
    if (entry?.kind !== 'member') return undefined
    const value = this.#guarded(name, () => {
      if (entry.value !== undefined) return this.valueOf(entry.value)
      if (entry.after === undefined) return 0n
      const before = this.memberValue(entry.after)
      return before === undefined ? undefined : before + 1n
    })
    this.#values.set(name, value)
    return value
  }

  #lookup(name: string, place: Place): bigint | undefined {
    const entry = this.get(name)
    if (entry?.kind === 'member') return this.memberValue(name)
    if (entry?.kind === 'const') return this.#constant(name, entry.value)
    const number = this.#numbers.get(name)
    if (number !== undefined) return this.#constant(name, number)
    if (entry !== undefined) {
      this.#diagnostics.error(place, `'${name}' is a ${kinds[entry.kind]}, not a number`)
      return undefined
    }
    if (Object.hasOwn(builtIn, name)) return builtIn[name]
    const outside = this.#external.get(name)
    if (outside !== undefined) return this.#fromHeader(name, outside, place)
    const hint = this.#suggestion(name, ['const', 'member'])
    this.#diagnostics.error(
      place,
      `there is no constant '${name}'${hint || `; -D ${name}=... gives it a value`}`,
    )
    return undefined
  }

  #constant(name: string, value: Value): bigint | undefined {
    if (this.#values.has(name)) return this.#values.get(name)
    const found = this.#guarded(name, () => this.valueOf(value))
    this.#values.set(name, found)
    return found
  }

  /** A number out of a %#define. */
  #fromHeader(name: string, tokens: readonly Token[], place: Place): bigint | undefined {
    return this.#guarded(name, () => {
      try {
        const expression = parseExpression(cursor(tokens), this.#diagnostics, { isValue: true })
        return this.valueOf(expression)
      } catch (error) {
        if (!(error instanceof Abandoned)) throw error
        this.#diagnostics.error(place, `the %#define of ${name} is no number`)
        return undefined
      }
    })
  }

  #guarded(name: string, step: () => bigint | undefined): bigint | undefined {
    const place = this.#entries.get(name)?.place
    if (this.#underWay.has(name)) {
      if (place) this.#diagnostics.error(place, `the value of '${name}' leads back to itself`)
      return undefined
    }
    this.#underWay.add(name)
    try {
      return step()
    } finally {
      this.#underWay.delete(name)
    }
  }

  #suggestion(name: string, among: readonly Entry['kind'][]): string {
    let nearest: string | undefined
    let distance = DISTANCE_MAX + 1
    for (const [other, { entry }] of this.#entries) {
      if (!among.includes(entry.kind) || Math.abs(other.length - name.length) > DISTANCE_MAX) continue
      const found = editDistance(name, other)
      if (found < distance && found < name.length / 2) [nearest, distance] = [other, found]
    }
    return nearest === undefined ? '' : `; is '${nearest}' meant?`
  }
}

/** Letters to change, add or take away (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
