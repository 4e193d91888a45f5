// A field of a wire table: its kind, the versions that have it, its default.

import type { Codec, Form, Kind } from './kind.ts'

interface Shape<Out> {
  readonly since: number
  readonly until: number
  readonly nullableSince: number | undefined
  readonly nullableUntil: number
  readonly tag: number | undefined
  readonly tagSince: number
  readonly otherwise: Out
}

/** One declared field. Every method gives a new field. `Optional` says that a writer may leave it out. */
export class Field<Out, In = Out, Optional extends boolean = false> {
  readonly kind: Kind<unknown, unknown>
  readonly shape: Shape<unknown>
  // Phantom: carries the three types for Of and Input.
  declare readonly types: { readonly out: Out; readonly in: In; readonly optional: Optional }

  constructor(kind: Kind<unknown, unknown>, shape?: Shape<unknown>) {
    this.kind = kind
    this.shape = shape ?? {
      since: 0,
      until: Number.POSITIVE_INFINITY,
      nullableSince: undefined,
      nullableUntil: Number.POSITIVE_INFINITY,
      tag: undefined,
      tagSince: 0,
      otherwise: kind.zero,
    }
  }

  /** May be null from `since` on. */
  nullable(since = 0, until = Number.POSITIVE_INFINITY): Field<Out | null, In | null, Optional> {
    return new Field(this.kind, { ...this.shape, nullableSince: since, nullableUntil: until })
  }
  /** Exists from this version on. */
  since(version: number): Field<Out, In, true> {
    return new Field(this.kind, { ...this.shape, since: version })
  }
  /** Exists up to this version. */
  until(version: number): Field<Out, In, true> {
    return new Field(this.kind, { ...this.shape, until: version })
  }
  /** What it holds at versions that do not have it, and when a writer leaves it out. */
  default(value: Out): Field<Out, In, true> {
    return new Field(this.kind, { ...this.shape, otherwise: value })
  }
  /** Travels in the tag section under this number, from `since` on, and only when it differs from its default. */
  tagged(tag: number, since: number): Field<Out, In, true> {
    return new Field(this.kind, {
      ...this.shape,
      tag,
      tagSince: since,
      since: Math.max(since, this.shape.since),
    })
  }

  existsAt(version: number): boolean {
    return version >= this.shape.since && version <= this.shape.until
  }
  isTaggedAt(version: number): boolean {
    return this.shape.tag !== undefined && version >= this.shape.tagSince && this.existsAt(version)
  }
  isNullableAt(version: number): boolean {
    const { nullableSince, nullableUntil } = this.shape
    return nullableSince !== undefined && version >= nullableSince && version <= nullableUntil
  }

  codec(form: Form): Codec<unknown, unknown> {
    if (!this.isNullableAt(form.version)) return this.kind.codec(form)
    if (this.kind.nullable === undefined) throw new TypeError(`the kind ${this.kind.name} has no null`)
    return this.kind.nullable(form)
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a field of any types; OutOf and InOf read them from the declaration
export type AnyField = Field<any, any, boolean>

export type Fields = Readonly<Record<string, AnyField>>

type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K]['types']['optional'] extends true ? K : never
}[keyof F]

/** What a reader gives: every field, absent ones at their default. */
export type OutOf<F extends Fields> = { readonly [K in keyof F]: F[K]['types']['out'] }

/** What a writer takes: fields with a default may be left out. */
export type InOf<F extends Fields> = {
  readonly [K in Exclude<keyof F, OptionalKeys<F>>]: F[K]['types']['in']
} & { readonly [K in OptionalKeys<F>]?: F[K]['types']['in'] | undefined }
