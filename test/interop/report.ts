// One line a case, as it ends: ok, FAILED with the reason, or skipped with the reason. And the sum of them.

export class Skip extends Error {}

/** Ends the case under way as skipped. */
export function skip(reason: string): never {
  throw new Skip(reason)
}

export class Report {
  #passed = 0
  /** Their lines. */
  readonly #failed: string[] = []
  #skipped = 0
  readonly #only: string | undefined

  /** `only` runs just the cases whose title contains it. */
  constructor(only: string | undefined) {
    this.#only = only
  }

  /** Runs one case. Never throws: gives undefined when it did not pass. */
  async run<T>(title: string, body: () => Promise<T> | T): Promise<T | undefined> {
    if (this.#only !== undefined && !title.includes(this.#only)) return undefined
    const began = performance.now()
    try {
      const value = await body()
      this.#passed++
      this.#print('ok', title, `${Math.round(performance.now() - began)} ms`)
      return value
    } catch (error) {
      if (error instanceof Skip) this.skipped(title, error.message)
      else {
        this.#failed.push(
          this.#print('FAILED', title, error instanceof Error ? error.message : String(error)),
        )
      }
      return undefined
    }
  }

  skipped(title: string, reason: string): void {
    this.#skipped++
    this.#print('skipped', title, reason)
  }

  /** Prints what failed and the sum; gives the exit code. */
  end(): number {
    for (const line of this.#failed) console.log(line)
    console.log(`${this.#passed} passed, ${this.#failed.length} failed, ${this.#skipped} skipped`)
    return this.#failed.length === 0 ? 0 : 1
  }

  /** Gives the line. */
  #print(verdict: string, title: string, detail: string): string {
    const line = `${verdict.padEnd(7)} ${title} (${detail})`
    console.log(line)
    return line
  }
}

/** Fails the case when the two differ as JSON. */
export function same(found: unknown, expected: unknown, what: string): void {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)]
  if (left === right) return
  throw new Error(`${what}: found ${left?.slice(0, 400)} instead of ${right?.slice(0, 400)}`)
}

/** Fails the case unless the text has the pattern. */
export function has(text: string, pattern: RegExp, what: string): void {
  if (!pattern.test(text))
    throw new Error(`${what}: ${pattern} is not in ${JSON.stringify(text.slice(-600))}`)
}

/** Polls until `found` gives something other than undefined. */
export async function until<T>(what: string, found: () => T | undefined, limitMs = 20_000): Promise<T> {
  const end = performance.now() + limitMs
  for (;;) {
    const value = found()
    if (value !== undefined) return value
    if (performance.now() > end) throw new Error(`${what}: not within ${limitMs} ms`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
