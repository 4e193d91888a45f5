// Cuts a source into tokens (RFC 4506, 6.2 and 6.3, and C's where rpcgen takes it). Comments are kept with the token that
// they explain, because they become the comments of what is written.

import type { Place, Source } from './source.ts'
import type { Token, TokenKind } from './token.ts'

const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['word', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['number', /0[xX][0-9A-Fa-f]+[uUlL]*|[0-9]+[uUlL]*(?![A-Za-z0-9_])/y],
  ['string', /"(?:[^"\\\n]|\\.)*"/y],
  ['character', /'(?:[^'\\\n]|\\.)+'/y],
  ['symbol', /<<|>>|<=|>=|==|!=|&&|\|\||[{}()[\]<>;:,=*+\-/%~!&|^?]/y],
]
const blank = /[ \t\r\f\v]+/y
const lineComment = /\/\/[^\n]*/y
const blockComment = /\/\*[\s\S]*?\*\//y
/** To the end of the line; a backslash before it joins the next, and a comment may stretch over several. */
const directive = /#(?:\\\r?\n|\/\*[\s\S]*?\*\/|[^\n])*/y
const pass = /%(?:\\\r?\n|[^\n])*/y

/** All tokens of a source; the last is `end`. `within` is the place of text that was taken out of another source. */
export function tokenize(source: Source, within?: Place): Token[] {
  return new Lexer(source, within).all()
}

interface Comment {
  readonly text: string
  readonly begin: number
  readonly end: number
}

class Lexer {
  readonly #source: Source
  readonly #text: string
  readonly #within: Place | undefined
  readonly #tokens: Token[] = []
  #at = 0
  #isLineStart = true
  #comment: Comment | undefined
  /** Where the last token ended. */
  #last = 0

  constructor(source: Source, within: Place | undefined) {
    this.#source = source
    this.#text = source.text
    this.#within = within
  }

  all(): Token[] {
    while (this.#at < this.#text.length) this.#step()
    this.#add('end', '', this.#text.length)
    return this.#tokens
  }

  #step() {
    const text = this.#text
    if (text[this.#at] === '\n') {
      this.#at++
      this.#isLineStart = true
      return
    }
    if (this.#isLineStart && text[this.#at] === '%') return this.#line('pass', pass)
    if (this.#match(blank) !== undefined) return
    if (this.#isLineStart && text[this.#at] === '#') return this.#line('directive', directive)
    const begin = this.#at
    const comment = this.#match(lineComment) ?? this.#match(blockComment)
    if (comment !== undefined) return this.#keep({ text: comment, begin, end: this.#at })
    this.#isLineStart = false
    if (text.startsWith('/*', begin)) {
      this.#bad(begin)
      return
    }
    for (const [kind, pattern] of patterns) {
      const found = this.#match(pattern)
      if (found !== undefined) return this.#add(kind, found, begin)
    }
    this.#bad(begin)
  }

  #line(kind: 'pass' | 'directive', pattern: RegExp): void {
    const begin = this.#at
    const text = this.#match(pattern) ?? ''
    const rest = text.slice(1)
    this.#add(kind, kind === 'pass' ? rest.replace(/\r$/, '') : plainLine(rest), begin)
  }

  #bad(begin: number): void {
    const text = this.#text
    const isOpenComment = text.startsWith('/*', begin)
    this.#at = isOpenComment ? text.length : begin + ((text.codePointAt(begin) ?? 0) > 0xffff ? 2 : 1)
    this.#add('bad', isOpenComment ? '/*' : text.slice(begin, this.#at), begin)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #keep(comment: Comment): void {
    const last = this.#tokens.at(-1)
    const isTrailing = last !== undefined && !this.#text.slice(this.#last, comment.begin).includes('\n')
    if (isTrailing && last.kind !== 'pass' && last.kind !== 'directive')
      last.trailing ??= plainComment(comment.text)
    else this.#comment = comment
  }

  #add(kind: TokenKind, text: string, begin: number): void {
    const length = kind === 'end' ? 0 : this.#at - begin
    const place = this.#within ?? { source: this.#source, offset: begin, length }
    this.#tokens.push({ kind, text, place, doc: this.#docBefore(begin) })
    this.#comment = undefined
    this.#last = this.#at
  }

  /** The comment above belongs to the token when no empty line is between them. */
  #docBefore(begin: number): string | undefined {
    if (this.#comment === undefined) return undefined
    const { text, end } = this.#comment
    const between = this.#text.slice(end, begin)
    return between.split('\n').length <= 2 ? plainComment(text) : undefined
  }
}

/** A comment without its marks, rules and stars at the margin; undefined when nothing is left. */
function plainComment(text: string): string | undefined {
  const inner = text.startsWith('//') ? text.slice(2) : text.slice(2, -2)
  const lines = inner.split('\n').map(line =>
    line
      .replace(/^[\s*]+/, '')
      .replace(/[\s*=-]+$/, '')
      .replaceAll('\t', ' ')
      .trim(),
  )
  // A // comment may hold what would end the comments that it is written into.
  const kept = lines.join('\n').trim().replaceAll('*/', '* /')
  return kept === '' ? undefined : kept
}

/** Continued lines joined, comments taken out. */
function plainLine(text: string): string {
  return text
    .replace(/\\\r?\n/g, ' ')
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/\/\/.*$/, '')
    .trim()
}
