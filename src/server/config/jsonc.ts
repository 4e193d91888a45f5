// JSON as people write it by hand: RFC 8259 with // and /* */ comments and trailing commas. By hand, because JSON.parse
// takes neither, and on Node 20 does not say where the text is wrong.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Where and why the text is not JSON. */
export class JsonError extends Error {
  override readonly name = 'JsonError'
  /** From 1. */
  readonly line: number
  readonly column: number

  constructor(message: string, line: number, column: number) {
    super(message)
    this.line = line
    this.column = column
  }
}

/** Objects and arrays within one another. */
const DEPTH_MAX = 32

/** Reads the text. Throws JsonError; a name that stands twice in an object is an error too. */
export function parseJsonc(text: string): Json {
  return new Parser(text).parse()
}

class Parser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text.replace(/^\uFEFF/, '')
  }

  parse(): Json {
    const value = this.#value(0)
    this.#skip()
    if (this.#at < this.#text.length) throw this.#error('the text should end here')
    return value
  }

  #value(depth: number): Json {
    this.#skip()
    if (depth > DEPTH_MAX) throw this.#error(`nested deeper than ${DEPTH_MAX}`)
    const next = this.#text[this.#at]
    if (next === '{') return this.#object(depth)
    if (next === '[') return this.#array(depth)
    if (next === '"') return this.#string()
    return this.#word()
  }

  #object(depth: number): Json {
    const entries = new Map<string, Json>()
    this.#at++
    while (!this.#ends('}', entries.size > 0)) {
      if (this.#text[this.#at] !== '"') throw this.#error('a name in double quotes should stand here')
      const start = this.#at
      const name = this.#string()
      if (entries.has(name)) throw this.#error(`'${name}' stands here for the second time`, start)
      this.#skip()
      if (this.#text[this.#at] !== ':') throw this.#error("':' should stand here")
      this.#at++
      entries.set(name, this.#value(depth + 1))
    }
    return Object.fromEntries(entries)
  }

  #array(depth: number): Json {
    const items: Json[] = []
    this.#at++
    while (!this.#ends(']', items.length > 0)) items.push(this.#value(depth + 1))
    return items
  }

  /** Whether the list ends here; else steps over the comma that must stand between two members. */
  #ends(bracket: string, needsComma: boolean): boolean {
    this.#skip()
    if (needsComma && this.#text[this.#at] === ',') {
      this.#at++
      this.#skip()
    } else if (needsComma && this.#text[this.#at] !== bracket)
      throw this.#error(`',' or '${bracket}' should stand here`)
    if (this.#text[this.#at] !== bracket) return false
    this.#at++
    return true
  }

  #string(): string {
    const match = /"(?:[^"\\\p{Cc}]|\\.)*"/uy
    match.lastIndex = this.#at
    const found = match.exec(this.#text)?.[0]
    if (found === undefined) throw this.#error('the string has no end on its line')
    try {
      const value: unknown = JSON.parse(found)
      this.#at += found.length
      return String(value)
    } catch {
      throw this.#error('the string has an escape that JSON does not know')
    }
  }

  #word(): Json {
    const match = /-?\d[\d.eE+-]*|[A-Za-z_]\w*/y
    match.lastIndex = this.#at
    const word = match.exec(this.#text)?.[0]
    if (word === undefined) throw this.#error('a value should stand here')
    try {
      const value = JSON.parse(word) as null | boolean | number
      this.#at += word.length
      return value
    } catch {
      // The word is not shown: it may be a password without its quotes.
      throw this.#error('this is not a value: strings stand in double quotes')
    }
  }

  #skip(): void {
    const match = /(?:\s|\/\/[^\n]*|\/\*.*?\*\/)*/sy
    match.lastIndex = this.#at
    this.#at += match.exec(this.#text)?.[0].length ?? 0
  }

  #error(message: string, at = this.#at): JsonError {
    const before = this.#text.slice(0, at).split('\n')
    return new JsonError(message, before.length, (before.at(-1)?.length ?? 0) + 1)
  }
}
