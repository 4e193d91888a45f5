// Patterns that topics are subscribed by (KIP-848: RE2). JavaScript's own regular expressions may take exponential time
// on a pattern that a stranger sends, so this is a small automaton of its own: one pass over the name, time at most
// steps times characters. It knows what topic names need: literals, `.`, classes, groups, `|`, `* + ? {m,n}`,
// `^ $`, `\d \w \s` and their opposites, `(?i)` in front. The whole name must match.

import { BrokerError } from '../../errors.ts'
import { groupLimits } from '../limits.ts'

export interface Pattern {
  matches(name: string): boolean
}

type Test = (character: string) => boolean

type Node =
  | { readonly kind: 'one'; readonly test: Test }
  | { readonly kind: 'edge'; readonly at: 'start' | 'end' }
  | { readonly kind: 'all'; readonly of: readonly Node[] }
  | { readonly kind: 'any'; readonly of: readonly Node[] }
  | { readonly kind: 'repeat'; readonly of: Node; readonly min: number; readonly max: number }

type Step =
  | { readonly kind: 'one'; readonly test: Test }
  | { readonly kind: 'edge'; readonly at: 'start' | 'end' }
  | { readonly kind: 'split'; readonly to: readonly number[] }

/** Errors: PATTERN_INVALID naming the place and what is wrong there. */
export function compilePattern(source: string): Pattern {
  if (source.length > groupLimits.patternLengthMax)
    throw new BrokerError(
      'PATTERN_INVALID',
      `a pattern of ${source.length} characters is longer than ${groupLimits.patternLengthMax}`,
    )
  const foldCase = source.startsWith('(?i)')
  const node = new Parser(source, foldCase ? 4 : 0, foldCase).parse()
  const steps: Step[] = []
  emit(node, steps, source)
  return { matches: name => run(steps, name) }
}

class Parser {
  readonly #source: string
  readonly #foldCase: boolean
  #at: number
  #depth = 0

  constructor(source: string, at: number, foldCase: boolean) {
    this.#source = source
    this.#at = at
    this.#foldCase = foldCase
  }

  parse(): Node {
    const node = this.#alternatives()
    if (this.#at < this.#source.length) throw this.#flaw('a ) without (')
    return node
  }

  #alternatives(): Node {
    if (++this.#depth > DEPTH_MAX) throw this.#flaw(`groups deeper than ${DEPTH_MAX}`)
    const of = [this.#sequence()]
    while (this.#take('|')) of.push(this.#sequence())
    this.#depth--
    return { kind: 'any', of }
  }

  #sequence(): Node {
    const of: Node[] = []
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek())
      of.push(this.#repeated(this.#atom()))
    return { kind: 'all', of }
  }

  #repeated(of: Node): Node {
    const range = this.#range()
    if (range === undefined) return of
    this.#take('?') // lazy or not, the same names match
    const [min, max] = range
    if (this.#range() !== undefined) throw this.#flaw('a repetition of a repetition')
    return { kind: 'repeat', of, min, max }
  }

  #range(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY]
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY]
    if (this.#take('?')) return [0, 1]
    const counted = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(
      this.#source.slice(this.#at, this.#at + COUNT_LENGTH_MAX),
    )
    if (counted === null) return undefined
    this.#at += counted[0].length
    const min = Number(counted[1])
    const max =
      counted[2] === undefined ? min : counted[3] === '' ? Number.POSITIVE_INFINITY : Number(counted[3])
    if (min > max) throw this.#flaw(`{${min},${max}} counts down`)
    return [min, max]
  }

  #atom(): Node {
    const character = this.#next()
    if (character === '(') return this.#group()
    if (character === '[') return this.#one(this.#characterClass())
    if (character === '.') return this.#one(() => true)
    if (character === '^') return { kind: 'edge', at: 'start' }
    if (character === '$') return { kind: 'edge', at: 'end' }
    if (character === '\\') return this.#one(this.#escaped())
    if ('*+?'.includes(character)) throw this.#flaw(`'${character}' repeats nothing`)
    return this.#one(this.#literal(character))
  }

  #group(): Node {
    if (this.#take('?') && !this.#take(':')) throw this.#flaw('only groups ( and (?: are known')
    const node = this.#alternatives()
    if (!this.#take(')')) throw this.#flaw('a ( without )')
    return node
  }

  #characterClass(): Test {
    const negated = this.#take('^')
    const tests: Test[] = []
    do tests.push(this.#classItem())
    while (!this.#take(']'))
    return character => tests.some(test => test(character)) !== negated
  }

  #classItem(): Test {
    const from = this.#next()
    if (from === '\\') return this.#escaped()
    if (from === '[' && this.#peek() === ':')
      throw this.#flaw('named classes such as [:alpha:] are not known')
    if (this.#peek() !== '-' || this.#source[this.#at + 1] === ']') return this.#literal(from)
    this.#next()
    const to = this.#next()
    if (from > to) throw this.#flaw(`the range ${from}-${to} counts down`)
    return this.#folded(character => character >= from && character <= to)
  }

  #escaped(): Test {
    const character = this.#next()
    const known = classes[character]
    if (known !== undefined) return known
    if (/[A-Za-z0-9]/.test(character)) throw this.#flaw(`the escape \\${character} is not known`)
    return this.#literal(character)
  }

  #literal(character: string): Test {
    return this.#folded(one => one === character)
  }
  #folded(test: Test): Test {
    return this.#foldCase ? one => test(one.toLowerCase()) || test(one.toUpperCase()) : test
  }
  #one(test: Test): Node {
    return { kind: 'one', test }
  }

  #peek(): string | undefined {
    return this.#source[this.#at]
  }
  #next(): string {
    const character = this.#source[this.#at++]
    if (character === undefined) throw this.#flaw('it ends too early')
    return character
  }
  #take(character: string): boolean {
    if (this.#peek() !== character) return false
    this.#at++
    return true
  }

  #flaw(problem: string): BrokerError {
    return new BrokerError(
      'PATTERN_INVALID',
      `the pattern '${this.#source}' is wrong near character ${this.#at}: ${problem}`,
    )
  }
}

/** Groups within groups. */
const DEPTH_MAX = 50
/** Characters of a counted repetition: {1234,1234}. */
const COUNT_LENGTH_MAX = 12

const classes: Readonly<Record<string, Test>> = {
  d: one => /\d/.test(one),
  D: one => /\D/.test(one),
  w: one => /\w/.test(one),
  W: one => /\W/.test(one),
  s: one => /\s/.test(one),
  S: one => /\S/.test(one),
}

function emit(node: Node, steps: Step[], source: string): void {
  if (steps.length > groupLimits.patternStepsMax)
    throw new BrokerError(
      'PATTERN_INVALID',
      `the pattern '${source}' has more than ${groupLimits.patternStepsMax} steps: repeat less`,
    )
  if (node.kind === 'all') for (const one of node.of) emit(one, steps, source)
  else if (node.kind === 'any') emitAny(node.of, steps, source)
  else if (node.kind === 'repeat') emitRepeat(node, steps, source)
  else steps.push(node)
}

function emitAny(of: readonly Node[], steps: Step[], source: string): void {
  const fork: number[] = []
  steps.push({ kind: 'split', to: fork })
  const exits = of.map(one => {
    fork.push(steps.length)
    emit(one, steps, source)
    const exit: number[] = []
    steps.push({ kind: 'split', to: exit })
    return exit
  })
  for (const exit of exits) exit.push(steps.length)
}

function emitRepeat(
  { of, min, max }: Extract<Node, { kind: 'repeat' }>,
  steps: Step[],
  source: string,
): void {
  for (let n = 0; n < min; n++) {
    const before = steps.length
    emit(of, steps, source)
    if (steps.length === before) return // nothing repeated is nothing, however often
  }
  if (max === Number.POSITIVE_INFINITY) {
    const again = steps.length
    const fork = [again + 1]
    steps.push({ kind: 'split', to: fork })
    emit(of, steps, source)
    steps.push({ kind: 'split', to: [again] })
    fork.push(steps.length)
    return
  }
  const forks: number[][] = []
  for (let n = min; n < max; n++) {
    const fork = [steps.length + 1]
    steps.push({ kind: 'split', to: fork })
    emit(of, steps, source)
    forks.push(fork)
  }
  for (const fork of forks) fork.push(steps.length)
}

/** All places that the automaton can be in at once, moved on by one character at a time. */
function run(steps: readonly Step[], name: string): boolean {
  let places = new Set<number>()
  enter(places, steps, 0, name, 0)
  for (let at = 0; at < name.length && places.size > 0; at++) {
    const next = new Set<number>()
    for (const place of places) {
      const step = steps[place]
      if (step?.kind === 'one' && step.test(name[at] ?? '')) enter(next, steps, place + 1, name, at + 1)
    }
    places = next
  }
  return places.has(steps.length)
}

function enter(places: Set<number>, steps: readonly Step[], place: number, name: string, at: number): void {
  const toDo = [place]
  for (let one = toDo.pop(); one !== undefined; one = toDo.pop()) {
    if (places.has(one)) continue
    places.add(one)
    const step = steps[one]
    if (step?.kind === 'split') toDo.push(...step.to)
    else if (step?.kind === 'edge' && (step.at === 'start' ? at === 0 : at === name.length))
      toDo.push(one + 1)
  }
}
