// What the lexer cuts a source into.

import type { Place } from './source.ts'

/**
 * `pass` is a line that begins with %, which rpcgen hands to C; `directive` a line that begins with #; `bad` what is no
 * token, which matters only where it is not skipped by #if.
 */
export type TokenKind =
  | 'word'
  | 'number'
  | 'string'
  | 'character'
  | 'symbol'
  | 'pass'
  | 'directive'
  | 'bad'
  | 'end'

export interface Token {
  readonly kind: TokenKind
  /** As written; of a pass or directive the rest of the line, continued lines joined. */
  readonly text: string
  readonly place: Place
  /** The comment that stands directly above, without its marks. */
  readonly doc?: string | undefined
  /** The comment that follows in the same line. */
  trailing?: string | undefined
}

/** Whether it is this symbol or word. */
export function is(token: Token, text: string): boolean {
  return (token.kind === 'symbol' || token.kind === 'word') && token.text === text
}
