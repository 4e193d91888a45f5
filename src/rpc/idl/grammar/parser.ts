// The cursor of the grammar: the token at hand, what is expected, and how the parser finds its feet after a mistake.

import { NESTING_MAX } from '../limits.ts'
import { named, parseExpression } from '../preprocess/expression.ts'
import { Abandoned, type Diagnostics } from '../source/diagnostic.ts'
import type { Place } from '../source/source.ts'
import { is, type Token } from '../source/token.ts'
import type { Name, Value } from './syntax.ts'

/** Words that cannot be names (RFC 4506, 6.2). `program` and `version` can, where a name is expected. */
const reserved = new Set([
  ...['bool', 'case', 'const', 'default', 'double', 'quadruple', 'enum', 'float', 'hyper', 'int', 'opaque'],
  ...['string', 'struct', 'switch', 'typedef', 'union', 'unsigned', 'void'],
])

/** Words that begin a definition. */
const beginnings = new Set(['const', 'enum', 'struct', 'union', 'typedef', 'program'])

export class Parser {
  readonly diagnostics: Diagnostics
  readonly #tokens: readonly Token[]
  readonly #passed: Token[] = []
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[], diagnostics: Diagnostics) {
    this.#tokens = tokens
    this.diagnostics = diagnostics
    this.#skipPassed()
  }

  /** The token at hand. */
  get token(): Token {
    return this.#token(this.#at)
  }

  /** The one after it. */
  get following(): Token {
    let at = this.#at + 1
    while (this.#token(at).kind === 'pass') at++
    return this.#token(at)
  }

  /** The one before it. */
  get previous(): Token {
    return this.#token(Math.max(0, this.#at - 1))
  }

  /** Gives the token at hand and goes on. % lines inside of definitions are passed over; a definition asks for them. */
  advance(): Token {
    const token = this.token
    if (token.kind !== 'end') this.#at++
    this.#skipPassed()
    return token
  }

  /** % lines that were passed over since the last call: those that stand between definitions. */
  takePassed(): Token[] {
    return this.#passed.splice(0)
  }
  is(text: string): boolean {
    return is(this.token, text)
  }

  /** Goes on when this is at hand. */
  take(text: string): boolean {
    if (!this.is(text)) return false
    this.advance()
    return true
  }

  /** Goes on over what must be at hand. `where` ends the sentence of the error: 'after the name'. */
  expect(text: string, where: string): Token {
    if (this.is(text)) return this.advance()
    // What is missing is missing behind the last token, not in front of the next, which may be lines away.
    const place = text === ';' || text === '}' ? behind(this.previous) : this.token.place
    return this.diagnostics.abandon(place, `'${text}' is missing ${where}, before ${named(this.token)}`)
  }

  /** A name of one's own. `of` says of what: 'a field'. */
  name(of: string): Name {
    const { token } = this
    if (token.kind !== 'word')
      this.diagnostics.abandon(token.place, `the name of ${of} is expected, not ${named(token)}`)
    if (reserved.has(token.text))
      this.diagnostics.abandon(token.place, `'${token.text}' is a word of the language and cannot name ${of}`)
    this.advance()
    return { text: token.text, place: token.place }
  }

  value(): Value {
    return parseExpression(this, this.diagnostics, { isValue: true })
  }

  /** Parses items until the closing brace. After a mistake goes on behind the next semicolon of this level. */
  block(item: () => void, what: string): void {
    const open = this.expect('{', `where ${what} begins`)
    if (this.is('}')) this.diagnostics.error(this.token.place, `${what} is empty`)
    while (!this.is('}') && this.token.kind !== 'end' && !this.#isAway() && !this.diagnostics.isFull)
      this.attempt(item)
    if (!this.is('}')) {
      this.diagnostics.error(open.place, `this '{' has no '}'`)
      throw new Abandoned()
    }
    this.advance()
  }

  /** Runs a step; after a mistake in it, goes on behind the next semicolon of this level. */
  attempt(step: () => void): void {
    const before = this.#at
    try {
      step()
    } catch (error) {
      if (!(error instanceof Abandoned)) throw error
      this.#recover(before)
    }
  }

  /** Runs a step inside a step, so deep and no deeper: the parser calls itself for each. */
  nested<T>(step: () => T): T {
    if (this.#depth >= NESTING_MAX)
      this.diagnostics.abandon(this.token.place, `types are nested deeper than ${NESTING_MAX}`)
    this.#depth++
    try {
      return step()
    } finally {
      this.#depth--
    }
  }

  /** The comment of what began with `first` and has just ended: above it, or behind it in the last line. */
  docOf(first: Token): string | undefined {
    return first.doc ?? this.previous.trailing
  }

  /** A definition begins here at the margin: what is open has lost its end. */
  #isAway(): boolean {
    const { kind, text, place } = this.token
    if (kind !== 'word' || !beginnings.has(text) || text === 'struct' || text === 'enum' || text === 'union')
      return false
    return place.offset === 0 || place.source.text[place.offset - 1] === '\n'
  }

  #recover(before: number): void {
    if (this.#at === before && !this.is('}')) this.advance()
    for (let depth = 0; this.token.kind !== 'end'; ) {
      if (depth === 0 && (this.is('}') || this.#isAway())) return
      if (this.is('{')) depth++
      if (this.is('}')) depth--
      const isEnd = depth === 0 && (this.is(';') || this.is(','))
      this.advance()
      if (isEnd) return
    }
  }

  #token(at: number): Token {
    return this.#tokens[at] ?? (this.#tokens.at(-1) as Token)
  }

  #skipPassed(): void {
    for (; this.token.kind === 'pass'; this.#at++) this.#passed.push(this.token)
  }
}

/** The place just behind a token. */
function behind({ place }: Token): Place {
  const { source, offset, length } = place
  return { source, offset: Math.max(0, offset + length - 1), length: 1 }
}
