// A regular expression over names that remembers its answers, a bounded number of them: a publisher asks for the same
// exchange with every message. Variables in braces stand for what the asker brings, literally.

import { namePattern, PATTERN_LENGTH_MAX } from '../name-pattern.ts'
import type { TopicVariables } from './permissions.ts'

/** Answers of one expression, and expressions with variables filled in, that are remembered. */
export const REMEMBERED_MAX = 1000
/** Of an expression with variables, each filling remembers fewer. */
const REMEMBERED_OF_FILLING_MAX = 100

const variable = /\{(username|vhost|client_id)\}/g

export class RememberedPattern {
  readonly #text: string
  /** Undefined where variables must be filled in first. */
  readonly #pattern: RegExp | undefined
  readonly #max: number
  readonly #answers = new Map<string, boolean>()
  readonly #fillings = new Map<string, RememberedPattern>()

  /** '' matches nothing, as RabbitMQ has it. Errors: ARGUMENT_INVALID. */
  constructor(
    text: string,
    { variables = false, max = REMEMBERED_MAX, lengthMax = PATTERN_LENGTH_MAX } = {},
  ) {
    this.#text = text
    this.#max = max
    const pattern = namePattern(text === '' ? '^$' : text, lengthMax)
    this.#pattern = variables && text.search(variable) >= 0 ? undefined : pattern
  }

  matches(name: string, variables: TopicVariables = nobody): boolean {
    if (this.#pattern === undefined) return this.#filled(variables).matches(name)
    const known = this.#answers.get(name)
    if (known !== undefined) return known
    const answer = this.#pattern.test(name)
    remember(this.#answers, name, answer, this.#max)
    return answer
  }

  #filled(variables: TopicVariables): RememberedPattern {
    const text = this.#text.replace(variable, (_all, name: keyof TopicVariables) =>
      literal(variables[name] ?? ''),
    )
    const known = this.#fillings.get(text)
    if (known !== undefined) return known
    // What was filled in is literal, so however long it is, the expression is no slower.
    const options = { max: REMEMBERED_OF_FILLING_MAX, lengthMax: Number.POSITIVE_INFINITY }
    const filled = new RememberedPattern(text, options)
    remember(this.#fillings, text, filled, REMEMBERED_OF_FILLING_MAX)
    return filled
  }
}

const nobody: TopicVariables = { username: '', vhost: '' }

/** When it is full everything is forgotten: what is asked often comes back at once. */
function remember<V>(memory: Map<string, V>, key: string, value: V, max: number): void {
  if (memory.size >= max) memory.clear()
  memory.set(key, value)
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
