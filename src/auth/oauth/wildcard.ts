// Names with `*` for any characters, as RabbitMQ's scopes have them: what stands between the stars is URL-encoded, so that
// `%2F` is a slash and `%2A` a star. Matched by hand: as a regular expression many stars would take time without end.

export class Wildcard {
  /** What stands between the stars. */
  readonly #parts: readonly string[]

  private constructor(parts: readonly string[]) {
    this.#parts = parts
  }

  /** Undefined when the pattern is not properly encoded. */
  static parse(pattern: string): Wildcard | undefined {
    try {
      return new Wildcard(pattern.split('*').map(part => decodeURIComponent(part.replaceAll('+', ' '))))
    } catch {
      return undefined // a percent sign that encodes nothing
    }
  }

  matches(name: string): boolean {
    const parts = this.#parts
    const [first = '', ...rest] = parts
    const last = rest.pop()
    if (last === undefined) return name === first
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
      return false
    const end = name.length - last.length
    let at = first.length
    for (const part of rest) {
      const found = name.indexOf(part, at)
      if (found < 0 || found + part.length > end) return false
      at = found + part.length
    }
    return true
  }
}
