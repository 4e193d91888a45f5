// The preprocessor that rpcgen borrows from C, as far as .x files use it: #include, #define without arguments, #undef,
// #if, #ifdef, #ifndef, #elif, #else, #endif, #error, #warning; #pragma, #ident and line marks are skipped. Lines that
// begin with % are for C: they are kept for printing, and a %#define of a number serves where nothing else explains a name.

import { EXPANSIONS_MAX, INCLUDE_DEPTH_MAX, SOURCE_LENGTH_MAX, TOKENS_MAX } from '../limits.ts'
import { Abandoned, type Diagnostics } from '../source/diagnostic.ts'
import { tokenize } from '../source/lexer.ts'
import type { Place, Source } from '../source/source.ts'
import type { Token } from '../source/token.ts'
import { evaluate, named, parseExpression, type Tokens } from './expression.ts'

/** How the compiler gets at files: it has none of its own. */
export interface Files {
  /** The text of an included file, and what to call it; undefined when there is none. `from` is the including file. */
  find(path: string, from: string, isSystem: boolean): Source | undefined
}

export interface Preprocessed {
  /** Everything that is left, `pass` lines among it; the last is `end`. */
  readonly tokens: readonly Token[]
  /** What %#define lines say of names, for constants that only a C header has. */
  readonly external: ReadonlyMap<string, readonly Token[]>
}

/** What rpcgen defines one after the other for the files it writes; we write one that has it all. */
const builtIn: Readonly<Record<string, string>> = {
  RPC_HDR: '1',
  RPC_XDR: '1',
  RPC_SVC: '1',
  RPC_CLNT: '1',
}

export function preprocess(
  source: Source,
  files: Files,
  defines: Readonly<Record<string, string>>,
  diagnostics: Diagnostics,
): Preprocessed {
  const preprocessor = new Preprocessor(files, diagnostics)
  for (const [name, value] of Object.entries({ ...builtIn, ...defines })) preprocessor.define(name, value)
  preprocessor.file(source, 0)
  return preprocessor
}

/** Macros under way, the innermost first. */
interface Hidden {
  readonly name: string
  readonly outer: Hidden | undefined
}

function isHidden(name: string, hidden: Hidden | undefined): boolean {
  for (let one = hidden; one !== undefined; one = one.outer) if (one.name === name) return true
  return false
}

interface Branch {
  readonly place: Place
  /** Whether what stands around it is active. */
  readonly isOuterActive: boolean
  isActive: boolean
  /** Whether a branch of this #if was taken, so that #elif and #else are not. */
  isTaken: boolean
  hasElse: boolean
}

class Preprocessor implements Preprocessed {
  readonly tokens: Token[] = []
  readonly external = new Map<string, readonly Token[]>()
  readonly #files: Files
  readonly #diagnostics: Diagnostics
  readonly #macros = new Map<string, readonly Token[]>()
  /** #if that are open in the file at hand. */
  #branches: Branch[] = []
  #depth = 0
  #expansions = 0

  constructor(files: Files, diagnostics: Diagnostics) {
    this.#files = files
    this.#diagnostics = diagnostics
  }

  define(name: string, value: string): void {
    const source = { name: '<command line>', text: value }
    this.#macros.set(name, withoutEnd(tokenize(source)))
  }

  file(source: Source, depth: number) {
    if (source.text.length > SOURCE_LENGTH_MAX) {
      const place = { source, offset: 0, length: 1 }
      return this.#diagnostics.error(place, `the file is longer than ${SOURCE_LENGTH_MAX} characters`)
    }
    const outer = this.#branches
    this.#branches = []
    this.#depth = depth
    const found = tokenize(source)
    for (const token of found) this.#token(token)
    for (const { place } of this.#branches) this.#diagnostics.error(place, 'this has no #endif')
    this.#branches = outer
    this.#depth = depth - 1
    const end = found.at(-1)
    if (depth === 0 && end) this.tokens.push(end)
  }

  get #isActive(): boolean {
    return this.#branches.at(-1)?.isActive ?? true
  }

  #token(token: Token) {
    if (token.kind === 'directive') return this.#directive(token)
    if (!this.#isActive || token.kind === 'end') return
    if (token.kind === 'pass') {
      this.#external(token)
      this.#push(token)
    } else if (token.kind === 'bad') {
      const what = token.text === '/*' ? 'this comment has no end' : `${named(token)} does not belong here`
      this.#diagnostics.error(token.place, what)
    } else this.#expand(token, undefined)
  }

  #push(token: Token): void {
    if (this.tokens.length < TOKENS_MAX) this.tokens.push(token)
    else if (this.tokens.length === TOKENS_MAX) {
      this.#diagnostics.error(token.place, `there are more than ${TOKENS_MAX} tokens`)
      this.tokens.push({ ...token, kind: 'end', text: '' })
    }
  }

  /** Puts a macro's tokens in the place of its name; `hidden` are the macros under way, which do not expand again. */
  #expand(token: Token, hidden: Hidden | undefined) {
    const macro =
      token.kind === 'word' && !isHidden(token.text, hidden) ? this.#macros.get(token.text) : undefined
    // Macros that double one another may come to nothing, so that what they cost is counted by itself.
    if (macro === undefined || this.#expansions > EXPANSIONS_MAX) return this.#push(token)
    if (++this.#expansions > EXPANSIONS_MAX)
      this.#diagnostics.error(token.place, `macros are expanded more than ${EXPANSIONS_MAX} times`)
    const inner = { name: token.text, outer: hidden }
    for (const [n, one] of macro.entries()) {
      const { trailing } = token
      this.#expand({ ...one, place: token.place, doc: n === 0 ? token.doc : undefined, trailing }, inner)
    }
  }

  #directive(token: Token) {
    const [, word = '', rest = ''] = /^\s*([A-Za-z]*)\s*(.*)$/s.exec(token.text) ?? []
    switch (word) {
      case 'if':
        return this.#open(token, () => this.#condition(rest, token.place))
      case 'ifdef':
        return this.#open(token, () => this.#macros.has(this.#name(rest, token.place)))
      case 'ifndef':
        return this.#open(token, () => !this.#macros.has(this.#name(rest, token.place)))
      case 'elif':
        return this.#next(token, () => this.#condition(rest, token.place))
      case 'else':
        return this.#next(token, undefined)
      case 'endif':
        if (this.#branches.pop() === undefined)
          this.#diagnostics.error(token.place, 'this #endif ends no #if')
        return
      default:
        if (this.#isActive) this.#activeDirective(token, word, rest)
    }
  }

  #activeDirective(token: Token, word: string, rest: string) {
    const { place } = token
    switch (word) {
      case 'define':
        return this.#defineLine(rest, place)
      case 'undef':
        this.#macros.delete(this.#name(rest, place))
        return
      case 'include':
        return this.#include(rest, place)
      case 'error':
        return this.#diagnostics.error(place, rest === '' ? '#error' : rest)
      case 'warning':
        return this.#diagnostics.warning(place, rest)
      case '':
      case 'pragma':
      case 'ident':
      case 'line':
        return
      default:
        this.#diagnostics.error(place, `there is no directive #${word}`)
    }
  }

  #open(token: Token, holds: () => boolean): void {
    const isOuterActive = this.#isActive
    const isActive = isOuterActive && holds()
    const { place } = token
    this.#branches.push({ place, isOuterActive, isActive, isTaken: isActive, hasElse: false })
  }

  #next(token: Token, holds: (() => boolean) | undefined) {
    const branch = this.#branches.at(-1)
    if (branch === undefined || branch.hasElse)
      return this.#diagnostics.error(token.place, 'this belongs to no #if')
    branch.hasElse = holds === undefined
    branch.isActive = branch.isOuterActive && !branch.isTaken && (holds?.() ?? true)
    branch.isTaken ||= branch.isActive
  }

  #name(rest: string, place: Place): string {
    const name = /^[A-Za-z_]\w*/.exec(rest)?.[0]
    if (name === undefined) this.#diagnostics.error(place, 'a name is missing')
    return name ?? ''
  }

  #defineLine(rest: string, place: Place) {
    const name = this.#name(rest, place)
    if (name === '') return
    if (rest[name.length] === '(')
      return this.#diagnostics.error(place, `the macro ${name} has arguments, which .x files cannot use here`)
    const source = { name: place.source.name, text: rest.slice(name.length) }
    this.#macros.set(name, withoutEnd(tokenize(source, place)))
  }

  #include(rest: string, place: Place) {
    const found = /^"([^"]+)"|^<([^>]+)>/.exec(rest)
    const path = found?.[1] ?? found?.[2]
    if (path === undefined) return this.#diagnostics.error(place, 'write #include "file" or #include <file>')
    if (this.#depth >= INCLUDE_DEPTH_MAX)
      return this.#diagnostics.error(place, `files are included deeper than ${INCLUDE_DEPTH_MAX}`)
    const source = this.#files.find(path, place.source.name, found?.[2] !== undefined)
    if (source === undefined) return this.#diagnostics.error(place, `there is no file ${path}`)
    this.file(source, this.#depth + 1)
  }

  #condition(rest: string, place: Place): boolean {
    const source = { name: place.source.name, text: this.#withDefined(rest) }
    const before = this.tokens.length
    // The tokens are expanded at the end of the list, and taken away again.
    for (const token of withoutEnd(tokenize(source, place))) this.#expand(token, undefined)
    const expanded = this.tokens.splice(before)
    const tokens = cursor([...expanded, { kind: 'end', text: '', place }])
    try {
      const expression = parseExpression(tokens, this.#diagnostics, { isValue: false })
      if (tokens.token.kind !== 'end')
        this.#diagnostics.abandon(place, `${named(tokens.token)} does not belong here`)
      // A name that is no macro is 0, as in C.
      return evaluate(expression, () => 0n, this.#diagnostics) !== 0n
    } catch (error) {
      if (error instanceof Abandoned) return false
      throw error
    }
  }

  #withDefined(rest: string): string {
    return rest.replace(
      /\bdefined\s*(?:\(\s*([A-Za-z_]\w*)\s*\)|([A-Za-z_]\w*))/g,
      (_, inParentheses: string | undefined, bare: string | undefined) =>
        this.#macros.has(inParentheses ?? bare ?? '') ? '1' : '0',
    )
  }

  #external({ text, place }: Token): void {
    const [, name, value] = /^\s*#\s*define\s+([A-Za-z_]\w*)[ \t]+(.+)$/.exec(text) ?? []
    if (name === undefined || value === undefined) return
    const source = { name: place.source.name, text: value }
    this.external.set(name, tokenize(source, place))
  }
}

function withoutEnd(tokens: readonly Token[]): Token[] {
  return tokens.filter(({ kind }) => kind !== 'end' && kind !== 'bad')
}

/** Tokens one after the other; the last, which must be `end`, stays. */
export function cursor(tokens: readonly Token[]): Tokens {
  let at = 0
  const current = (): Token => tokens[at] ?? (tokens.at(-1) as Token)
  return {
    get token() {
      return current()
    },
    advance() {
      const token = current()
      if (at < tokens.length - 1) at++
      return token
    },
  }
}
