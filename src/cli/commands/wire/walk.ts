// Takes a message apart along its table: each field with its place in the bytes, also where the bytes stop making sense.
// It reads lengths, nulls and tag sections itself, after Kafka's protocol guide ("Protocol Primitive Types", KIP-482), and
// leaves single values to the table's own codecs; so what it prints is a second opinion on what the codecs do.

import { type AnyField, type Fields, type Form, type Reader, WireError } from '../../../bytes/index.ts'

/** One line: a value, or a struct or array with its parts below. */
export interface Part {
  /** `topics[0].name` */
  readonly path: string
  readonly kind: string
  readonly offset: number
  readonly bytes: number
  /** Undefined for a struct. */
  readonly value?: unknown
}

/** Hands over the parts of a message in the order of their bytes. Errors: WireError, after the parts before it. */
export function walk(
  from: Reader,
  fields: Fields,
  version: number,
  flexible: boolean,
  onPart: (part: Part) => void,
): void {
  new Walker(from, { version, flexible, way: 'walked' }, onPart).struct(fields, '')
}

class Walker {
  readonly #from: Reader
  readonly #form: Form
  readonly #onPart: (part: Part) => void

  constructor(from: Reader, form: Form, onPart: (part: Part) => void) {
    this.#from = from
    this.#form = form
    this.#onPart = onPart
  }

  struct(fields: Fields, prefix: string): void {
    const { version } = this.#form
    for (const [name, field] of Object.entries(fields))
      if (field.existsAt(version) && !field.isTaggedAt(version)) this.#field(field, `${prefix}${name}`)
    if (this.#form.flexible) this.#tags(fields, prefix)
  }

  #field(field: AnyField, path: string): void {
    const { kind } = field
    if (kind.element !== undefined) this.#array(kind.element, kind.name, path)
    else if (kind.fields !== undefined) this.#nested(field, kind.fields, path)
    else this.#value(field, path)
  }

  #value(field: AnyField, path: string): void {
    const offset = this.#from.at
    const value: unknown = this.#named(path, () => field.codec(this.#form).read(this.#from))
    this.#onPart({ path, kind: field.kind.name, offset, bytes: this.#from.at - offset, value })
  }

  #nested(field: AnyField, fields: Fields, path: string): void {
    const offset = this.#from.at
    if (field.isNullableAt(this.#form.version) && this.#named(path, () => this.#from.int8()) < 0)
      this.#onPart({ path, kind: 'struct', offset, bytes: 1, value: null })
    else this.struct(fields, `${path}.`)
  }

  #array(element: AnyField, kind: string, path: string): void {
    const from = this.#from
    const offset = from.at
    const count = this.#named(path, () => {
      const declared = this.#form.flexible ? from.uvarint() - 1 : from.int32()
      return declared < 0 ? declared : from.elements(declared)
    })
    const value = count < 0 ? null : `${count} ${count === 1 ? 'element' : 'elements'}`
    this.#onPart({ path, kind, offset, bytes: from.at - offset, value })
    for (let at = 0; at < count; at++) this.#field(element, `${path}[${at}]`)
  }

  #tags(fields: Fields, prefix: string): void {
    const from = this.#from
    const path = `${prefix}tags`
    const offset = from.at
    const count = this.#named(path, () => from.elements(from.uvarint()))
    this.#onPart({ path, kind: 'tags', offset, bytes: from.at - offset, value: `${count} tagged` })
    for (let n = 0; n < count; n++) this.#tag(fields, prefix)
  }

  #tag(fields: Fields, prefix: string): void {
    const from = this.#from
    const { tag, size } = this.#named(`${prefix}tags`, () => ({ tag: from.uvarint(), size: from.uvarint() }))
    const { version } = this.#form
    const known = Object.entries(fields).find(([, one]) => one.isTaggedAt(version) && one.shape.tag === tag)
    if (known === undefined) this.#unknownTag(`${prefix}tag${tag}`, size)
    else this.#field(known[1], `${prefix}${known[0]}`)
  }

  #unknownTag(path: string, size: number): void {
    const offset = this.#from.at
    const value = this.#named(path, () => this.#from.take(size))
    this.#onPart({ path, kind: 'bytes', offset, bytes: size, value })
  }

  #named<T>(path: string, step: () => T): T {
    try {
      return step()
    } catch (error) {
      if (!(error instanceof WireError) || error.path !== '') throw error
      throw new WireError(error.code, error.offset, error.message.replace(/, at byte \d+$/, ''), path)
    }
  }
}
