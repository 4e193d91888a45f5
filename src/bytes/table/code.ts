// Codecs as code made from strings: compiling, calling or inlining another codec, and making each codec once, also when
// its table leads back to itself.

import type { Reader } from '../reader.ts'
import type { Writer } from '../writer.ts'
import type { Codec, Form } from './kind.ts'

type AnyCodec = Codec<unknown, unknown>

/**
 * What the body of a function gives in which `bindings` are names, or undefined where the runtime forbids making code
 * from strings. The source is ours: what a table brings into it goes through JSON.stringify.
 */
export function code(source: string, bindings: Readonly<Record<string, unknown>>): AnyCodec | undefined {
  try {
    return new Function(...Object.keys(bindings), source)(...Object.values(bindings)) as AnyCodec
  } catch (error) {
    if (error instanceof EvalError) return undefined
    throw error
  }
}

/** The expression that reads a value with `codec`, which is bound to `name`. */
export function readOf(codec: AnyCodec, name: string): string {
  return codec.inline?.read ?? `${name}.read(r)`
}

/** The expression that writes `value`, the name of a variable, with `codec`, which is bound to `name`. */
export function writeOf(codec: AnyCodec, name: string, value: string): string {
  return codec.inline?.write?.(value, name) ?? `${name}.write(w, ${value})`
}

/**
 * Makes the codec of a form at its first use. A table that leads back to itself gets, for the inner use, a codec that
 * stands for the one under way; each pass through it counts as one level of depth.
 */
export function oncePerForm(make: (form: Form) => AnyCodec): (form: Form) => AnyCodec {
  const made = new Map<string, AnyCodec>()
  return form => {
    const key = `${form.version} ${form.flexible} ${form.way}`
    const found = made.get(key)
    if (found !== undefined) return found
    const inner = new InnerCodec()
    made.set(key, inner)
    try {
      inner.whole = make(form)
      made.set(key, inner.whole)
      return inner.whole
    } catch (error) {
      made.delete(key)
      throw error
    }
  }
}

/** A value inside a value of its own kind. */
class InnerCodec implements AnyCodec {
  whole: AnyCodec | undefined

  read(from: Reader): unknown {
    from.enter()
    const value = this.#found().read(from)
    from.leave()
    return value
  }

  write(to: Writer, value: unknown): void {
    to.enter()
    this.#found().write(to, value)
    to.leave()
  }

  #found(): AnyCodec {
    if (this.whole === undefined) throw new TypeError('a codec was used while it was being made')
    return this.whole
  }
}
