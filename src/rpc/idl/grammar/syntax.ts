// The tree of an .x file: what is written, names not yet looked up (RFC 4506, 6.3; RFC 5531, 12; and what rpcgen adds).

import type { Expression } from '../preprocess/expression.ts'
import type { Place } from '../source/source.ts'

export interface Name {
  readonly text: string
  readonly place: Place
}

/** The comment that explains, if there is one. */
export interface Documented {
  readonly doc: string | undefined
}

/** A number, or an expression of numbers and names. */
export type Value = Expression

/** Types that XDR and rpcgen have by themselves, under one name each. */
export type Base =
  | 'int'
  | 'unsigned int'
  | 'hyper'
  | 'unsigned hyper'
  | 'float'
  | 'double'
  | 'quadruple'
  | 'bool'
  | 'char'
  | 'unsigned char'
  | 'short'
  | 'unsigned short'

export type TypeSpecifier =
  | { readonly kind: 'base'; readonly base: Base }
  | { readonly kind: 'named'; readonly name: Name }
  | { readonly kind: 'enum'; readonly members: readonly Member[] }
  | { readonly kind: 'struct'; readonly fields: readonly Declaration[] }
  | ({ readonly kind: 'union' } & UnionBody)

export interface Member extends Documented {
  readonly name: Name
  readonly value: Value | undefined
}

/** What a declared name holds: one value, or several in one of the shapes. */
export type Shape =
  | { readonly kind: 'one' }
  | { readonly kind: 'fixed'; readonly size: Value }
  | { readonly kind: 'variable'; readonly size: Value | undefined }
  | { readonly kind: 'optional' }

export interface Declaration extends Documented {
  readonly name: Name
  readonly type: TypeSpecifier | { readonly kind: 'opaque' } | { readonly kind: 'string' }
  readonly shape: Shape
}

export interface UnionBody {
  readonly discriminant: { readonly name: Name; readonly type: TypeSpecifier }
  readonly arms: readonly UnionArm[]
}

export interface UnionArm extends Documented {
  readonly place: Place
  /** 'default', or the values of its cases. */
  readonly cases: readonly Value[] | 'default'
  /** Undefined for void. */
  readonly declaration: Declaration | undefined
}

/** A type where a procedure takes or gives it: no name is needed. */
export type ProcedureType =
  | { readonly kind: 'void' }
  | {
      readonly kind: 'declared'
      readonly type: Declaration['type']
      readonly shape: Shape
      readonly name: Name | undefined
      readonly place: Place
    }

export interface ProcedureDefinition extends Documented {
  readonly name: Name
  readonly number: Value
  readonly result: ProcedureType
  /** At least one; void alone for none. */
  readonly parameters: readonly ProcedureType[]
}

export interface VersionDefinition extends Documented {
  readonly name: Name
  readonly number: Value
  readonly procedures: readonly ProcedureDefinition[]
}

export type Definition =
  | ({ readonly kind: 'const'; readonly name: Name; readonly value: Value } & Documented)
  | ({ readonly kind: 'text'; readonly name: Name; readonly text: string } & Documented)
  | ({ readonly kind: 'enum'; readonly name: Name; readonly members: readonly Member[] } & Documented)
  | ({ readonly kind: 'struct'; readonly name: Name; readonly fields: readonly Declaration[] } & Documented)
  | ({ readonly kind: 'union'; readonly name: Name; readonly body: UnionBody } & Documented)
  | ({ readonly kind: 'typedef'; readonly declaration: Declaration } & Documented)
  | ({
      readonly kind: 'program'
      readonly name: Name
      readonly number: Value
      readonly versions: readonly VersionDefinition[]
    } & Documented)
  | { readonly kind: 'pass'; readonly text: string; readonly place: Place }

export interface Specification {
  readonly definitions: readonly Definition[]
}
