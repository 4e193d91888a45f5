// What a checked .x file says: every name is known, every number is a number, anonymous types have names, and lists are
// recognised. What is emitted comes from this alone.

import type { Base } from '../grammar/syntax.ts'

/** A length or bound; `constant` is the constant that it was written as. */
export interface Size {
  readonly value: number
  readonly constant: string | undefined
}

/** A type where it is used. */
export type Use =
  | { readonly kind: 'base'; readonly base: Base }
  | { readonly kind: 'string'; readonly max: Size | undefined }
  | { readonly kind: 'opaque'; readonly length: Size }
  | { readonly kind: 'varOpaque'; readonly max: Size | undefined }
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'array'; readonly of: Use; readonly length: Size }
  | { readonly kind: 'varArray'; readonly of: Use; readonly max: Size | undefined }
  | { readonly kind: 'optional'; readonly of: Use }
  /** A linked list of the struct `node`, which has no link of its own here; `isFull` when its first node must be there. */
  | { readonly kind: 'list'; readonly node: string; readonly isFull: boolean }
  | { readonly kind: 'void' }
  | { readonly kind: 'tuple'; readonly of: readonly NamedUse[] }

export interface NamedUse {
  readonly name: string | undefined
  readonly use: Use
}

interface Documented {
  readonly doc: string | undefined
}

export interface Field extends Documented {
  readonly name: string
  readonly use: Use
}

/** A value that selects an arm; `member` is the member of the enum that it was written as. */
export interface Case {
  readonly value: bigint | boolean
  readonly member: string | undefined
}

export interface Arm extends Documented {
  readonly cases: readonly Case[] | 'default'
  /** Undefined for void. */
  readonly field: Field | undefined
}

export interface ConstSchema extends Documented {
  readonly kind: 'const'
  readonly name: string
  readonly value: bigint | string
}
export interface EnumSchema extends Documented {
  readonly kind: 'enum'
  readonly name: string
  readonly members: readonly (Documented & { readonly name: string; readonly value: number })[]
}
export interface StructSchema extends Documented {
  readonly kind: 'struct'
  readonly name: string
  /** Without the link of a list node. */
  readonly fields: readonly Field[]
  /** The field that was its link; undefined when it is no list node. */
  readonly link: string | undefined
}
export interface UnionSchema extends Documented {
  readonly kind: 'union'
  readonly name: string
  readonly discriminant: {
    readonly name: string
    readonly use: Use
    /** The enum that the cases are members of. */
    readonly enum: string | undefined
    readonly type: 'int' | 'hyper' | 'bool' | 'enum'
  }
  readonly arms: readonly Arm[]
}
export interface TypedefSchema extends Documented {
  readonly kind: 'typedef'
  readonly name: string
  readonly use: Use
}

export type TypeSchema = EnumSchema | StructSchema | UnionSchema | TypedefSchema

export interface ProcedureSchema extends Documented {
  readonly name: string
  readonly number: number
  readonly argument: Use
  readonly result: Use
}
export interface VersionSchema extends Documented {
  readonly name: string
  readonly number: number
  readonly procedures: readonly ProcedureSchema[]
}
export interface ProgramSchema extends Documented {
  readonly name: string
  readonly number: number
  readonly versions: readonly VersionSchema[]
}

/** Everything in the order of the source. */
export interface Schema {
  readonly constants: readonly ConstSchema[]
  readonly types: readonly TypeSchema[]
  readonly programs: readonly ProgramSchema[]
}
