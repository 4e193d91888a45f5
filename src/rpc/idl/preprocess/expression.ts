// Constant expressions: of #if, and of values, where macros leave more than a number. Parsed into a tree first, because
// the names in a value are known only when all is read.

import { NESTING_MAX } from '../limits.ts'
import type { Diagnostics } from '../source/diagnostic.ts'
import type { Place } from '../source/source.ts'
import type { Token } from '../source/token.ts'

export type Expression =
  | { readonly kind: 'number'; readonly value: bigint; readonly text: string; readonly place: Place }
  | { readonly kind: 'name'; readonly name: string; readonly place: Place }
  | { readonly kind: 'unary'; readonly operator: string; readonly of: Expression; readonly place: Place }
  | {
      readonly kind: 'binary'
      readonly operator: string
      readonly left: Expression
      readonly right: Expression
      readonly place: Place
    }

/** What the parser reads from. */
export interface Tokens {
  readonly token: Token
  advance(): Token
}

/** C's binary operators; those that bind more tightly have larger numbers. */
const precedence: Readonly<Record<string, number>> = {
  ...{ '||': 1, '&&': 2, '|': 3, '^': 4, '&': 5, '==': 6, '!=': 6 },
  ...{ '<': 7, '<=': 7, '>': 7, '>=': 7, '<<': 8, '>>': 8, '+': 9, '-': 9, '*': 10, '/': 10, '%': 10 },
}

/** What a value may have: < and > are its brackets. */
const valueOperators = new Set(['|', '^', '&', '<<', '>>', '+', '-', '*', '/', '%'])

/** Parses an expression. `isValue` leaves out comparisons, whose signs are brackets where values stand. */
export function parseExpression(
  tokens: Tokens,
  diagnostics: Diagnostics,
  { isValue }: { readonly isValue: boolean },
): Expression {
  return binary(tokens, diagnostics, isValue, isValue ? 3 : 1, 0)
}

function binary(
  tokens: Tokens,
  diagnostics: Diagnostics,
  isValue: boolean,
  min: number,
  depth: number,
): Expression {
  let left = unary(tokens, diagnostics, isValue, depth)
  for (;;) {
    const { token } = tokens
    const level = token.kind === 'symbol' ? precedence[token.text] : undefined
    if (level === undefined || level < min || (isValue && !valueOperators.has(token.text))) return left
    tokens.advance()
    const right = binary(tokens, diagnostics, isValue, level + 1, depth + 1)
    left = { kind: 'binary', operator: token.text, left, right, place: token.place }
  }
}

function unary(tokens: Tokens, diagnostics: Diagnostics, isValue: boolean, depth: number): Expression {
  const { token } = tokens
  if (depth > NESTING_MAX) diagnostics.abandon(token.place, `this is nested deeper than ${NESTING_MAX}`)
  if (token.kind === 'symbol' && ['-', '+', '~', '!'].includes(token.text)) {
    tokens.advance()
    const of = unary(tokens, diagnostics, isValue, depth + 1)
    return { kind: 'unary', operator: token.text, of, place: token.place }
  }
  if (token.kind === 'symbol' && token.text === '(') {
    tokens.advance()
    const inner = binary(tokens, diagnostics, isValue, isValue ? 3 : 1, depth + 1)
    if (tokens.token.text !== ')')
      diagnostics.abandon(tokens.token.place, `')' is missing before ${named(tokens.token)}`)
    tokens.advance()
    return inner
  }
  if (token.kind === 'number') {
    tokens.advance()
    return { kind: 'number', value: numberOf(token.text), text: token.text, place: token.place }
  }
  if (token.kind === 'character') {
    tokens.advance()
    return { kind: 'number', value: characterOf(token.text), text: token.text, place: token.place }
  }
  if (token.kind === 'word') {
    tokens.advance()
    return { kind: 'name', name: token.text, place: token.place }
  }
  return diagnostics.abandon(token.place, `a number or a name is expected, not ${named(token)}`)
}

/** How a message speaks of a token. */
export function named(token: Token): string {
  if (token.kind === 'end') return 'the end of the file'
  return `'${token.text.length > 30 ? `${token.text.slice(0, 30)}...` : token.text}'`
}

/** The value; `lookup` gives that of a name, or undefined when it reported that there is none. */
export function evaluate(
  expression: Expression,
  lookup: (name: string, place: Place) => bigint | undefined,
  diagnostics: Diagnostics,
): bigint | undefined {
  switch (expression.kind) {
    case 'number':
      return expression.value
    case 'name':
      return lookup(expression.name, expression.place)
    case 'unary': {
      const of = evaluate(expression.of, lookup, diagnostics)
      return of === undefined ? undefined : applyUnary(expression.operator, of)
    }
    case 'binary': {
      const left = evaluate(expression.left, lookup, diagnostics)
      const right = evaluate(expression.right, lookup, diagnostics)
      if (left === undefined || right === undefined) return undefined
      const value = applyBinary(expression.operator, left, right)
      if (value === undefined)
        diagnostics.error(expression.place, `${left} ${expression.operator} ${right} has no value`)
      return value
    }
  }
}

function applyUnary(operator: string, value: bigint): bigint {
  if (operator === '-') return -value
  if (operator === '~') return ~value
  return operator === '!' ? truth(value === 0n) : value
}

const SHIFT_MAX = 64n

function applyBinary(operator: string, left: bigint, right: bigint): bigint | undefined {
  switch (operator) {
    case '||':
      return truth(left !== 0n || right !== 0n)
    case '&&':
      return truth(left !== 0n && right !== 0n)
    case '|':
      return left | right
    case '^':
      return left ^ right
    case '&':
      return left & right
    case '==':
      return truth(left === right)
    case '!=':
      return truth(left !== right)
    case '<':
      return truth(left < right)
    case '<=':
      return truth(left <= right)
    case '>':
      return truth(left > right)
    case '>=':
      return truth(left >= right)
    case '<<':
      return right < 0n || right > SHIFT_MAX ? undefined : left << right
    case '>>':
      return right < 0n || right > SHIFT_MAX ? undefined : left >> right
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return right === 0n ? undefined : left / right
    default:
      return right === 0n ? undefined : left % right
  }
}

function truth(value: boolean): bigint {
  return value ? 1n : 0n
}

/** Decimal, hexadecimal, octal; C's suffixes say nothing here. */
export function numberOf(text: string): bigint {
  const digits = text.replace(/[uUlL]+$/, '')
  if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits.slice(1)}`)
  return BigInt(digits)
}

const escapes: Readonly<Record<string, number>> = {
  ...{ n: 10, t: 9, r: 13, '0': 0, a: 7, b: 8, f: 12, v: 11 },
}

function characterOf(text: string): bigint {
  const inner = text.slice(1, -1)
  if (!inner.startsWith('\\')) return BigInt(inner.codePointAt(0) ?? 0)
  if (/^\\x[0-9A-Fa-f]+$/.test(inner)) return BigInt(`0x${inner.slice(2)}`)
  if (/^\\[0-7]+$/.test(inner)) return BigInt(`0o${inner.slice(1)}`)
  return BigInt(escapes[inner[1] ?? ''] ?? inner.codePointAt(1) ?? 0)
}
